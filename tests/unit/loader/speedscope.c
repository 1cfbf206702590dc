// SPDX-License-Identifier: MIT
/* Tests of loader/output/speedscope.c: frames and figures. (Its schema, and speedscope itself:
 * tests/system/exports.sh.) */
#include "stack_sample.h"

#include <jansson.h>

static json_t *parsed(const struct snapshot *snapshot, enum stack_value value)
{
	char *bytes = sample_written_with(output_speedscope, &(struct output_options){.value = value}, snapshot);
	json_error_t error;
	json_t *object = json_loads(bytes, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		fail_msg("%s at line %d of:\n%s", error.text, error.line, bytes);
	free(bytes);
	return object;
}

static const json_t *profile_of(const json_t *object, const char *unit)
{
	const json_t *profiles = json_object_get(object, "profiles");

	for (size_t i = 0; i < json_array_size(profiles); i++)
		if (!strcmp(json_string_value(json_object_get(json_array_get(profiles, i), "unit")), unit))
			return json_array_get(profiles, i);
	return NULL;
}

static json_int_t sum_of(const json_t *object, const char *unit)
{
	const json_t *profile = profile_of(object, unit), *weights = json_object_get(profile, "weights");
	json_int_t sum = 0;

	assert_int_equal(json_array_size(weights), json_array_size(json_object_get(profile, "samples")));
	for (size_t i = 0; i < json_array_size(weights); i++)
		sum += json_integer_value(json_array_get(weights, i));
	assert_int_equal(json_integer_value(json_object_get(profile, "startValue")), 0);
	assert_int_equal(json_integer_value(json_object_get(profile, "endValue")), sum);
	return sum;
}

static void each_figure_is_a_profile_that_adds_up(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *object = parsed(snapshot, STACK_VALUE_TIME);

	(void)state;
	assert_int_equal(sum_of(object, "none"), 148);
	assert_int_equal(sum_of(object, "bytes"), snapshot->totals.counts.zeroed_bytes);
	assert_int_equal(sum_of(object, "nanoseconds"), snapshot->totals.counts.fault_ns);
	assert_int_equal(json_integer_value(json_object_get(object, "activeProfileIndex")), 2);
	assert_string_equal(json_string_value(json_object_get(profile_of(object, "bytes"), "name")),
	    "zeroed bytes (estimated from a sample)");
	json_decref(object);
	snapshot_free(snapshot);
}

/* The names of a sample's frames with arrows between them. */
static void name_frames(const json_t *object, const json_t *sample, char text[1024])
{
	const json_t *frames = json_object_get(json_object_get(object, "shared"), "frames");

	text[0] = '\0';
	for (size_t i = 0; i < json_array_size(sample); i++) {
		const json_t *frame = json_array_get(frames, json_integer_value(json_array_get(sample, i)));

		assert_non_null(frame);
		strcat(strcat(text, i ? " > " : ""), json_string_value(json_object_get(frame, "name")));
	}
}

static bool has_stack(const json_t *object, const char *stack)
{
	const json_t *samples = json_object_get(profile_of(object, "none"), "samples");
	char text[1024];

	for (size_t i = 0; i < json_array_size(samples); i++) {
		name_frames(object, json_array_get(samples, i), text);
		if (!strcmp(text, stack))
			return true;
	}
	return false;
}

static void stacks_go_from_the_process_to_the_memory(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *object = parsed(snapshot, STACK_VALUE_FAULTS);

	(void)state;
	assert_true(has_stack(object,
	    "bench > __libc_start_main > main > work(int; char const*) > fill > memset > [allocator class 1040]"));
	assert_true(
	    has_stack(object, "bench \"2\"\n > ? > 0x7fff12345678 > ld-linux-x86-64.so.2+0x1f0a4 > [libc data]"));
	assert_true(has_stack(object, "bench > [no stack] > [stack main]"));
	assert_true(has_stack(object, "[no stack] > [program data]"));
	json_decref(object);
	snapshot_free(snapshot);
}

static void frames_are_shared_and_say_where_they_are(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *object = parsed(snapshot, STACK_VALUE_FAULTS), *frame;
	json_t *frames = json_object_get(json_object_get(object, "shared"), "frames");
	size_t i, mains = 0;

	(void)state;
	json_array_foreach(frames, i, frame)
	{
		if (strcmp(json_string_value(json_object_get(frame, "name")), "main") != 0)
			continue;
		mains++;
		assert_string_equal(json_string_value(json_object_get(frame, "file")), "bench.c");
		assert_int_equal(json_integer_value(json_object_get(frame, "line")), 60);
	}
	assert_int_equal(mains, 1);
	json_decref(object);
	snapshot_free(snapshot);
}

static void what_was_not_measured_is_no_profile(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	json_t *object;

	(void)state;
	for (size_t i = 0; i < snapshot->region_count; i++)
		snapshot->regions[i].counts.zeroed_bytes = UNKNOWN;
	sample_finish(snapshot);
	object = parsed(snapshot, STACK_VALUE_TIME);
	assert_int_equal(json_array_size(json_object_get(object, "profiles")), 2);
	assert_null(profile_of(object, "bytes"));
	assert_int_equal(json_integer_value(json_object_get(object, "activeProfileIndex")), 1);
	json_decref(object);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_figure_is_a_profile_that_adds_up),
	    cmocka_unit_test(stacks_go_from_the_process_to_the_memory),
	    cmocka_unit_test(frames_are_shared_and_say_where_they_are),
	    cmocka_unit_test(what_was_not_measured_is_no_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
