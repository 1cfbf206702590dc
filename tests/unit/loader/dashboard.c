/* SPDX-License-Identifier: MIT */
/* Tests of loader/live/dashboard*.c and table*.c: the screen, line by line, and what keys change of it. */
#include "dashboard_view.h"

#include <math.h>

static void fits_80x24_with_header_graphs_rows_and_keys(void **state)
{
	static const char *const lines[] = {
	    "hakmem-trace ./bench 1000 two wo.. (pid 4312)  own 1.1 %  lost 0  LIVE  00:12:07",
	    "full: faults exact, zeroing exact, times exact  init_on_alloc on  kernel 6.12.1",
	    "faults/s 7,669       ▂▁█▇  zeroed/s 31 MiB      ▂▁▂█  in faults 11.2 %     ▂▁?█",
	    "REGION    DETAIL        FAULTS/s     % ZEROED/s ZERO%  FAULTS   p50   p99 YOURS?",
	    "allocator class 1040          15  75.0   60 KiB  85.7      38  1.5u  2.0u yes",
	    "libc      data               5.0  25.0   10 KiB  14.3      62  1.5u  2.0u no",
	    "program   data                 -     -        -     -      30  1.5u  2.0u partly",
	    "stack     main                 -     -        -     -      15  1.5u  2.0u partly",
	    "allocator metadata             -     -        -     -       3  1.5u  2.0u yes",
	    "kernel    page-table           -     -        -     -       -     -     - no",
	    "",
	};
	struct view *view = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(view, i, lines[i]);
	assert_line(view, 22, "6 rows  /s of 2.0 s  totals since the start");
	assert_line(view, 23, "[r]egions [c]lasses [s]tacks [p]rocesses [a]ddresses [o]utput [/] [<>] [?] [q]");
}

static void wider_screens_have_more_columns(void **state)
{
	struct view *view = *state;

	draw(view, 24, 120);
	assert_line(view, 3,
	    "REGION    DETAIL                       FAULTS/s     % ZEROED/s ZERO%  FAULTS   ZEROED    TIME   MAJOR   "
	    "p50   p99 YOURS?");
}

static void a_screen_that_is_too_small_says_what_is_needed(void **state)
{
	struct view *view = *state;

	draw(view, 9, 80);
	assert_line(view, 0, "80x9: 60x10 are needed");
	draw(view, 1, 4);
	assert_line(view, 0, "4x..");
	draw(view, DASHBOARD_LINES, DASHBOARD_COLUMNS);
	assert_has(view, "REGION");
}

static void before_the_first_slice_nothing_is_claimed(void **state)
{
	struct view *view = *state;

	view->scene = (struct scene){.command = true};
	draw(view, 24, 80);
	assert_has(view, "hakmem-trace starting ...");
	assert_has(view, "faults/s n/a");
	assert_has(view, "nothing was counted yet");
}

static void what_is_not_measured_is_not_zero(void **state)
{
	struct view *view = *state;

	snapshot_region(view->now, REGION_LIBC, "data")->counts.zeroed_bytes = UNKNOWN;
	snapshot_finish(view->now);
	draw(view, 24, 80);
	assert_line(view, 5, "libc      data               5.0  25.0      n/a   n/a      62  1.5u  2.0u no");
	/* Nor is what happened less often than once a second. */
	view->scene.slice_ns = 60000000000;
	draw(view, 24, 80);
	assert_line(view, 5, "libc      data               0.2  25.0      n/a   n/a      62  1.5u  2.0u no");
}

static void losses_and_degraded_rungs_are_said(void **state)
{
	struct view *view = *state;

	view->total->totals.lost = 7;
	free(view->total->kernel.hooks[SUBJECT_ZERO].name);
	view->total->kernel.hooks[SUBJECT_ZERO].name = NULL;
	draw(view, 24, 80);
	assert_has(view, "lost 7");
	assert_has(view, "full: faults exact, zeroing n/a, times exact");
	assert_int_equal(view->canvas.cells[80].look, LOOK_WARN);
}

