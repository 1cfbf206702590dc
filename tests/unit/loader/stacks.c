// SPDX-License-Identifier: MIT
/* Stacks of a snapshot: kept once, added, subtracted, and scaled to what was counted exactly. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "near.h"
#include "snapshot/snapshot.h"
#include "snapshot/stacks.h"

static uint32_t frame(struct stacks *stacks, const char *function, uint64_t address)
{
	struct frame made = {.function = function, .object = "a.out", .source = "", .address = address};
	uint32_t number = stacks_frame(stacks, &made);

	assert_int_not_equal(number, 0);
	return number;
}

/* So many samples of a fault in `leaf`, called by main. */
static struct stack_row *take(struct stacks *stacks, enum region region, const char *leaf, double weight)
{
	uint32_t frames[] = {frame(stacks, leaf, 16), frame(stacks, "main", 32)};
	struct stack_key key = {.region = region, .detail = "", .comm = "a.out", .pid = 7, .touched = {frames, 2}};
	struct stack_row *row = stacks_row(stacks, &key);

	assert_non_null(row);
	row->samples++;
	row->faults += weight;
	row->zeroed_bytes += 4096 * weight;
	row->timed += weight;
	row->timed_ns += 1000 * weight;
	return row;
}

static const struct stack_row *row_of(const struct stacks *stacks, const char *leaf)
{
	for (size_t i = 0; i < stacks->row_count; i++)
		if (!strcmp(stacks->frames[stacks->rows[i].key.touched.frame[0]].function, leaf))
			return &stacks->rows[i];
	return NULL;
}

static void same_stack_is_one_row(void **state)
{
	struct stacks *stacks = stacks_new();

	(void)state;
	for (int i = 0; i < 1000; i++)
		take(stacks, REGION_STACK, "f", 1);
	take(stacks, REGION_STACK, "g", 1);
	take(stacks, REGION_ANON, "f", 1);
	assert_int_equal(stacks->row_count, 3);
	assert_int_equal(stacks->rows[0].samples, 1000);
	assert_int_equal(stacks->frame_count, 4); /* none, f, main, g */
	stacks_free(stacks);
}

static void many_stacks_are_all_found_again(void **state)
{
	struct stacks *stacks = stacks_new();
	char name[32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			take(stacks, REGION_STACK, name, 1);
		}
	assert_int_equal(stacks->row_count, 5000);
	for (size_t i = 0; i < stacks->row_count; i++)
		assert_int_equal(stacks->rows[i].samples, 2);
	stacks_free(stacks);
}

static void stacks_that_allocated_tell_rows_apart(void **state)
{
	struct stacks *stacks = stacks_new();
	uint32_t touched = frame(stacks, "f", 16), allocated[] = {frame(stacks, "a", 1), frame(stacks, "b", 2)};
	struct stack_key key = {.region = REGION_ALLOCATOR, .detail = "", .comm = "", .touched = {&touched, 1}};

	(void)state;
	key.allocated = (struct frames){allocated, 1};
	stacks_row(stacks, &key);
	key.allocated = (struct frames){allocated + 1, 1};
	stacks_row(stacks, &key);
	key.allocated.count = 0;
	stacks_row(stacks, &key);
	assert_int_equal(stacks->row_count, 3);
	assert_int_equal(stacks->rows[1].key.allocated.frame[0], allocated[1]);
	stacks_free(stacks);
}

static void what_came_before_is_taken_away(void **state)
{
	struct stacks *before = stacks_new(), *later = stacks_new(), *other = stacks_new();

	(void)state;
	take(before, REGION_STACK, "f", 2);
	take(before, REGION_STACK, "g", 1);
	take(other, REGION_STACK, "h", 1); /* so that frames have other numbers */
	assert_int_equal(stacks_add(other, before), 0);
	assert_int_equal(stacks_add(later, other), 0);
	take(later, REGION_STACK, "f", 3);
	assert_int_equal(stacks_subtract(later, before), 0);
	assert_int_equal(later->row_count, 2);
	assert_null(row_of(later, "g"));
	assert_int_equal(row_of(later, "f")->samples, 1);
	assert_near(row_of(later, "f")->faults, 3, 1e-9);
	take(later, REGION_STACK, "h", 1);
	assert_int_equal(row_of(later, "h")->samples, 2);
	stacks_free(before);
	stacks_free(later);
	stacks_free(other);
}

