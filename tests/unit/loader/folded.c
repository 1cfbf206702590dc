// SPDX-License-Identifier: MIT
/* Tests of loader/output/folded.c: what flame graph tools read. */
#include "stack_sample.h"

static char *folded(const struct snapshot *snapshot, enum stack_value value)
{
	return sample_written_with(output_folded, &(struct output_options){.value = value}, snapshot);
}

/* The sum of the last words of all lines. */
static long sum_of(const char *bytes)
{
	long sum = 0;

	for (const char *end = strchr(bytes, '\n'); end; end = strchr(bytes, '\n')) {
		const char *count = end;

		while (count > bytes && count[-1] != ' ')
			count--;
		assert_in_range(*count, '1', '9');
		sum += strtol(count, NULL, 10);
		bytes = end + 1;
	}
	assert_int_equal(*bytes, '\0');
	return sum;
}

static void the_outermost_comes_first_and_the_region_last(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	char *bytes = folded(snapshot, STACK_VALUE_FAULTS);

	(void)state;
	assert_contains(
	    bytes, "bench;__libc_start_main;main;work(int: char const*);fill_[i];memset;[allocator class 1040] 25\n");
	assert_contains(bytes, "bench;__libc_start_main;main;work(int: char const*);[allocator class 1040] 13\n");
	assert_contains(bytes, "bench;ld-linux-x86-64.so.2+0x1f0a4;[libc data] 30\n");
	assert_contains(bytes, "bench \"2\"?;?_[j];0x7fff12345678;ld-linux-x86-64.so.2+0x1f0a4;[libc data] 32\n");
	assert_contains(
	    bytes, "bench;__libc_start_main;main;deep;asm_exc_page_fault_[k];clear_page_erms_[k];[stack main] 12\n");
	assert_contains(bytes, "bench;[no stack];[stack main] 3\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void every_value_adds_up_to_the_total(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	char *faults = folded(snapshot, STACK_VALUE_FAULTS), *zeroed = folded(snapshot, STACK_VALUE_ZEROED);
	char *time = folded(snapshot, STACK_VALUE_TIME);

	(void)state;
	assert_int_equal(sum_of(faults), 148);
	assert_int_equal(sum_of(zeroed), snapshot->totals.counts.zeroed_bytes);
	assert_int_equal(sum_of(time), snapshot->totals.counts.fault_ns);
	assert_contains(faults, "\n[no stack];[program data] 30\n");
	assert_lacks(faults, "kernel page-table");
	assert_contains(zeroed, "\n[no stack];[kernel page-table] 36864\n");
	free(faults);
	free(zeroed);
	free(time);
	snapshot_free(snapshot);
}

/* Another process, cause or line makes no other line. */
static void what_reads_the_same_is_one_line(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	struct stack_key key = snapshot->stacks->rows[0].key;
	char *bytes;

	(void)state;
	assert_int_equal(key.region, REGION_LIBC);
	key.pid = 77;
	key.cause = FAULT_CAUSE_PURGED;
	sample_stack(snapshot->stacks, &key, 21);
	sample_finish(snapshot);
	bytes = folded(snapshot, STACK_VALUE_FAULTS);
	assert_int_equal(sum_of(bytes), 148);
	assert_contains(bytes, "bench \"2\"?;?_[j];0x7fff12345678;ld-linux-x86-64.so.2+0x1f0a4;[libc data] 47\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void what_is_unknown_is_in_no_line(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	char *bytes;

	(void)state;
	snapshot_region(snapshot, REGION_LIBC, "data")->counts.timeable = UNKNOWN;
	snapshot_region(snapshot, REGION_LIBC, "data")->counts.timed = UNKNOWN;
	snapshot_region(snapshot, REGION_LIBC, "data")->counts.timed_ns = UNKNOWN;
	sample_finish(snapshot);
	bytes = folded(snapshot, STACK_VALUE_TIME);
	assert_lacks(bytes, "[libc data]");
	assert_contains(bytes, "[stack main]");
	free(bytes);
	snapshot_free(snapshot);
}

static void outputs_say_what_they_lack(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	const struct output_options faults = {}, time = {.value = STACK_VALUE_TIME};

	(void)state;
	assert_null(output_lacks(output_find("json"), &faults, snapshot));
	assert_contains(output_lacks(output_find("folded"), &faults, snapshot), "--stacks");
	snapshot_free(snapshot);
	snapshot = sample_with_stacks();
	assert_null(output_lacks(output_find("folded"), &time, snapshot));
	for (size_t i = 0; i < snapshot->region_count; i++)
		snapshot->regions[i].counts.timeable = snapshot->regions[i].counts.timed = UNKNOWN;
	sample_finish(snapshot);
	assert_null(output_lacks(output_find("folded"), &faults, snapshot));
	assert_contains(output_lacks(output_find("folded"), &time, snapshot), "fault time");
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_outermost_comes_first_and_the_region_last),
	    cmocka_unit_test(every_value_adds_up_to_the_total),
	    cmocka_unit_test(what_reads_the_same_is_one_line),
	    cmocka_unit_test(what_is_unknown_is_in_no_line),
	    cmocka_unit_test(outputs_say_what_they_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