static void pages_show_classes_processes_and_stacks(void **state)
{
	struct view *view = *state;

	press(view, 'c');
	assert_line(view, 3, "DETAIL        FAULTS/s     % ZEROED/s  FAULTS   ZEROED FIRST% AGAIN%   p50   p99");
	assert_line(view, 4, "class 1040          15 100.0   60 KiB      38  152 KiB   78.9   21.1  1.5u  2.0u");
	assert_line(view, 5, "metadata             -     -        -       3   12 KiB  100.0      -  1.5u  2.0u");
	press(view, 'p');
	assert_has(view, "nothing was counted yet");
	press(view, 's');
	assert_has(view, "no call stacks are taken: start hakmem-trace top with --stacks");
	press(view, 'o');
	assert_has(view, "the command's output goes where hakmem-trace's was sent");
	press(view, 'r');
	assert_has(view, "REGION    DETAIL");
}

static void details_fold_into_their_regions(void **state)
{
	struct view *view = *state;

	press(view, 'd');
	assert_line(view, 4, "allocator (2 kinds)           15  75.0   60 KiB  85.7      41  1.5u  2.0u yes");
	assert_has(view, "5 rows");
	press(view, 'd');
	assert_has(view, "6 rows");
}

static void digits_sort_by_a_column_and_turn_it_round(void **state)
{
	struct view *view = *state;

	press(view, '7'); /* FAULTS of all time */
	assert_begins(view, 4, "libc      data ");
	assert_begins(view, 5, "allocator class 1040");
	press(view, '7');
	assert_begins(view, 4, "kernel    page-table");
	press(view, '1');
	assert_begins(view, 4, "allocator ");
	press(view, ']'); /* DETAIL: classes by their size, then the others by name */
	assert_begins(view, 4, "allocator class 1040");
	assert_begins(view, 5, "libc      data");
	press(view, '[');
	press(view, '[');
	assert_begins(view, 4, "libc      data"); /* YOURS?: no */
}

static void columns_that_are_not_shown_cannot_be_chosen(void **state)
{
	struct view *view = *state;

	press(view, '8'); /* p50: of those that 80 columns show */
	assert_int_equal(view->canvas.cells[3 * 80 + 64].look, LOOK_SORTED);
	press(view, '9'); /* p99 */
	assert_int_equal(view->canvas.cells[3 * 80 + 72].look, LOOK_SORTED);
}

static void classes_sort_by_their_size(void **state)
{
	struct view *view = *state;

	sample_row(view->total, REGION_ALLOCATOR, "class 64", 1, 1);
	sample_row(view->total, REGION_ALLOCATOR, "class 512", 1, 1);
	snapshot_finish(view->total);
	press(view, 'c');
	press(view, '1');
	assert_begins(view, 4, "class 64 ");
	assert_begins(view, 5, "class 512 ");
	assert_begins(view, 6, "class 1040 ");
	assert_begins(view, 7, "metadata ");
}

static void a_filter_keeps_rows_with_its_text(void **state)
{
	struct view *view = *state;

	press(view, '/');
	assert_has(view, "only rows with: _");
	press(view, 'A');
	press(view, 'l');
	press(view, 'l');
	press(view, 'q'); /* a letter, not an end */
	assert_has(view, "only rows with: Allq_");
	assert_has(view, "no row has this text in it");
	press(view, PRESSED_BACKSPACE);
	assert_begins(view, 4, "allocator class 1040");
	assert_begins(view, 5, "allocator metadata");
	assert_begins(view, 6, "");
	press(view, PRESSED_ENTER);
	assert_has(view, "2 rows  of 6, with 'All'");
	/* Shares stay those of everything. */
	assert_has(view, "  75.0   60 KiB");
	press(view, '/');
	press(view, 'x');
	press(view, PRESSED_ESCAPE);
	assert_has(view, "2 rows  of 6, with 'All'");
	press(view, PRESSED_ESCAPE);
	assert_has(view, "6 rows  /s");
}

