// SPDX-License-Identifier: MIT
/* Tests of loader/output/json_stacks.c and loader/recording/json_stacks_in.c: stacks in a report, and read back. */
#include "stack_sample.h"
#include "near.h"

#include <jansson.h>

#include "recording/json_in.h"

static struct snapshot *read_text(const char *text, char error[JSON_IN_ERROR])
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct snapshot *snapshot;

	assert_non_null(file);
	snapshot = json_in_read(file, error);
	fclose(file);
	return snapshot;
}

static struct snapshot *read_back(const struct snapshot *snapshot)
{
	char *text = sample_written(output_json, snapshot), error[JSON_IN_ERROR];
	struct snapshot *copy = read_text(text, error);

	if (!copy)
		fail_msg("%s, in:\n%s", error, text);
	free(text);
	return copy;
}

static json_t *stacks_of(const struct snapshot *snapshot, json_t **report)
{
	char *bytes = sample_written(output_json, snapshot);

	*report = json_loads(bytes, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(*report);
	free(bytes);
	return json_object_get(*report, "stacks");
}

static void assert_list(const json_t *object, const char *name, const char *expected)
{
	char *text = json_dumps(json_object_get(object, name), JSON_COMPACT);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static const json_t *stack_of_cause(const json_t *stacks, const char *cause)
{
	size_t i = 0;

	while (i < json_array_size(stacks) &&
	       strcmp(json_string_value(json_object_get(json_array_get(stacks, i), "cause")), cause) != 0)
		i++;
	return json_array_get(stacks, i);
}

static void a_stack_has_what_is_known_of_each_frame(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *report, *stacks = stacks_of(snapshot, &report);
	const json_t *stack = stack_of_cause(stacks, "purged"), *allocated;

	(void)state;
	assert_non_null(stack);
	assert_string_equal(json_string_value(json_object_get(stack, "region")), "allocator");
	assert_string_equal(json_string_value(json_object_get(stack, "detail")), "class 1040");
	assert_int_equal(json_integer_value(json_object_get(stack, "pid")), 4312);
	assert_int_equal(json_integer_value(json_object_get(stack, "samples")), 3);
	assert_int_equal(json_integer_value(json_object_get(stack, "faults")), 13);
	assert_list(stack, "frames", "[\"work(int; char const*)\",\"main\",\"__libc_start_main\"]");
	assert_list(stack, "lines", "[\"bench.c:40\",\"bench.c:60\",null]");
	assert_list(stack, "objects", "[\"bench\",\"bench\",\"libc.so.6\"]");
	assert_list(stack, "addresses", "[\"0x1180\",\"0x1200\",\"0x271ca\"]");
	assert_list(stack, "inlined", "[false,false,false]");
	allocated = json_object_get(stack, "allocated");
	assert_list(allocated, "frames", "[\"main\",\"__libc_start_main\"]");
	json_decref(report);
	snapshot_free(snapshot);
}

static void stacks_add_up_to_their_regions(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *report, *stacks = stacks_of(snapshot, &report), *stack;
	json_int_t faults = 0, zeroed_bytes = 0, ns = 0, allocator = 0;
	size_t i;

	(void)state;
	json_array_foreach(stacks, i, stack)
	{
		faults += json_integer_value(json_object_get(stack, "faults"));
		zeroed_bytes += json_integer_value(json_object_get(stack, "zeroed_bytes"));
		ns += json_integer_value(json_object_get(stack, "fault_ns"));
		if (!strcmp(json_string_value(json_object_get(stack, "detail")), "class 1040"))
			allocator += json_integer_value(json_object_get(stack, "faults"));
	}
	assert_int_equal(faults, 148);
	assert_int_equal(allocator, 38);
	assert_int_equal(zeroed_bytes, snapshot->totals.counts.zeroed_bytes);
	assert_int_equal(ns, snapshot->totals.counts.fault_ns);
	json_decref(report);
	snapshot_free(snapshot);
}

static void how_stacks_were_had_is_said(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *report, *sampling;

	(void)state;
	stacks_of(snapshot, &report);
	sampling = json_object_get(report, "stack_sampling");
	assert_string_equal(json_string_value(json_object_get(sampling, "method")), "dwarf");
	assert_true(json_is_true(json_object_get(sampling, "sampled")));
	assert_true(json_is_true(json_object_get(sampling, "kernel_frames")));
	assert_int_equal(json_integer_value(json_object_get(sampling, "lost")), 3);
	assert_int_equal(json_integer_value(json_object_get(sampling, "cut")), 2);
	assert_int_equal(json_integer_value(json_object_get(sampling, "stale")), 1);
	json_decref(report);
	snapshot_free(snapshot);
}

static void stacks_that_nobody_asked_for_are_null(void **state)
{
	struct snapshot *snapshot = sample_snapshot(), *copy;
	json_t *report, *stacks = stacks_of(snapshot, &report);

	(void)state;
	assert_true(json_is_null(stacks));
	assert_true(json_is_null(json_object_get(report, "stack_sampling")));
	copy = read_back(snapshot);
	assert_null(copy->stacks);
	snapshot_free(copy);
	json_decref(report);
	snapshot_free(snapshot);
}

static void stacks_come_back(void **state)
{
	struct snapshot *snapshot = sample_with_stacks(), *copy = read_back(snapshot);
	char *first = sample_written(output_json, snapshot), *second = sample_written(output_json, copy);

	(void)state;
	assert_string_equal(first, second);
	free(first);
	free(second);
	for (size_t i = 0; i < snapshot->stacks->row_count; i++) {
		const struct frames *one = &snapshot->stacks->rows[i].key.touched,
		                    *other = &copy->stacks->rows[i].key.touched;

		assert_int_equal(one->count, other->count);
		for (size_t j = 0; j < one->count; j++) {
			const struct frame *a = &snapshot->stacks->frames[one->frame[j]];
			const struct frame *b = &copy->stacks->frames[other->frame[j]];

			assert_string_equal(a->function, b->function);
			assert_string_equal(a->object, b->object);
			assert_string_equal(a->source, b->source);
			assert_int_equal(a->line, b->line);
			assert_int_equal(a->address, b->address);
			assert_int_equal(a->inlined, b->inlined);
			assert_int_equal(a->kernel, b->kernel);
		}
	}
	snapshot_free(copy);
	snapshot_free(snapshot);
}

/* As sums of several reports are made: of what came back the same follows. */
static void what_came_back_scales_to_the_same(void **state)
{
	struct snapshot *snapshot = sample_with_stacks(), *copy = read_back(snapshot);

	(void)state;
	stacks_scale(copy->stacks, copy);
	assert_int_equal(copy->stacks->row_count, snapshot->stacks->row_count);
	for (size_t i = 0; i < copy->stacks->row_count; i++) {
		assert_near(copy->stacks->rows[i].all_faults, snapshot->stacks->rows[i].all_faults, 0);
		assert_near(copy->stacks->rows[i].all_zeroed_bytes, snapshot->stacks->rows[i].all_zeroed_bytes, 0);
		assert_near(copy->stacks->rows[i].all_ns, snapshot->stacks->rows[i].all_ns, 0);
	}
	snapshot_free(copy);
	snapshot_free(snapshot);
}

static char *replaced(const char *text, const char *part, const char *with)
{
	size_t at;
	char *result;

	assert_contains(text, part);
	at = strstr(text, part) - text;
	assert_true(asprintf(&result, "%.*s%s%s", (int)at, text, with, text + at + strlen(part)) > 0);
	return result;
}

static void damage_is_named(void **state)
{
	static const struct {
		const char *member, *with, *words;
	} damages[] = {
	    {"\"cause\": \"file\"", "\"cause\": \"tile\"", "no cause 'tile'"},
	    {"\"method\": \"dwarf\"", "\"method\": \"guess\"", "'guess'"},
	    {"\"frames\": [\"memset\"", "\"frames\": [7", "'frames'"},
	    {"\"allocated\": {\"frames\"", "\"allocated\": {\"games\"", "'frames'"},
	    {"\"samples\": 6", "\"samples\": -6", "'samples'"},
	};
	struct snapshot *snapshot = sample_with_stacks();
	char *text = sample_written(output_json, snapshot);

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		char *wrong = replaced(text, damages[i].member, damages[i].with), error[JSON_IN_ERROR];

		assert_null(read_text(wrong, error));
		assert_contains(error, damages[i].words);
		free(wrong);
	}
	free(text);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stack_has_what_is_known_of_each_frame),
	    cmocka_unit_test(stacks_add_up_to_their_regions),
	    cmocka_unit_test(how_stacks_were_had_is_said),
	    cmocka_unit_test(stacks_that_nobody_asked_for_are_null),
	    cmocka_unit_test(stacks_come_back),
	    cmocka_unit_test(what_came_back_scales_to_the_same),
	    cmocka_unit_test(damage_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
