// SPDX-License-Identifier: MIT
/* What happened between two looks at a run. */
#include "sample.h"

static void a_difference_has_what_came_since(void **state)
{
	struct snapshot *before = sample_snapshot(), *later = sample_snapshot();

	sample_row(later, REGION_STACK, "main", 40, 20);
	sample_row(later, REGION_ANON, "new", 7, 7);
	snapshot_lose(before, LOST_FILES, 2);
	snapshot_lose(later, LOST_FILES, 5);
	sample_finish(later);
	snapshot_subtract(later, before);
	assert_int_equal(later->totals.lost, 3);
	assert_int_equal(later->totals.lost_by[LOST_FILES], 3);
	assert_int_equal(snapshot_region_sum(later, REGION_STACK).faults, 25);
	assert_int_equal(snapshot_region_sum(later, REGION_STACK).zeroed_bytes, 5 * 4096);
	assert_int_equal(snapshot_region_sum(later, REGION_ANON).faults, 7);
	assert_int_equal(later->region_count, 2); /* rows in which nothing happened are gone */
	assert_int_equal(later->totals.counts.faults, 32);
	assert_int_equal(later->totals.charged_minor + later->totals.charged_major, 32);
	snapshot_free(before);
	snapshot_free(later);
	(void)state;
}

static void differences_add_up_to_the_whole(void **state)
{
	struct snapshot *sum = snapshot_new(), *first = sample_snapshot(), *whole = sample_snapshot(), *second;

	snapshot_subtract(first, sum);
	assert_int_equal(snapshot_add(sum, first), 0);
	second = sample_snapshot();
	sample_row(second, REGION_STACK, "main", 40, 20);
	sample_finish(second);
	snapshot_subtract(second, sum);
	assert_int_equal(snapshot_add(sum, second), 0);
	assert_int_equal(sum->totals.counts.faults, whole->totals.counts.faults + 25);
	assert_int_equal(sum->totals.charged_minor, whole->totals.charged_minor + 25);
	assert_int_equal(
	    snapshot_region_sum(sum, REGION_ALLOCATOR).faults, snapshot_region_sum(whole, REGION_ALLOCATOR).faults);
	snapshot_free(sum);
	snapshot_free(first);
	snapshot_free(second);
	snapshot_free(whole);
	(void)state;
}

/* What was given back since, whenever it was zeroed. */
static void waste_and_failures_are_those_since(void **state)
{
	struct snapshot *before = sample_snapshot(), *later = sample_snapshot();
	struct waste *waste;

	sample_asides(before);
	sample_asides(later);
	waste = &snapshot_region(later, REGION_ALLOCATOR, "class 1040")->counts.waste;
	waste->checked += 1;
	waste->checked_weight += 2;
	waste->checked_squares += 4;
	waste->unused_weight += 2;
	sample_finish(later);
	snapshot_subtract(later, before);
	assert_int_equal(later->region_count, 1); /* kept, though it has no fault */
	waste = &later->regions[0].counts.waste;
	assert_int_equal(waste->checked, 1);
	assert_int_equal(waste->of_bytes, 2 * 4096);
	assert_int_equal(waste->bytes, 2 * 4096);
	assert_int_equal(later->regions[0].counts.failed, 0);
	assert_int_equal(snapshot_add(before, later), 0);
	assert_int_equal(snapshot_region(before, REGION_ALLOCATOR, "class 1040")->counts.waste.checked, 17);
	snapshot_free(before);
	snapshot_free(later);
	(void)state;
}

static void what_is_unknown_stays_unknown(void **state)
{
	struct snapshot *before = sample_new(), *later = sample_new();

	sample_row(before, REGION_ANON, "x", 3, 3)->zeroed_bytes = UNKNOWN;
	sample_row(later, REGION_ANON, "x", 5, 5)->zeroed_bytes = UNKNOWN;
	before->totals.own_ns = later->totals.own_ns = UNKNOWN;
	before->totals.skipped = later->totals.skipped = UNKNOWN;
	before->totals.unallocated = 2;
	later->totals.unallocated = 7;
	snapshot_subtract(later, before);
	assert_int_equal(later->regions[0].counts.faults, 2);
	assert_true(later->regions[0].counts.zeroed_bytes == UNKNOWN);
	assert_true(later->totals.own_ns == UNKNOWN);
	assert_true(later->totals.skipped == UNKNOWN);
	assert_int_equal(later->totals.unallocated, 5);
	snapshot_free(before);
	snapshot_free(later);
	(void)state;
}

static void processes_are_told_apart(void **state)
{
	struct snapshot *sum = snapshot_new(), *part = sample_new();

	part->processes = calloc(2, sizeof(*part->processes));
	part->process_count = 2;
	part->processes[0] = (struct process_row){.pid = 1, .comm = strdup("one"), .counts.faults = 3};
	part->processes[1] = (struct process_row){.pid = 2, .comm = strdup("two"), .counts.faults = 4};
	assert_int_equal(snapshot_add(sum, part), 0);
	part->processes[1].counts.faults = 9;
	snapshot_subtract(part, sum);
	assert_int_equal(part->process_count, 1);
	assert_int_equal(part->processes[0].pid, 2);
	assert_int_equal(part->processes[0].counts.faults, 5);
	snapshot_free(sum);
	snapshot_free(part);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_difference_has_what_came_since),
	    cmocka_unit_test(differences_add_up_to_the_whole),
	    cmocka_unit_test(waste_and_failures_are_those_since),
	    cmocka_unit_test(what_is_unknown_stays_unknown),
	    cmocka_unit_test(processes_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
