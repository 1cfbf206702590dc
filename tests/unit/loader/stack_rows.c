// SPDX-License-Identifier: MIT
/* Stacks of a machine that starts processes without end have an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stack/stack_rows.h"

static struct raw_row *count_one(struct stack_rows *rows, uint32_t pid, uint32_t frame)
{
	struct raw_key key = {.pid = pid, .comm = "busy", .touched_count = 1, .frames = &frame};
	struct raw_row *row = stack_rows_find(rows, &key);

	if (row)
		row->faults += 1;
	return row;
}

static void rows_are_told_apart_by_process(void **state)
{
	struct stack_rows rows = {};

	(void)state;
	assert_int_equal(count_one(&rows, 7, 1)->key.pid, 7);
	assert_int_equal(count_one(&rows, 8, 1)->key.pid, 8);
	assert_int_equal(count_one(&rows, 8, 2)->key.pid, 8);
	assert_true(count_one(&rows, 7, 1)->faults == 2);
	assert_int_equal(rows.row_count, 3);
	stack_rows_free(&rows);
}

static void late_processes_share_rows_by_name_and_stack(void **state)
{
	struct stack_rows rows = {};
	double faults = 0;

	(void)state;
	for (uint32_t pid = 1; pid <= 3 * STACK_ROWS_MOST; pid++)
		assert_non_null(count_one(&rows, pid, pid % 5));
	assert_int_equal(rows.row_count, STACK_ROWS_APART + 5);
	assert_int_equal(count_one(&rows, 1, 1)->key.pid, 1); /* which was there before */
	assert_int_equal(count_one(&rows, 3 * STACK_ROWS_MOST, 1)->key.pid, 0);
	for (size_t i = 0; i < rows.row_count; i++)
		faults += rows.rows[i].faults;
	assert_true(faults == 3 * STACK_ROWS_MOST + 2);
	stack_rows_free(&rows);
}

static void stacks_without_end_are_refused(void **state)
{
	struct stack_rows rows = {};
	uint32_t refused = 0;

	(void)state;
	for (uint32_t frame = 0; frame < 2 * STACK_ROWS_MOST; frame++)
		refused += !count_one(&rows, 7, frame);
	assert_int_equal(rows.row_count, STACK_ROWS_MOST);
	assert_int_equal(refused, STACK_ROWS_MOST);
	assert_non_null(count_one(&rows, 7, 0)); /* those that are there still count */
	stack_rows_free(&rows);
}

static void frames_without_end_are_refused(void **state)
{
	struct stack_rows rows = {};
	struct raw_frame frame = {.kind = RAW_FILE};

	(void)state;
	for (uint32_t i = 0; i < STACK_FRAMES_KEPT; i++) {
		frame.location.address = i;
		assert_int_equal(stack_rows_frame(&rows, &frame), i);
	}
	frame.location.address = STACK_FRAMES_KEPT;
	assert_int_equal(stack_rows_frame(&rows, &frame), RAW_FRAME_NONE);
	frame.location.address = 5;
	assert_int_equal(stack_rows_frame(&rows, &frame), 5);
	stack_rows_free(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_told_apart_by_process),
	    cmocka_unit_test(late_processes_share_rows_by_name_and_stack),
	    cmocka_unit_test(stacks_without_end_are_refused),
	    cmocka_unit_test(frames_without_end_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
