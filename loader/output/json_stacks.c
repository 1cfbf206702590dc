// SPDX-License-Identifier: MIT
#include "output/json_stacks.h"

#include <stdio.h>

#include "output/json_value.h"
#include "snapshot/snapshot.h"

json_t *json_stack_sampling(const struct stacks *stacks)
{
	if (!stacks)
		return json_null();
	return json_pack("{s:s, s:b, s:b, s:b, s:o, s:o, s:o}", "method", unwinding_name(stacks->unwinding), "sampled",
	    stacks->sampled, "kernel_frames", stacks->kernel_frames, "allocation_sites", stacks->allocation_sites,
	    "lost", json_value_count(stacks->lost), "cut", json_value_count(stacks->cut), "stale",
	    json_value_count(stacks->stale));
}

static json_t *text_or_null(const char *text)
{
	return json_value_string(text[0] ? text : NULL);
}

static json_t *name(const struct frame *frame)
{
	char text[FRAME_TEXT];

	return json_value_string(frame_name(frame, text));
}

static json_t *object(const struct frame *frame)
{
	return text_or_null(frame->object);
}

/* "file.c:12", "file.c" */
static json_t *line(const struct frame *frame)
{
	char *text;

	if (!frame->source[0] || !frame->line)
		return text_or_null(frame->source);
	return asprintf(&text, "%s:%u", frame->source, frame->line) < 0 ? NULL : json_value_owned(text);
}

/* As a string, for all its bits: many readers of JSON know no whole numbers of 64. */
static json_t *address(const struct frame *frame)
{
	return json_sprintf("0x%lx", (unsigned long)frame->address);
}

static json_t *inlined(const struct frame *frame)
{
	return json_boolean(frame->inlined);
}

static json_t *kernel(const struct frame *frame)
{
	return json_boolean(frame->kernel);
}

/* One list a property, each with one entry a frame, the innermost first. */
static void put_frames(json_t **into, const struct stacks *stacks, const struct frames *frames)
{
	static const struct {
		const char *name;
		json_t *(*get)(const struct frame *frame);
	} lists[] = {
	    {"frames", name},
	    {"lines", line},
	    {"objects", object},
	    {"addresses", address},
	    {"inlined", inlined},
	    {"kernel", kernel},
	};

	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
		json_t *array = json_array();

		for (size_t i = 0; i < frames->count; i++)
			json_value_append(&array, lists[list].get(&stacks->frames[frames->frame[i]]));
		json_value_put(into, lists[list].name, array);
	}
}

static json_t *allocated(const struct stacks *stacks, const struct frames *frames)
{
	json_t *object;

	if (!frames->count)
		return json_null();
	object = json_object();
	put_frames(&object, stacks, frames);
	return object;
}

static json_t *figure(double value)
{
	return value < 0 ? json_null() : json_value_number(value);
}

static json_t *stack(const struct stacks *stacks, const struct stack_row *row)
{
	const struct stack_key *key = &row->key;
	json_t *object = json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "region", region_name(key->region),
	    "detail", json_value_string(key->detail), "cause", fault_cause_name(key->cause), "pid",
	    key->pid ? json_value_count(key->pid) : json_null(), "comm", text_or_null(key->comm), "samples",
	    json_value_count(row->samples), "faults", figure(row->all_faults), "zeroed_bytes",
	    figure(row->all_zeroed_bytes), "fault_ns", figure(row->all_ns));

	put_frames(&object, stacks, &key->touched);
	json_value_put(&object, "allocated", allocated(stacks, &key->allocated));
	return object;
}

json_t *json_stacks(const struct stacks *stacks)
{
	json_t *array;

	if (!stacks)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < stacks->row_count; i++)
		json_value_append(&array, stack(stacks, &stacks->rows[i]));
	return array;
}
