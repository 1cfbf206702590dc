/* SPDX-License-Identifier: MIT */
/* Tests of loader/live/dashboard_spaces.c: the page of address spaces. */
#include "dashboard_view.h"

#include "snapshot/spaces.h"

#define MIB (1UL << 20)

/* One that has a SuperSlab, half of whose first slab is used, 30 MiB of nothing, and a heap that is touched. */
struct spaces_view {
	struct view *view;
	struct spaces spaces;
};

static struct spaces_range range(uint64_t start, uint64_t bytes, enum region region, const char *detail)
{
	struct spaces_range range = {
	    .start = start, .bytes = bytes, .region = region, .detail = strdup(detail), .faults = UNKNOWN};

	spaces_range_cut(&range);
	return range;
}

static void add_super_slab(struct spaces_range *into)
{
	into->slabs = calloc(SPACES_SLABS, sizeof(*into->slabs));
	assert_non_null(into->slabs);
	into->part_bytes = SPACES_SLAB_BYTES;
	into->slabs[0] = (struct spaces_slab){SLAB_HOLDS_BLOCKS, 64, 1024, 512};
	into->slabs[1] = (struct spaces_slab){SLAB_HOLDS_BLOCKS, 128, 512, UNKNOWN};
	spaces_range_resident(into, into->start, into->start + SPACES_SLAB_BYTES);
}

static int open_spaces(void **state)
{
	struct spaces_view *of = calloc(1, sizeof(*of));
	struct spaces_process *process;
	void *view;

	open_view(&view);
	of->view = view;
	of->spaces.processes = calloc(2, sizeof(*process));
	of->spaces.process_count = 2;
	process = &of->spaces.processes[0];
	*process = (struct spaces_process){.pid = 4312, .comm = strdup("bench"), .bytes = 36 * MIB};
	process->ranges = calloc(3, sizeof(*process->ranges));
	process->range_count = 3;
	process->ranges[0] = range(64 * MIB, 4 * MIB, REGION_LIBC, "heap");
	spaces_range_resident(&process->ranges[0], 64 * MIB, 66 * MIB);
	process->ranges[1] = range(0x7f0000000000, 2 * MIB, REGION_ALLOCATOR, "");
	add_super_slab(&process->ranges[1]);
	process->ranges[2] = range(0x7f0000200000, 30 * MIB, REGION_ANON, "evil\033[31m");
	process->resident_bytes = 2 * MIB + SPACES_SLAB_BYTES;
	process->others.ranges = 7;
	process->others.bytes = MIB;
	of->spaces.processes[1] = (struct spaces_process){.pid = 7,
	    .comm = strdup("other"),
	    .cannot = strdup("its memory may not be read"),
	    .resident_bytes = UNKNOWN};
	of->view->scene.spaces = &of->spaces;
	*state = of;
	return 0;
}

static int close_spaces(void **state)
{
	struct spaces_view *of = *state;
	void *view = of->view;

	spaces_free(&of->spaces);
	close_view(&view);
	free(of);
	return 0;
}

static void a_process_is_a_strip_and_its_ranges(void **state)
{
	struct view *view = ((struct spaces_view *)*state)->view;

	press(view, 'a');
	assert_line(view, 3, "bench 4312 (1 of 2, [n]ext): now 2.1 MiB resident of 36 MiB mapped");
	assert_line(view, 4, "█· ▁· each 2.0 MiB");
	assert_line(view, 5, "       START    BYTES RES% REGION    DETAIL     TOUCHED, from end to end");
	assert_line(view, 6, "     4000000  4.0 MiB   50 libc      heap       ████████████████················");
	assert_line(view, 7, "7f0000000000  2.0 MiB    3 allocator            █·······························");
	assert_line(view, 8, "               2 of 32 slabs in use, 50 % full: ▄?······························");
	assert_begins(view, 9, "7f0000200000   30 MiB    0 anon      evil?[31m  ");
	assert_line(view, 21, "and 7 smaller ranges: - resident of 1.0 MiB");
	assert_has(view, "3 ranges");
}

static void what_is_not_known_is_said(void **state)
{
	struct view *view = ((struct spaces_view *)*state)->view;

	press(view, 'a');
	press(view, 'n');
	assert_line(view, 3, "other 7 (2 of 2, [n]ext): now n/a resident of - mapped");
	assert_line(view, 4, "its memory may not be read");
	press(view, 'n');
	assert_has(view, "bench 4312");
	view->scene.spaces = NULL;
	draw(view, 24, 80);
	assert_has(view, "address spaces can't be had here");
}

static void ranges_scroll_and_filter(void **state)
{
	struct view *view = ((struct spaces_view *)*state)->view;

	press(view, 'a');
	press(view, PRESSED_DOWN);
	assert_begins(view, 6, "7f0000000000");
	press(view, PRESSED_END);
	assert_begins(view, 6, "7f0000200000");
	press(view, PRESSED_HOME);
	press(view, '/');
	press(view, 'h');
	press(view, 'e');
	press(view, PRESSED_ENTER);
	assert_begins(view, 6, "     4000000");
	assert_has(view, "1 range  with 'he'");
	draw(view, DASHBOARD_LINES, DASHBOARD_COLUMNS);
	assert_has(view, "bench 4312");
}

static void what_libhakmem_decides_comes_below(void **state)
{
	struct spaces_view *of = *state;
	struct view *view = of->view;
	struct decision prefault = {.lever = LEVER_PREFAULT, .block_bytes = 512, .value = 16, .changes = 1};
	struct decision delay = {.lever = LEVER_DELAY, .value = 400};

	assert_int_equal(decisions_add(&of->spaces.processes[0].decisions, &prefault, "slabs get\033[31m filled"), 0);
	assert_int_equal(decisions_add(&of->spaces.processes[0].decisions, &delay, "nothing is known yet"), 0);
	press(view, 'a');
	assert_line(view, 10, "16 pages of a slab of class 512 made present at once (1 change)");
	assert_line(view, 11, "  slabs get?[31m filled");
	assert_line(view, 12, "free memory is kept for 400 ms (0 changes)");
	assert_line(view, 13, "  nothing is known yet");
	assert_line(view, 20, "and 7 smaller ranges: - resident of 1.0 MiB");
	assert_line(view, 21, "libhakmem decides by what memory costs: 2 decisions, below the ranges");
	press(view, PRESSED_END);
	assert_line(view, 6, "free memory is kept for 400 ms (0 changes)");
	press(view, PRESSED_HOME);
	press(view, '/');
	press(view, '5');
	press(view, '1');
	press(view, '2');
	press(view, PRESSED_ENTER);
	assert_line(view, 6, "16 pages of a slab of class 512 made present at once (1 change)");
	for (size_t lines = 8; lines < 24; lines++)
		draw(view, lines, 80);
}

static void digits_stand_for_blocks_where_there_are_none(void **state)
{
	struct view *view = ((struct spaces_view *)*state)->view;

	view->dashboard.page = PAGE_SPACES;
	canvas_close(&view->canvas);
	assert_int_equal(canvas_open(&view->canvas, 24, 80, true), 0);
	assert_int_equal(dashboard_draw(&view->dashboard, &view->scene, &view->canvas), 0);
	assert_line(view, 6, "     4000000  4.0 MiB   50 libc      heap       8888888888888888................");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_spaces, close_spaces)
	const struct CMUnitTest tests[] = {
	    TEST(a_process_is_a_strip_and_its_ranges),
	    TEST(what_is_not_known_is_said),
	    TEST(ranges_scroll_and_filter),
	    TEST(what_libhakmem_decides_comes_below),
	    TEST(digits_stand_for_blocks_where_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