static void a_filter_takes_any_script_and_never_overflows(void **state)
{
	struct view *view = *state;

	press(view, '/');
	press(view, 0xe9);
	press(view, 0x1f600);
	assert_string_equal(view->dashboard.filter, "é😀");
	press(view, PRESSED_BACKSPACE);
	assert_string_equal(view->dashboard.filter, "é");
	for (int i = 0; i < 2 * FILTER_SIZE; i++)
		press(view, 0x1f600);
	assert_true(strlen(view->dashboard.filter) < FILTER_SIZE);
}

static void the_cursor_stays_among_the_rows_and_scrolls(void **state)
{
	struct view *view = *state;
	char detail[32];

	for (int i = 0; i < 40; i++) {
		snprintf(detail, sizeof(detail), "file%02d", i);
		sample_row(view->now, REGION_FILE, detail, 1000 - i, 0);
		sample_row(view->total, REGION_FILE, detail, 1000 - i, 0);
	}
	snapshot_finish(view->now);
	snapshot_finish(view->total);
	draw(view, 24, 80);
	assert_begins(view, 4, "file      file00");
	assert_int_equal(view->canvas.cells[4 * 80].look, LOOK_CHOSEN);
	press(view, PRESSED_UP);
	assert_int_equal(view->canvas.cells[4 * 80].look, LOOK_CHOSEN);
	press(view, PRESSED_PAGE_DOWN);
	press(view, PRESSED_DOWN);
	assert_begins(view, 21, "file      file19");
	assert_int_equal(view->canvas.cells[21 * 80].look, LOOK_CHOSEN);
	press(view, PRESSED_END);
	assert_begins(view, 21, "kernel    page-table");
	press(view, PRESSED_HOME);
	assert_begins(view, 4, "file      file00");
}

static void help_fits_80x24_and_any_key_leaves_it(void **state)
{
	struct view *view = *state;

	press(view, '?');
	assert_has(view, "the chosen stack, frame by frame");
	assert_has(view, "what tracing costs it; what could not be accounted");
	for (size_t i = 4; i < 24; i++) {
		char *line = canvas_text(&view->canvas, i);

		assert_null(strstr(line, ".."));
		free(line);
	}
	assert_int_equal(press(view, 'q'), WISH_NONE);
	assert_has(view, "REGION");
}

static void quitting_asks_while_the_command_runs(void **state)
{
	struct view *view = *state;

	assert_int_equal(press(view, 'q'), WISH_NONE);
	assert_line(view, 22, "the command still runs: [e]nd it, [l]eave it untraced, any other key: stay");
	assert_int_equal(press(view, 'x'), WISH_NONE);
	assert_has(view, "6 rows");
	press(view, 'q');
	assert_int_equal(press(view, 'e'), WISH_END_COMMAND);
	press(view, 'q');
	assert_int_equal(press(view, 'l'), WISH_LEAVE);
	assert_int_equal(press(view, PRESSED_INTERRUPT), WISH_INTERRUPT);
	view->runs = false;
	assert_int_equal(press(view, 'q'), WISH_QUIT);
	assert_int_equal(press(view, PRESSED_INTERRUPT), WISH_QUIT);
}

static void other_keys_are_wishes(void **state)
{
	struct view *view = *state;

	assert_int_equal(press(view, ' '), WISH_PAUSE);
	assert_int_equal(press(view, '<'), WISH_BACK);
	assert_int_equal(press(view, PRESSED_RIGHT), WISH_FORWARD);
	assert_int_equal(press(view, '+'), WISH_SLOWER);
	assert_int_equal(press(view, '-'), WISH_FASTER);
	assert_int_equal(press(view, 'z'), WISH_RESET);
	assert_int_equal(press(view, 'w'), WISH_SAVE);
	assert_int_equal(press(view, 'X'), WISH_NONE);
}

