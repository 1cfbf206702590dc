// SPDX-License-Identifier: MIT
/* Tests of loader/snapshot/group.c: rows by every key, and that they add up. */
#include "known_stacks.h"
#include "near.h"

#include <math.h>

#include "snapshot/group.h"

static struct groups *made(const struct snapshot *snapshot, enum grouping by)
{
	struct groups *groups = group_snapshot(snapshot, by, STACK_VALUE_FAULTS);

	assert_non_null(groups);
	return groups;
}

static const struct group_row *row_of(const struct groups *groups, const char *name, const char *object)
{
	for (size_t i = 0; i < groups->count; i++)
		if (!groups->rows[i].rest && !strcmp(groups->rows[i].name, name) &&
		    !strcmp(groups->rows[i].object, object))
			return &groups->rows[i];
	fail_msg("no row %s of %s", name, object);
	return NULL;
}

static double sum_of_faults(const struct groups *groups)
{
	double sum = 0;

	for (size_t i = 0; i < groups->count; i++)
		sum += groups->rows[i].self.faults;
	return sum;
}

static void rows_add_up_whatever_they_are_by(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	sample_processes(snapshot);
	for (enum grouping by = 0; by < GROUP_TIME; by++) {
		struct groups *groups = made(snapshot, by);

		assert_near(sum_of_faults(groups), 148, 1e-6);
		assert_near(groups->total.faults, 148, 1e-9);
		assert_int_equal(groups->from_stacks, grouping_needs_stacks(by));
		assert_int_equal(grouping_find(grouping_name(by)), by);
		groups_free(groups);
	}
	assert_int_equal(grouping_find("colour"), GROUP_COUNT);
	snapshot_free(snapshot);
}

static void regions_and_details_come_largest_first(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	struct groups *groups = made(snapshot, GROUP_REGION);

	(void)state;
	assert_int_equal(groups->count, 5);
	assert_int_equal(groups->rows[0].region, REGION_LIBC);
	assert_int_equal(groups->rows[1].region, REGION_ALLOCATOR);
	assert_near(groups->rows[1].cost.faults, 41, 1e-9);
	groups_free(groups);
	groups = made(snapshot, GROUP_DETAIL);
	assert_int_equal(groups->count, 6);
	assert_string_equal(groups->rows[1].name, "class 1040");
	assert_near(groups->rows[1].cost.zero_ns, 38 * 250, 1e-9);
	groups_free(groups);
	groups = group_snapshot(snapshot, GROUP_DETAIL, STACK_VALUE_ZEROED);
	assert_string_equal(groups->rows[2].name, "data"); /* of the program: 24 pages */
	assert_string_equal(groups->rows[4].name, "page-table");
	groups_free(groups);
	snapshot_free(snapshot);
}

static void a_function_counts_once_a_stack(void **state)
{
	struct snapshot *snapshot = known_stacks();
	struct groups *groups = made(snapshot, GROUP_FUNCTION);
	const struct group_row *walk = row_of(groups, "walk", "bench"), *main_row = row_of(groups, "main", "bench");
	const struct group_row *parse = row_of(groups, "parse", "bench");

	(void)state;
	assert_near(walk->cost.faults, 30, 1e-9); /* it is there three times */
	assert_near(walk->self.faults, 30, 1e-9);
	assert_near(main_row->cost.faults, 71, 1e-9);
	assert_near(main_row->self.faults, 0, 1e-9);
	assert_int_equal(main_row->region, REGION_COUNT); /* of several */
	assert_near(parse->cost.faults, 41, 1e-9);
	assert_near(parse->self.faults, 3, 1e-9);
	assert_int_equal(parse->region, REGION_ALLOCATOR);
	assert_near(row_of(groups, "malloc", "libc.so.6")->self.zeroed_bytes, 38 * 4096, 1e-6);
	assert_true(isnan(walk->cost.zero_ns));
	assert_near(row_of(groups, "", "ld.so")->self.faults, 62, 1e-9); /* no name is known */
	assert_true(groups->rows[groups->count - 1].rest);
	assert_near(groups->rows[groups->count - 1].cost.faults, 15, 1e-9);
	groups_free(groups);
	snapshot_free(snapshot);
}

static void a_stack_belongs_to_its_innermost_source(void **state)
{
	struct snapshot *snapshot = known_stacks();
	struct groups *groups = made(snapshot, GROUP_FILE);

	(void)state;
	assert_int_equal(groups->count, 3);
	assert_near(row_of(groups, "src/bench.c", "")->cost.faults, 71, 1e-9);
	assert_near(row_of(groups, "", "ld.so")->cost.faults, 62, 1e-9);
	groups_free(groups);
	groups = made(snapshot, GROUP_LINE);
	assert_int_equal(groups->count, 5); /* lines 20, 21 and 31, no source, no stack */
	assert_int_equal(groups->rows[1].line, 20);
	assert_near(groups->rows[1].cost.faults, 38, 1e-9);
	groups_free(groups);
	snapshot_free(snapshot);
}

