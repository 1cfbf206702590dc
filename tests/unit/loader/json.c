/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/output/json.c: what is written is parsed again.
 */
#include "stack_sample.h"

#include <errno.h>
#include <jansson.h>

static json_t *parsed(const struct snapshot *snapshot)
{
	char *bytes = sample_written(output_json, snapshot);
	json_error_t error;
	json_t *object = json_loads(bytes, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		fail_msg("%s at line %d of:\n%s", error.text, error.line, bytes);
	free(bytes);
	return object;
}

static json_int_t integer(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (!json_is_integer(value))
		fail_msg("%s is no integer", name);
	return json_integer_value(value);
}

static void assert_null_member(const json_t *object, const char *name)
{
	if (!json_is_null(json_object_get(object, name)))
		fail_msg("%s isn't null", name);
}

static void has_the_schema(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	json_t *object = parsed(snapshot), *exit_status = json_object_get(object, "exit");
	json_t *kernel = json_object_get(object, "kernel");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(object, "schema")), "hakmem-trace/1");
	assert_int_equal(json_array_size(json_object_get(object, "command")), 3);
	assert_string_equal(json_string_value(json_array_get(json_object_get(object, "command"), 2)), "two words");
	assert_int_equal(integer(object, "pid"), 4312);
	assert_int_equal(integer(object, "wall_ns"), 12100000);
	assert_int_equal(integer(exit_status, "code"), 0);
	assert_null_member(exit_status, "signal");
	assert_string_equal(json_string_value(json_object_get(kernel, "release")), "6.12.1");
	assert_string_equal(json_string_value(json_object_get(kernel, "rung")), "full");
	assert_string_equal(json_string_value(json_object_get(json_object_get(kernel, "rungs"), "zero_time")), "full");
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(kernel, "hooks"), "fault")), "fentry:handle_mm_fault");
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(kernel, "methods"), "zero_time")), "upper bound");
	assert_true(json_is_true(json_object_get(kernel, "init_on_alloc")));
	assert_int_equal(json_array_size(json_object_get(kernel, "cannot")), 1);
	assert_null_member(object, "stacks");
	json_decref(object);
	snapshot_free(snapshot);
}

static json_int_t causes_sum(const json_t *causes)
{
	static const char *const names[] = {
	    "first-touch", "purged", "copy-on-write", "zero-page", "file", "swap", "protection", "unknown"};
	json_int_t sum = 0;

	assert_int_equal(json_object_size(causes), 8);
	for (size_t i = 0; i < 8; i++)
		sum += integer(causes, names[i]);
	return sum;
}

static void regions_add_up(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	json_t *object = parsed(snapshot), *totals = json_object_get(object, "totals");
	json_t *regions = json_object_get(object, "regions"), *row;
	json_int_t faults = 0;
	size_t i;

	(void)state;
	json_array_foreach(regions, i, row)
	{
		faults += integer(row, "faults");
		assert_int_equal(causes_sum(json_object_get(row, "causes")), integer(row, "faults"));
		assert_int_equal(json_array_size(json_object_get(row, "fault_ns_histogram")), HISTOGRAM_BUCKETS);
	}
	assert_int_equal(i, 6);
	assert_int_equal(faults, 148);
	assert_int_equal(integer(totals, "faults"), 148);
	assert_int_equal(integer(totals, "minor"), 147);
	assert_int_equal(integer(totals, "major"), 1);
	assert_int_equal(integer(totals, "populated"), 8);
	assert_int_equal(integer(totals, "rusage_minflt") + integer(totals, "rusage_majflt"), 148);
	assert_int_equal(integer(totals, "lost"), 0);
	assert_int_equal(integer(totals, "skipped"), 0);
	assert_int_equal(integer(totals, "unallocated"), 0);
	assert_int_equal(json_object_size(json_object_get(totals, "lost_by")), LOST_COUNT);
	assert_int_equal(integer(json_object_get(totals, "lost_by"), "history"), 0);
	json_decref(object);
	snapshot_free(snapshot);
}

static void phases_and_purgers(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	json_t *object = parsed(snapshot), *phases = json_object_get(object, "phases");
	json_t *purgers = json_object_get(object, "purgers"), *row;

	(void)state;
	assert_int_equal(json_array_size(phases), 2);
	row = json_array_get(phases, 0);
	assert_string_equal(json_string_value(json_object_get(row, "phase")), "before main");
	assert_int_equal(integer(row, "faults"), 110);
	row = json_array_get(json_object_get(json_array_get(phases, 1), "regions"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "region")), "allocator");
	assert_int_equal(integer(row, "faults"), 38);
	assert_int_equal(json_array_size(purgers), 1);
	row = json_array_get(purgers, 0);
	assert_string_equal(json_string_value(json_object_get(row, "object")), "libfoo.so");
	assert_string_equal(json_string_value(json_object_get(row, "call")), "madvise");
	assert_string_equal(json_string_value(json_object_get(row, "region")), "allocator");
	assert_int_equal(integer(row, "faults"), 8);
	json_decref(object);
	snapshot_free(snapshot);
}