static void estimates_add_up_to_the_counts(void **state)
{
	struct snapshot *snapshot = snapshot_new();
	struct region_row *row = snapshot_region(snapshot, REGION_STACK, "");

	(void)state;
	row->counts.faults = 1000;
	row->counts.zeroed_bytes = UNKNOWN;
	row->counts.timeable = 1000;
	row->counts.timed = 10;
	row->counts.timed_ns = 10 * 500;
	row->counts.covered.faults = 1000;
	row->counts.covered.ns = 1000 * 500;
	snapshot->stacks = stacks_new();
	take(snapshot->stacks, REGION_STACK, "g", 90);
	take(snapshot->stacks, REGION_STACK, "f", 270);
	take(snapshot->stacks, REGION_ANON, "f", 7);
	snapshot_finish(snapshot);
	assert_string_equal(snapshot->stacks->frames[snapshot->stacks->rows[0].key.touched.frame[0]].function, "f");
	assert_near(snapshot->stacks->rows[0].all_faults, 750, 1e-9);
	assert_near(snapshot->stacks->rows[0].all_ns, 750 * 500, 1e-6);
	assert_true(snapshot->stacks->rows[0].all_zeroed_bytes < 0);
	assert_near(snapshot->stacks->rows[1].all_faults, 250, 1e-9);
	assert_near(snapshot->stacks->rows[2].all_faults, 7, 1e-9); /* its region was not counted */
	assert_true(snapshot->stacks->rows[2].all_ns < 0);
	take(snapshot->stacks, REGION_STACK, "g", 1);
	assert_int_equal(snapshot->stacks->row_count, 3); /* rows were put in order, and are still found */
	snapshot_free(snapshot);
}

/* Also when there are thirds of faults, and where no stack was taken. */
static void estimates_are_whole_numbers(void **state)
{
	struct snapshot *snapshot = snapshot_new();

	(void)state;
	snapshot_region(snapshot, REGION_STACK, "")->counts.faults = 1000;
	snapshot_region(snapshot, REGION_TLS, "main")->counts.faults = 5;
	snapshot->stacks = stacks_new();
	for (int i = 0; i < 7; i++)
		take(snapshot->stacks, REGION_STACK, (char[]){'a' + i, 0}, 1 + i % 3);
	for (int time = 0; time < 2; time++) {
		double sum = 0;

		snapshot_finish(snapshot);
		assert_int_equal(snapshot->stacks->row_count, 8);
		for (size_t i = 0; i < snapshot->stacks->row_count; i++) {
			const struct stack_row *row = &snapshot->stacks->rows[i];

			assert_near(row->all_faults, round(row->all_faults), 0);
			if (row->key.region == REGION_STACK) {
				sum += row->all_faults;
				continue;
			}
			assert_int_equal(row->key.region, REGION_TLS);
			assert_string_equal(row->key.detail, "main");
			assert_int_equal(row->key.touched.count, 0);
			assert_int_equal(row->samples, 0);
			assert_near(row->all_faults, 5, 0);
		}
		assert_near(sum, 1000, 0);
	}
	snapshot_free(snapshot);
}

static void frames_without_symbols_have_names(void **state)
{
	char text[FRAME_TEXT];

	(void)state;
	assert_string_equal(frame_name(&(struct frame){.function = "f", .object = "a", .source = ""}, text), "f");
	assert_string_equal(
	    frame_name(&(struct frame){.function = "", .object = "a", .source = "", .address = 18}, text), "a+0x12");
	assert_string_equal(
	    frame_name(&(struct frame){.function = "", .object = "", .source = "", .address = 18}, text), "0x12");
	assert_string_equal(frame_name(&(struct frame){.function = "", .object = "", .source = ""}, text), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_stack_is_one_row),
	    cmocka_unit_test(many_stacks_are_all_found_again),
	    cmocka_unit_test(stacks_that_allocated_tell_rows_apart),
	    cmocka_unit_test(what_came_before_is_taken_away),
	    cmocka_unit_test(estimates_add_up_to_the_counts),
	    cmocka_unit_test(estimates_are_whole_numbers),
	    cmocka_unit_test(frames_without_symbols_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
