// SPDX-License-Identifier: MIT
/* Rows of --by as one JSON object, schema hakmem-groups/1 (docs/json.md). */
#include "output/groups_output.h"

#include <stdio.h>

#include "output/json_value.h"

static json_t *figure(double value)
{
	return json_value_count(cost_figure(value));
}

static int put_cost(json_t *object, const char *prefix, const struct group_cost *cost)
{
	const struct {
		const char *name;
		double value;
	} figures[] = {
	    {"faults", cost->faults},
	    {"zeroed_bytes", cost->zeroed_bytes},
	    {"fault_ns", cost->fault_ns},
	    {"zero_ns", cost->zero_ns},
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s%s", prefix, figures[i].name);
		if (json_object_set_new(object, name, figure(figures[i].value)))
			return -1;
	}
	return 0;
}

static json_t *text_or_null(const char *text)
{
	return json_value_string(text[0] ? text : NULL);
}

/* The innermost first, as in the report itself. */
static json_t *frame_list(const struct stacks *stacks, const struct frames *frames, bool places)
{
	json_t *array = json_array();

	for (size_t i = 0; i < frames->count; i++) {
		const struct frame *frame = &stacks->frames[frames->frame[i]];
		char text[FRAME_TEXT], line[FRAME_TEXT];

		if (!places) {
			json_value_append(&array, json_value_string(frame_name(frame, text)));
			continue;
		}
		snprintf(
		    line, sizeof(line), frame->source[0] && frame->line ? "%s:%u" : "%s", frame->source, frame->line);
		json_value_append(&array, text_or_null(line));
	}
	return array;
}

static json_t *region_or_null(const struct group_row *row)
{
	return json_value_string(row->region < REGION_COUNT ? region_name(row->region) : NULL);
}

/* What rows are told apart by. */
static json_t *names(const struct groups *groups, const struct group_row *row, const struct stacks *stacks)
{
	if (row->rest)
		return json_object();
	switch (groups->by) {
	case GROUP_REGION:
		return json_pack("{s:o}", "region", region_or_null(row));
	case GROUP_DETAIL:
		return json_pack("{s:o, s:o}", "region", region_or_null(row), "detail", json_value_string(row->name));
	case GROUP_FUNCTION:
		return json_pack("{s:o, s:o, s:o}", "function", text_or_null(row->name), "object",
		    text_or_null(row->object), "region", region_or_null(row));
	case GROUP_FILE:
		return json_pack("{s:o, s:o}", "file", text_or_null(row->name), "object", text_or_null(row->object));
	case GROUP_LINE:
		return json_pack("{s:o, s:o, s:o}", "file", text_or_null(row->name), "line",
		    row->line ? json_value_count(row->line) : json_null(), "object", text_or_null(row->object));
	case GROUP_PROCESS:
		return json_pack("{s:o, s:o}", "pid", json_value_count(row->pid), "comm", json_value_string(row->name));
	case GROUP_TIME:
		return json_pack(
		    "{s:o, s:o}", "start_ns", json_value_count(row->start_ns), "end_ns", json_value_count(row->end_ns));
	default:
		return json_pack("{s:o, s:o, s:o, s:o}", "region", region_or_null(row), "detail",
		    text_or_null(row->name), "frames", frame_list(stacks, &row->frames, false), "lines",
		    frame_list(stacks, &row->frames, true));
	}
}

static json_t *row_object(const struct groups *groups, const struct group_row *row, const struct stacks *stacks)
{
	json_t *object = names(groups, row, stacks);

	if (object && !put_cost(object, "", &row->cost) &&
	    (groups->by != GROUP_FUNCTION || !put_cost(object, "self_", &row->self)) &&
	    (!groups->from_stacks || !json_object_set_new(object, "samples", json_value_count(row->samples))))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *totals(const struct groups *groups)
{
	json_t *object = json_object();

	if (object && !put_cost(object, "", &groups->total))
		return object;
	json_decref(object);
	return NULL;
}

int groups_json(
    const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	size_t shown = options->top && options->top < groups->count ? options->top : groups->count;
	json_t *rows = json_array();

	for (size_t i = 0; i < shown; i++)
		json_value_append(&rows, row_object(groups, &groups->rows[i], snapshot->stacks));
	return json_value_write(json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o}", "schema", "hakmem-groups/1", "by",
	                            grouping_name(groups->by), "command",
	                            snapshot->command ? json_value_strings(snapshot->command) : json_null(), "filter",
	                            json_value_string(snapshot->filter.words), "estimated", groups->estimated, "totals",
	                            totals(groups), "rows", rows, "left_out", json_value_count(groups->count - shown)),
	    file);
}