static void failures_and_waste(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	json_t *object, *row, *waste;

	(void)state;
	sample_asides(snapshot);
	object = parsed(snapshot);
	row = json_array_get(json_object_get(object, "regions"), 0);
	waste = json_object_get(row, "waste");
	assert_string_equal(json_string_value(json_object_get(row, "detail")), "class 1040");
	assert_int_equal(integer(row, "failed"), 2);
	assert_int_equal(integer(waste, "of_bytes"), 32 * 4096);
	assert_int_equal(integer(waste, "bytes"), 16 * 4096);
	assert_in_range(integer(waste, "low_bytes"), 8 * 4096, 15 * 4096);
	assert_in_range(integer(waste, "high_bytes"), 17 * 4096, 24 * 4096);
	assert_int_equal(integer(waste, "sampled"), 19);
	assert_int_equal(integer(waste, "checked"), 16);
	assert_int_equal(integer(json_object_get(json_object_get(object, "totals"), "waste"), "bytes"), 16 * 4096);
	/* Of another row nothing was looked at. */
	row = json_array_get(json_object_get(object, "regions"), 2);
	assert_null_member(json_object_get(row, "waste"), "bytes");
	json_decref(object);
	snapshot_free(snapshot);
}

static void unknown_is_null(void **state)
{
	struct snapshot *snapshot = sample_new();
	struct counts *counts = sample_row(snapshot, REGION_ANON, "bench", 3, 3);
	json_t *object, *row;

	(void)state;
	counts->timeable = counts->timed = counts->timed_ns = UNKNOWN;
	counts->covered.zero_ns = UNKNOWN;
	snapshot->kernel.init_on_alloc = -1;
	free(snapshot->kernel.hooks[SUBJECT_ZERO_TIME].name);
	snapshot->kernel.hooks[SUBJECT_ZERO_TIME].name = NULL;
	counts->failed = counts->waste.sampled = UNKNOWN;
	snapshot->totals.failed = UNKNOWN;
	sample_finish(snapshot);
	object = parsed(snapshot);
	row = json_array_get(json_object_get(object, "regions"), 0);
	assert_null_member(row, "fault_ns");
	assert_null_member(row, "zero_ns");
	assert_null_member(row, "failed");
	assert_null_member(row, "waste");
	assert_null_member(json_object_get(object, "totals"), "waste");
	assert_null_member(row, "fault_ns_histogram");
	assert_int_equal(integer(row, "zeroed_bytes"), 3 * 4096);
	assert_null_member(json_object_get(object, "totals"), "zero_ns");
	assert_null_member(json_object_get(object, "totals"), "failed");
	assert_null_member(json_object_get(object, "kernel"), "init_on_alloc");
	assert_null_member(json_object_get(json_object_get(object, "kernel"), "hooks"), "zero_time");
	json_decref(object);
	snapshot_free(snapshot);
}

static void hostile_strings_do_not_break_it(void **state)
{
	static const char *const command[] = {"./\xff\"\\\n\x01", "\xc3\xa4"};
	struct snapshot *snapshot = snapshot_new();
	struct process_row process = {.pid = 1, .comm = "\xfe\033[0m"};
	json_t *object;

	(void)state;
	snapshot->command = sample_strings(command, 2);
	snapshot->exit_code = -1;
	snapshot->exit_signal = 11;
	sample_row(snapshot, REGION_FILE, "a\xc3.so", 1, 0);
	snapshot->processes = &process;
	snapshot->process_count = 1;
	object = parsed(snapshot);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(object, "command"), 0)), "./\xef\xbf\xbd\"\\\n\x01");
	assert_null_member(json_object_get(object, "exit"), "code");
	assert_int_equal(integer(json_object_get(object, "exit"), "signal"), 11);
	assert_string_equal(
	    json_string_value(json_object_get(json_array_get(json_object_get(object, "processes"), 0), "comm")),
	    "\xef\xbf\xbd\033[0m");
	json_decref(object);
	snapshot->processes = NULL;
	snapshot->process_count = 0;
	snapshot_free(snapshot);
}

static void empty_snapshot(void **state)
{
	struct snapshot *snapshot = snapshot_new();
	json_t *object = parsed(snapshot);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(object, "regions")), 0);
	assert_null_member(json_object_get(object, "kernel"), "release");
	json_decref(object);
	snapshot_free(snapshot);
}

static void full_disk_is_an_error(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip();
	for (const struct output *output = outputs; output->name; output++) {
		clearerr(full);
		assert_int_equal(output->write(snapshot, &(struct output_options){}, full), -1);
	}
	fclose(full);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_the_schema),
	    cmocka_unit_test(regions_add_up),
	    cmocka_unit_test(phases_and_purgers),
	    cmocka_unit_test(failures_and_waste),
	    cmocka_unit_test(unknown_is_null),
	    cmocka_unit_test(hostile_strings_do_not_break_it),
	    cmocka_unit_test(empty_snapshot),
	    cmocka_unit_test(full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
