/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/snapshot/snapshot.c: rows, sums and order.
 */
#include "sample.h"

static void finds_the_row_it_made(void **state)
{
	struct snapshot *snapshot = snapshot_new();
	char detail[32];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(detail, sizeof(detail), "class %d", i);
		snapshot_region(snapshot, REGION_ALLOCATOR, detail)->counts.faults = i;
	}
	assert_int_equal(snapshot->region_count, 100);
	for (int i = 0; i < 100; i++) {
		snprintf(detail, sizeof(detail), "class %d", i);
		assert_int_equal(snapshot_region(snapshot, REGION_ALLOCATOR, detail)->counts.faults, i);
	}
	assert_int_equal(snapshot->region_count, 100);
	snapshot_free(snapshot);
}

static void keeps_regions_and_details_apart(void **state)
{
	struct snapshot *snapshot = snapshot_new();

	(void)state;
	snapshot_region(snapshot, REGION_STACK, "main")->counts.faults = 1;
	snapshot_region(snapshot, REGION_TLS, "main")->counts.faults = 2;
	snapshot_region(snapshot, REGION_TLS, "thread")->counts.faults = 3;
	assert_int_equal(snapshot->region_count, 3);
	assert_int_equal(snapshot_region_sum(snapshot, REGION_TLS).faults, 5);
	assert_int_equal(snapshot_region_sum(snapshot, REGION_STACK).faults, 1);
	assert_int_equal(snapshot_region_sum(snapshot, REGION_ANON).faults, 0);
	snapshot_free(snapshot);
}

static void unknown_absorbs(void **state)
{
	struct counts known = {.faults = 1, .covered.zero_ns = 5, .histogram = {7}};
	struct counts sum = {.faults = 2, .covered.zero_ns = UNKNOWN};

	(void)state;
	counts_add(&sum, &known);
	assert_int_equal(sum.faults, 3);
	assert_true(sum.zero_ns == UNKNOWN);
	assert_int_equal(sum.histogram[0], 7);
	counts_add(&known, &sum);
	assert_true(known.zero_ns == UNKNOWN);
	assert_int_equal(known.faults, 4);
}

static void finish_orders_and_sums(void **state)
{
	static const struct {
		enum region region;
		const char *detail;
	} order[] = {{REGION_ALLOCATOR, "big"}, {REGION_ALLOCATOR, "small"}, {REGION_KERNEL, "b"}, {REGION_KERNEL, "a"},
	    {REGION_KERNEL, "c"}};
	struct snapshot *snapshot = snapshot_new();

	(void)state;
	sample_row(snapshot, REGION_KERNEL, "c", 0, 1);
	sample_row(snapshot, REGION_KERNEL, "a", 0, 1);
	sample_row(snapshot, REGION_KERNEL, "b", 0, 9);
	sample_row(snapshot, REGION_ALLOCATOR, "small", 1, 1);
	sample_row(snapshot, REGION_ALLOCATOR, "big", 10, 0);
	snapshot->totals.counts.faults = 12345; /* finish starts anew */
	snapshot_finish(snapshot);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(snapshot->regions[i].region, order[i].region);
		assert_string_equal(snapshot->regions[i].detail, order[i].detail);
	}
	assert_int_equal(snapshot->totals.counts.faults, 11);
	assert_int_equal(snapshot->totals.counts.zeroed_bytes, 12 * 4096);
	assert_int_equal(snapshot->totals.counts.histogram[10], 11);
	snapshot_finish(snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 11);
	snapshot_free(snapshot);
}

static void empty_is_fine(void **state)
{
	struct snapshot *snapshot = snapshot_new();

	(void)state;
	assert_int_equal(snapshot->kernel.init_on_alloc, -1);
	snapshot_finish(snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 0);
	snapshot_free(snapshot);
	snapshot_free(NULL);
}

static void regions_have_names(void **state)
{
	(void)state;
	assert_string_equal(region_name(REGION_ALLOCATOR), "allocator");
	assert_string_equal(region_name(REGION_UNSEEN), "unseen");
	for (enum region region = 0; region < REGION_COUNT; region++)
		assert_non_null(region_name(region));
	assert_string_equal(region_name(REGION_COUNT), "invalid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_row_it_made),
	    cmocka_unit_test(keeps_regions_and_details_apart),
	    cmocka_unit_test(unknown_absorbs),
	    cmocka_unit_test(finish_orders_and_sums),
	    cmocka_unit_test(empty_is_fine),
	    cmocka_unit_test(regions_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