static void stacks_of_the_same_places_are_one(void **state)
{
	struct snapshot *snapshot = known_stacks();
	struct stacks *stacks = snapshot->stacks;
	uint32_t frames[] = {known_frame(stacks, "f", "bench", "b.c", 3), known_frame(stacks, "main", "bench", "", 0)};
	struct stack_key key = {.region = REGION_STACK, .detail = "main", .comm = "bench", .pid = 7};
	struct groups *groups;

	(void)state;
	known_stack(stacks, key, 6, frames, 2);
	key.pid = 9;
	known_stack(stacks, key, 4, frames, 2);
	key.detail = "thread"; /* nobody counted such */
	known_stack(stacks, key, 4, frames, 2);
	frames[0] = known_frame(stacks, "f", "bench", "b.c", 4);
	key.detail = "main";
	known_stack(stacks, key, 5, frames, 2);
	snapshot_finish(snapshot);
	groups = made(snapshot, GROUP_STACK);
	assert_int_equal(groups->count, 7); /* the kernel cleared pages without a stack, too */
	assert_near(groups->rows[3].cost.faults, 14, 1e-9);
	assert_int_equal(groups->rows[3].samples, 14);
	assert_string_equal(groups->rows[3].name, ""); /* of two details */
	assert_int_equal(groups->rows[3].frames.count, 2);
	assert_string_equal(groups->rows[4].name, "main");
	groups_free(groups);
	groups = group_calls(snapshot);
	assert_int_equal(groups->count, 5); /* lines don't matter to who calls whom */
	assert_near(groups->rows[3].cost.faults, 19, 1e-9);
	groups_free(groups);
	snapshot_free(snapshot);
}

static void rows_are_ordered_by_what_is_wanted(void **state)
{
	struct snapshot *snapshot = known_stacks();
	struct groups *groups = group_snapshot(snapshot, GROUP_STACK, STACK_VALUE_ZEROED);

	(void)state;
	assert_string_equal(groups->rows[0].name, "data"); /* of libc: 48 pages */
	assert_string_equal(groups->rows[1].name, "class 1040");
	assert_near(cost_value(&groups->rows[1].cost, STACK_VALUE_ZEROED), 38 * 4096, 1e-6);
	groups_free(groups);
	snapshot_free(snapshot);
}

static void slices_stay_in_their_order(void **state)
{
	struct snapshot *one = sample_snapshot(), *other = sample_new();
	struct groups *groups;

	(void)state;
	one->part = (struct part){.number = 2, .start_ns = 100, .end_ns = 200};
	sample_row(other, REGION_ANON, "", 7, 7);
	sample_finish(other);
	other->part = (struct part){.number = 1, .start_ns = 0, .end_ns = 100};
	groups = group_slices((struct snapshot *[]){other, one}, 2);
	assert_int_equal(groups->count, 2);
	assert_near(groups->rows[0].cost.faults, 7, 1e-9);
	assert_int_equal(groups->rows[1].start_ns, 100);
	assert_near(groups->total.faults, 155, 1e-9);
	groups_free(groups);
	snapshot_free(one);
	snapshot_free(other);
}

static void unmeasured_stays_unmeasured(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	struct groups *groups;

	(void)state;
	snapshot_region(snapshot, REGION_LIBC, "data")->counts.zeroed_bytes = UNKNOWN;
	snapshot_finish(snapshot);
	groups = made(snapshot, GROUP_REGION);
	assert_true(isnan(groups->rows[0].cost.zeroed_bytes));
	assert_true(isnan(groups->total.zeroed_bytes));
	assert_int_equal(cost_figure(groups->total.zeroed_bytes), UNKNOWN);
	groups_free(groups);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_add_up_whatever_they_are_by),
	    cmocka_unit_test(regions_and_details_come_largest_first),
	    cmocka_unit_test(a_function_counts_once_a_stack),
	    cmocka_unit_test(a_stack_belongs_to_its_innermost_source),
	    cmocka_unit_test(stacks_of_the_same_places_are_one),
	    cmocka_unit_test(rows_are_ordered_by_what_is_wanted),
	    cmocka_unit_test(slices_stay_in_their_order),
	    cmocka_unit_test(unmeasured_stays_unmeasured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
