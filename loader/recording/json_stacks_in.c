// SPDX-License-Identifier: MIT
#include "recording/json_stacks_in.h"

#include <stdlib.h>
#include <string.h>

#include "recording/json_counts.h"
#include "snapshot/stacks.h"

static void read_sampling(const json_t *object, struct stacks *stacks, struct json_problem *problem)
{
	const char *method = json_string_value(json_object_get(object, "method"));
	bool dwarf = method && !strcmp(method, unwinding_name(UNWINDING_DWARF));

	if (!dwarf && (!method || strcmp(method, unwinding_name(UNWINDING_FRAME_POINTERS)) != 0))
		json_wrong(problem, "there is no 'method' to take stacks like '%s'", method ? method : "");
	stacks->unwinding = dwarf ? UNWINDING_DWARF : UNWINDING_FRAME_POINTERS;
	stacks->sampled = json_truth(object, "sampled", problem) != 0;
	stacks->kernel_frames = json_truth(object, "kernel_frames", problem) == 1;
	stacks->allocation_sites = json_truth(object, "allocation_sites", problem) == 1;
	stacks->lost = json_count(object, "lost", problem);
	stacks->cut = json_count(object, "cut", problem);
	stacks->stale = json_count(object, "stale", problem);
}

static enum fault_cause cause_of(const json_t *row, struct json_problem *problem)
{
	const char *name = json_string_value(json_object_get(row, "cause"));

	for (enum fault_cause cause = 0; name && cause < FAULT_CAUSE_COUNT; cause++)
		if (!strcmp(name, fault_cause_name(cause)))
			return cause;
	json_wrong(problem, "there is no cause '%s'", name ? name : "");
	return FAULT_CAUSE_UNKNOWN;
}

/* An entry of a list of frames' properties, "" for null and none. */
static const char *entry(const json_t *object, const char *list, size_t index)
{
	const char *text = json_string_value(json_array_get(json_object_get(object, list), index));

	return text ? text : "";
}

static bool marked(const json_t *object, const char *list, size_t index)
{
	return json_is_true(json_array_get(json_object_get(object, list), index));
}

/* "file.c:12" into its parts; the text must last as long as the frame. */
static void read_line(char *text, struct frame *frame)
{
	char *colon = strrchr(text, ':'), *end;
	unsigned long line = colon ? strtoul(colon + 1, &end, 10) : 0;

	if (line && line <= UINT32_MAX && colon[1] >= '0' && colon[1] <= '9' && !*end) {
		frame->line = line;
		*colon = '\0';
	}
	frame->source = text;
}

static uint32_t read_frame(const json_t *object, size_t index, struct stacks *stacks, struct json_problem *problem)
{
	struct frame frame = {.function = "", .object = entry(object, "objects", index)};
	const char *name = entry(object, "frames", index);
	char *line = strdup(entry(object, "lines", index)), text[FRAME_TEXT];
	uint32_t number = 0;

	if (line) {
		frame.address = strtoull(entry(object, "addresses", index), NULL, 16);
		frame.inlined = marked(object, "inlined", index);
		frame.kernel = marked(object, "kernel", index);
		read_line(line, &frame);
		/* A name that was made because the function's isn't known. */
		if (strcmp(name, frame_name(&frame, text)) != 0)
			frame.function = name;
		number = stacks_frame(stacks, &frame);
	}
	free(line);
	if (!number)
		json_wrong(problem, "out of memory");
	return number;
}

/* The frames, which the caller frees. */
static struct frames read_frames(const json_t *object, struct stacks *stacks, struct json_problem *problem)
{
	const json_t *list = json_object_get(object, "frames");
	size_t count = json_array_size(list);
	uint32_t *frames = malloc((count + 1) * sizeof(*frames));

	if (object && !json_is_array(list))
		json_wrong(problem, "a stack has no list of 'frames'");
	if (!frames)
		json_wrong(problem, "out of memory");
	for (size_t i = 0; frames && i < count; i++) {
		if (!json_is_string(json_array_get(list, i)))
			json_wrong(problem, "'frames' is no list of strings");
		frames[i] = read_frame(object, i, stacks, problem);
	}
	return (struct frames){frames, frames ? count : 0};
}

static double figure(const json_t *object, const char *name, struct json_problem *problem)
{
	uint64_t count = json_count(object, name, problem);

	return count == UNKNOWN ? -1 : (double)count;
}

static void read_figures(const json_t *object, struct stack_row *row, struct json_problem *problem)
{
	uint64_t samples = json_count(object, "samples", problem);

	row->samples = samples == UNKNOWN ? 0 : samples;
	row->all_faults = figure(object, "faults", problem);
	row->all_zeroed_bytes = figure(object, "zeroed_bytes", problem);
	row->all_ns = figure(object, "fault_ns", problem);
	row->faults = row->all_faults > 0 ? row->all_faults : 0;
	row->zeroed_bytes = row->all_zeroed_bytes > 0 ? row->all_zeroed_bytes : 0;
	row->timed = row->all_ns < 0 ? 0 : row->faults;
	row->timed_ns = row->all_ns < 0 ? 0 : row->all_ns;
}

static void read_stack(const json_t *object, struct stacks *stacks, struct json_problem *problem)
{
	const char *comm = json_string_value(json_object_get(object, "comm"));
	const char *detail = json_string_value(json_object_get(object, "detail"));
	uint64_t pid = json_count(object, "pid", problem);
	const json_t *allocated = json_object_get(object, "allocated");
	struct stack_key key = {
	    .region = json_region(object, problem),
	    .cause = cause_of(object, problem),
	    .detail = detail ? detail : "",
	    .comm = comm ? comm : "",
	    .pid = pid == UNKNOWN ? 0 : pid,
	    .touched = read_frames(object, stacks, problem),
	    .allocated = read_frames(json_is_null(allocated) ? NULL : allocated, stacks, problem),
	};
	struct stack_row *row = problem->text[0] ? NULL : stacks_row(stacks, &key);

	if (row)
		read_figures(object, row, problem);
	else
		json_wrong(problem, "out of memory");
	free((void *)key.touched.frame);
	free((void *)key.allocated.frame);
}

void json_stacks_read(const json_t *report, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *rows = json_rows(report, "stacks", problem);
	const json_t *sampling = json_object_get(report, "stack_sampling");

	if (!json_is_object(sampling))
		return;
	snapshot->stacks = stacks_new();
	if (!snapshot->stacks) {
		json_wrong(problem, "out of memory");
		return;
	}
	read_sampling(sampling, snapshot->stacks, problem);
	for (size_t i = 0; i < json_array_size(rows) && !problem->text[0]; i++)
		read_stack(json_array_get(rows, i), snapshot->stacks, problem);
}