static void the_state_of_time_is_said(void **state)
{
	struct view *view = *state;

	view->dashboard.held = true;
	draw(view, 24, 80);
	assert_has(view, "  PAUSED  00:12:07");
	view->scene.ago_ns = 42000000000;
	draw(view, 24, 80);
	assert_has(view, "  42 s AGO  00:12:07");
	view->scene.ago_ns = 0;
	view->scene.ended = true;
	view->scene.end = "exit 0 in 12.1 ms; q quits";
	view->scene.was_reset = true;
	draw(view, 24, 80);
	assert_has(view, "  ENDED  00:12:07");
	assert_has(view, "exit 0 in 12.1 ms; q quits  6 rows  /s of 2.0 s  totals since reset");
}

static void long_words_stay_within_their_lines(void **state)
{
	struct view *view = *state;
	char word[400];

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	view->scene.end = word;
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++) {
		free(view->total->kernel.hooks[subject].rung);
		view->total->kernel.hooks[subject].rung = strdup(word);
		view->total->kernel.hooks[subject].rung[subject] = 'x';
	}
	press(view, '/');
	for (int i = 0; i < FILTER_SIZE; i++)
		press(view, 'w');
	press(view, PRESSED_ENTER);
	draw(view, 24, 500);
	assert_has(view, "wwww");
}

static void names_cannot_steer_the_terminal(void **state)
{
	struct view *view = *state;

	sample_row(view->now, REGION_FILE, "\033[31m\033]0;x\a\xc2\x9b\xffname", 5000, 0);
	sample_row(view->total, REGION_FILE, "\033[31m\033]0;x\a\xc2\x9b\xffname", 5000, 0);
	free(view->total->command[0]);
	view->total->command[0] = strdup("./\033c\342\200\256rab");
	snapshot_finish(view->now);
	snapshot_finish(view->total);
	draw(view, 24, 120);
	assert_has(view, "file      ?[31m?]0;x??\xef\xbf\xbd"
	                 "name");
	assert_has(view, "hakmem-trace ./?c?rab 1000 two words");
	for (size_t i = 0; i < 24 * 120; i++)
		for (const char *at = view->canvas.cells[i].text; *at; at++)
			assert_true((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void the_commands_output_has_a_page(void **state)
{
	static char one[] = "\033[1mfirst", two[] = "second";
	char *tail[] = {one, two};
	struct view *view = *state;

	view->scene.output.path = "/tmp/output";
	view->scene.output.tail = tail;
	view->scene.output.lines = 2;
	view->scene.output.bytes = 13;
	press(view, 'o');
	assert_line(view, 3, "stdout and stderr, 13 B, the end of /tmp/output");
	assert_line(view, 4, "?[1mfirst");
	assert_line(view, 5, "second");
	draw(view, DASHBOARD_LINES, 80);
	assert_line(view, 5, "second");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_view, close_view)
	const struct CMUnitTest tests[] = {
	    TEST(fits_80x24_with_header_graphs_rows_and_keys),
	    TEST(wider_screens_have_more_columns),
	    TEST(a_screen_that_is_too_small_says_what_is_needed),
	    TEST(before_the_first_slice_nothing_is_claimed),
	    TEST(what_is_not_measured_is_not_zero),
	    TEST(losses_and_degraded_rungs_are_said),
	    TEST(pages_show_classes_processes_and_stacks),
	    TEST(details_fold_into_their_regions),
	    TEST(digits_sort_by_a_column_and_turn_it_round),
	    TEST(columns_that_are_not_shown_cannot_be_chosen),
	    TEST(classes_sort_by_their_size),
	    TEST(a_filter_keeps_rows_with_its_text),
	    TEST(a_filter_takes_any_script_and_never_overflows),
	    TEST(the_cursor_stays_among_the_rows_and_scrolls),
	    TEST(help_fits_80x24_and_any_key_leaves_it),
	    TEST(quitting_asks_while_the_command_runs),
	    TEST(other_keys_are_wishes),
	    TEST(the_state_of_time_is_said),
	    TEST(long_words_stay_within_their_lines),
	    TEST(names_cannot_steer_the_terminal),
	    TEST(the_commands_output_has_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
