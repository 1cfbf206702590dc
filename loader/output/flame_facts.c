// SPDX-License-Identifier: MIT
/* What a reader of a flame graph has to know of the run before believing it. See flame.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/flame.h"
#include "output/header.h"
#include "output/json_value.h"
#include "output/text.h"

#define SENTENCE 512

static void __attribute__((format(printf, 3, 4))) add_fact(json_t **facts, const char *name, const char *format, ...)
{
	char text[SENTENCE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_value_append(facts, json_pack("[s, o]", name, json_value_string(text)));
}

static void __attribute__((format(printf, 2, 3))) add_care(json_t **cares, const char *format, ...)
{
	char text[SENTENCE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_value_append(cares, json_value_string(text));
}

static void add_target(json_t **facts, const struct snapshot *snapshot)
{
	char ending[HEADER_END];

	header_end(snapshot, ending);
	json_value_append(facts,
	    json_pack("[s, o]", snapshot->command ? "command" : "target", json_value_owned(header_target(snapshot))));
	add_fact(facts, "run", "%s", ending);
}

static void add_hook(json_t **facts, enum subject subject, const struct hook *hook)
{
	char text[METHOD_TEXT];
	const char *method = hook_method(hook, text);

	if (!hook->name)
		add_fact(facts, subject_title(subject), "n/a");
	else if (!hook->rung)
		add_fact(facts, subject_title(subject), "%s, %s", hook->name, method ? method : "method unknown");
	else
		add_fact(facts, subject_title(subject), "rung %s: %s, %s", hook->rung, hook->name,
		    method ? method : "method unknown");
}

static void add_kernel(json_t **facts, const struct snapshot *snapshot)
{
	const char *lockdown = snapshot->kernel.lockdown;
	bool locked = lockdown && strcmp(lockdown, "none") != 0;

	add_fact(facts, "kernel", "%s%s%s%s", snapshot->kernel.release ? snapshot->kernel.release : "unknown",
	    snapshot->kernel.init_on_alloc > 0 ? ", init_on_alloc on" : "", locked ? ", lockdown " : "",
	    locked ? lockdown : "");
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		add_hook(facts, subject, &snapshot->kernel.hooks[subject]);
	for (char **reason = snapshot->kernel.cannot; reason && *reason; reason++)
		add_fact(facts, "can't be measured", "%s", *reason);
}

static uint64_t samples(const struct stacks *stacks)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < stacks->row_count; i++)
		sum += stacks->rows[i].samples;
	return sum;
}

static void add_stacks(json_t **facts, const struct snapshot *snapshot)
{
	const struct stacks *stacks = snapshot->stacks;

	add_fact(facts, "stacks", "%s of %s faults, --call-graph %s%s; %s", figure_plain(samples(stacks)).text,
	    figure_plain(snapshot->totals.counts.faults).text, unwinding_name(stacks->unwinding),
	    stacks->kernel_frames ? ", with kernel frames" : "",
	    stacks->sampled ? "a sample: figures are estimates, scaled to each region's exact counts"
	                    : "every fault was to be taken");
}

static void add_stack_cares(json_t **cares, const struct stacks *stacks)
{
	if (stacks->lost)
		add_care(cares, "%s stacks were lost for lack of room", figure_plain(stacks->lost).text);
	if (stacks->cut)
		add_care(cares, "%s of %s stacks lack their outermost frames", figure_plain(stacks->cut).text,
		    figure_plain(samples(stacks)).text);
	if (stacks->stale)
		add_care(cares, "%s frames are in files that were replaced or deleted before they could be read",
		    figure_plain(stacks->stale).text);
}

static void add_losses(json_t **cares, const struct snapshot *snapshot)
{
	char by[HEADER_LOST];

	header_lost(snapshot, by);
	if (snapshot->totals.lost)
		add_care(cares, "lost %s%s", figure_plain(snapshot->totals.lost).text, by);
	if (snapshot->totals.unseen)
		add_care(cares, "%s faults were charged by the kernel, but not seen by a hook",
		    figure_plain(snapshot->totals.unseen).text);
}

json_t *flame_facts(const struct snapshot *snapshot)
{
	json_t *facts = json_array(), *cares = json_array();

	add_target(&facts, snapshot);
	add_kernel(&facts, snapshot);
	if (snapshot->stacks) {
		add_stacks(&facts, snapshot);
		add_stack_cares(&cares, snapshot->stacks);
	}
	add_losses(&cares, snapshot);
	return json_pack("{s:o, s:o}", "facts", facts, "cares", cares);
}
