/* SPDX-License-Identifier: MIT */
/*
 * The table of outputs. See output.h.
 */
#include "output/output.h"

#include <string.h>

const struct output outputs[] = {
    {"table", "a report to read: what was measured and how, the answer, one line a region", output_table,
        .takes_value = true, .parts = PARTS_EACH},
    {"json", "one JSON object, schema hakmem-trace/1 (docs/json.md)", output_json, .parts = PARTS_EACH},
    {"csv", "one line a region, then totals (docs/csv.md)", output_csv, .parts = PARTS_EACH},
    {"folded", "one line a call stack, for flame graph tools (docs/exports.md)", output_folded, .needs_stacks = true,
        .takes_value = true, .parts = PARTS_NONE},
    {"speedscope", "call stacks for speedscope (docs/exports.md)", output_speedscope, .needs_stacks = true,
        .takes_value = true, .parts = PARTS_NONE},
    {"pprof", "call stacks for pprof, gzip (docs/exports.md)", output_pprof, .needs_stacks = true, .takes_value = true,
        .binary = true, .parts = PARTS_NONE},
    {"trace-event", "the time line, with --interval, for Perfetto (docs/exports.md)", output_trace_event,
        .parts = PARTS_WANTED},
    {"flame", "a page with a flame graph of the call stacks (docs/flame.md)", output_flame, .needs_stacks = true,
        .takes_value = true, .parts = PARTS_NONE},
    {"openmetrics", "metrics for Prometheus, as hakmem-trace serve has them (docs/metrics.md)", output_open_metrics,
        .parts = PARTS_NONE},
    {"prometheus", "the same in the older text format, as textfile collectors want it", output_prometheus,
        .parts = PARTS_NONE},
    {},
};

const struct output *output_find(const char *name)
{
	for (const struct output *output = outputs; output->name; output++)
		if (!strcmp(output->name, name))
			return output;
	return NULL;
}

const char *output_lacks(
    const struct output *output, const struct output_options *options, const struct snapshot *snapshot)
{
	if (!output->needs_stacks)
		return NULL;
	if (!snapshot->stacks)
		return "no call stacks were taken: --stacks takes them";
	if (!output->takes_value || stack_value_known(snapshot->stacks, options->value))
		return NULL;
	return options->value == STACK_VALUE_TIME ? "no stack's fault time was measured" : "zeroing was not measured";
}
