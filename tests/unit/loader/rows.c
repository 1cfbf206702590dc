/* SPDX-License-Identifier: MIT */
/* Tests of loader/live/rows.c and row_stacks.c: a slice beside the totals, row by row, and the chosen stack's frames.
 */
#include "dashboard_view.h"
#include "stack_sample.h"

static void make(struct rows *rows, enum page page, bool functions, const char *filter, const struct snapshot *now,
    const struct snapshot *total)
{
	struct rows_wish wish = {.page = page, .functions = functions, .filter = filter};

	assert_int_equal(rows_make(rows, &wish, now, total), 0);
}

static const struct row *find(const struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!strncmp(rows->list[i].name, name, strlen(name)))
			return &rows->list[i];
	fail_msg("no row %s", name);
	return NULL;
}

static void add_process(struct snapshot *snapshot, uint32_t pid, const char *comm, uint64_t faults)
{
	snapshot->processes =
	    realloc(snapshot->processes, (snapshot->process_count + 1) * sizeof(*snapshot->processes));
	snapshot->processes[snapshot->process_count++] =
	    (struct process_row){.pid = pid, .parent = 1, .comm = strdup(comm), .counts.faults = faults};
}

static void stacks_have_their_words_and_both_figures(void **state)
{
	struct snapshot *total = sample_with_stacks(), *now = sample_with_stacks();
	struct rows rows;
	const struct row *row;

	(void)state;
	make(&rows, PAGE_STACKS, false, "", now, total);
	assert_true(rows.estimated);
	row = find(&rows, "memset < fill < work(int; char const*) < main < __libc_start_main");
	assert_int_equal(row->region, REGION_ALLOCATOR);
	assert_string_equal(row->detail, "class 1040");
	assert_true(row->total.faults > 0 && row->total.faults <= 38);
	assert_int_equal(row->now.faults, row->total.faults);
	assert_true(row->now.half_ns == UNKNOWN);
	rows_free(&rows);
	snapshot_free(total);
	snapshot_free(now);
}

static void functions_are_told_by_object(void **state)
{
	struct snapshot *total = sample_with_stacks();
	struct rows rows;

	(void)state;
	make(&rows, PAGE_STACKS, true, "", NULL, total);
	assert_string_equal(find(&rows, "memset")->detail, "libc.so.6");
	/* By what it caused itself: only calls others. */
	assert_int_equal(find(&rows, "main")->total.faults, 0);
	assert_true(find(&rows, "main")->now.faults == UNKNOWN);
	rows_free(&rows);
	snapshot_free(total);
}

static void a_slice_that_lost_its_stacks_says_nothing_of_them(void **state)
{
	struct snapshot *total = sample_with_stacks(), *now = sample_snapshot();
	struct rows rows;

	(void)state;
	make(&rows, PAGE_STACKS, false, "", now, total);
	assert_true(rows.count > 0);
	for (size_t i = 0; i < rows.count; i++)
		assert_true(rows.list[i].now.faults == UNKNOWN);
	rows_free(&rows);
	snapshot_free(total);
	snapshot_free(now);
}

static void processes_of_both_are_put_together(void **state)
{
	struct snapshot *total = sample_snapshot(), *now = sample_snapshot();
	struct rows rows;

	(void)state;
	add_process(total, 10, "old", 100);
	add_process(total, 11, "both", 200);
	add_process(now, 11, "both", 20);
	make(&rows, PAGE_PROCESSES, false, "", now, total);
	assert_int_equal(rows.count, 2);
	assert_int_equal(find(&rows, "old")->now.faults, 0);
	assert_int_equal(find(&rows, "both")->now.faults, 20);
	assert_int_equal(find(&rows, "both")->total.faults, 200);
	assert_int_equal(find(&rows, "both")->parent, 1);
	rows_free(&rows);
	make(&rows, PAGE_PROCESSES, false, "11", now, total);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.of, 2);
	rows_free(&rows);
	snapshot_free(total);
	snapshot_free(now);
}

static void a_slice_that_lost_its_processes_says_nothing_of_them(void **state)
{
	struct snapshot *total = sample_snapshot(), *now = sample_snapshot();
	struct rows rows;

	(void)state;
	add_process(total, 10, "old", 100);
	make(&rows, PAGE_PROCESSES, false, "", now, total);
	assert_true(find(&rows, "old")->now.faults == UNKNOWN);
	rows_free(&rows);
	snapshot_free(total);
	snapshot_free(now);
}

static void zeroing_that_is_not_measured_is_not_zero_in_rows_without_faults(void **state)
{
	struct snapshot *total = sample_snapshot(), *now = sample_new();
	struct rows rows;

	(void)state;
	sample_row(now, REGION_STACK, "main", 3, 0)->zeroed_bytes = UNKNOWN;
	sample_finish(now);
	make(&rows, PAGE_REGIONS, false, "libc", now, total);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.list[0].now.faults, 0);
	assert_true(rows.list[0].now.zeroed_bytes == UNKNOWN);
	rows_free(&rows);
	snapshot_free(total);
	snapshot_free(now);
}

static void the_chosen_stack_opens_frame_by_frame(void **state)
{
	struct snapshot *total = sample_with_stacks();
	struct view *view = *state;

	view->scene.total = view->scene.now = total;
	press(view, 's');
	press(view, '/');
	for (const char *at = "memset < fill"; *at; at++)
		press(view, *at);
	press(view, PRESSED_ENTER);
	assert_has(view, "allocator memset < fill < work");
	press(view, PRESSED_ENTER);
	assert_has(view, "allocator class 1040");
	for (size_t i = 0; i < 5; i++) {
		static const char *const frames[] = {
		    "  memset", "  fill", "  work(int; char const*)", "  main", "  __libc_start_main"};

		assert_line(view, 14 + i, frames[i]);
	}
	assert_has(view, "estimates");
	press(view, PRESSED_ENTER);
	assert_line(view, 14, "");
	snapshot_free(total);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stacks_have_their_words_and_both_figures),
	    cmocka_unit_test(functions_are_told_by_object),
	    cmocka_unit_test(a_slice_that_lost_its_stacks_says_nothing_of_them),
	    cmocka_unit_test(processes_of_both_are_put_together),
	    cmocka_unit_test(a_slice_that_lost_its_processes_says_nothing_of_them),
	    cmocka_unit_test(zeroing_that_is_not_measured_is_not_zero_in_rows_without_faults),
	    cmocka_unit_test_setup_teardown(the_chosen_stack_opens_frame_by_frame, open_view, close_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
