/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/output/table.c and header.c: what a reader finds, and that it fits and lines up.
 */
#include "sample.h"

#include "output/header.h"
#include "output/text.h"

static void assert_fits(char *bytes)
{
	for (char *line = bytes, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		if (text_columns(line) > REPORT_COLUMNS)
			fail_msg("%zu columns: %s", text_columns(line), line);
		*end = '\n';
	}
}

static void says_what_was_measured(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = sample_written(output_table, snapshot);

	(void)state;
	assert_contains(bytes, "hakmem-trace: ./bench 1000 two words ");
	assert_contains(bytes, "exit 0 in 12.1 ms\n");
	assert_contains(bytes, "kernel 6.12.1 | rung full | faults fentry:handle_mm_fault (exact)");
	assert_contains(bytes, "zeroing time fexit:get_page_from_freelist (upper bound)");
	assert_contains(bytes, "init_on_alloc on");
	assert_contains(bytes, "\nlost 0 | unseen 0 | own overhead about 1.1 %\n");
	assert_contains(bytes, "\nlimits: which page of a huge one");
	assert_contains(bytes, "148 faults (147 minor, 1 major, 8 populated) took 222 us; 548 KiB zeroed");
	assert_contains(bytes, "in at most 34 us, 0.3 % of the run");
	assert_fits(bytes);
	free(bytes);
	snapshot_free(snapshot);
}

/* Which the kernel does not know well enough to divide by. */
static void a_run_of_few_ticks_has_no_share_of_overhead(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	snapshot->totals.traced_ns = 1200000;
	bytes = sample_written(output_table, snapshot);
	assert_contains(bytes, "\nlost 0 | unseen 0 | own overhead about 132 us\n");
	free(bytes);
	snapshot->totals.own_ns = UNKNOWN;
	bytes = sample_written(output_table, snapshot);
	assert_contains(bytes, "\nlost 0 | unseen 0 | own overhead n/a\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void regions_come_largest_first_with_details_below(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = sample_written(output_table, snapshot);
	const char *lines =
	    "REGION     DETAIL               FAULTS      %    ZEROED  FAULT TIME    p50    p99   ZEROING   YOURS?\n"
	    "libc       data                     62   41.9   192 KiB       93 us   1.5u   2.0u     12 us   no\n"
	    "allocator                           41   27.7   164 KiB       62 us   1.5u   2.0u     10 us   yes\n"
	    "           class 1040               38   25.7   152 KiB       57 us   1.5u   2.0u    9.5 us   yes\n"
	    "           metadata                  3    2.0    12 KiB      4.5 us   1.5u   2.0u    750 ns   yes\n"
	    "program    data                     30   20.3    96 KiB       45 us   1.5u   2.0u    6.0 us   partly\n"
	    "stack      main                     15   10.1    60 KiB       22 us   1.5u   2.0u    3.8 us   partly\n"
	    "kernel     page-table                -      -    36 KiB           -      -      -    2.2 us   no\n";

	(void)state;
	assert_contains(bytes, lines);
	free(bytes);
	snapshot_free(snapshot);
}

static void small_details_are_folded(void **state)
{
	struct snapshot *snapshot = sample_new();
	char detail[32], *bytes;

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(detail, sizeof(detail), "class %d", i);
		sample_row(snapshot, REGION_ALLOCATOR, detail, i < 3 ? 1000 : 2, 0);
	}
	sample_row(snapshot, REGION_STACK, "main", 1, 0);
	sample_row(snapshot, REGION_STACK, "thread", 1, 0);
	bytes = sample_written(output_table, sample_finish(snapshot));
	assert_contains(bytes, "           (17 others)              34    1.1");
	assert_contains(bytes, "           class 2               1,000");
	assert_lacks(bytes, "class 7");
	assert_contains(bytes, "stack      (2 kinds)                 2    0.1");
	assert_fits(bytes);
	free(bytes);
	snapshot_free(snapshot);
}

static void unmeasured_is_not_zero(void **state)
{
	struct snapshot *snapshot = sample_new();
	struct counts *counts = sample_row(snapshot, REGION_ANON, "bench", 3, 3);
	char *bytes;

	(void)state;
	counts->covered.zero_ns = UNKNOWN;
	counts->zeroed_bytes = UNKNOWN;
	counts->timeable = counts->timed = counts->timed_ns = UNKNOWN;
	counts->histogram[10] = 0;
	free(snapshot->kernel.hooks[SUBJECT_ZERO].name);
	snapshot->kernel.hooks[SUBJECT_ZERO].name = NULL;
	snapshot->totals.lost = UNKNOWN;
	bytes = sample_written(output_table, sample_finish(snapshot));
	assert_contains(bytes, "zeroing n/a");
	assert_contains(bytes, "took n/a; zeroing not measured");
	assert_contains(bytes, "lost n/a");
	assert_contains(
	    bytes, "anon       bench                     3  100.0       n/a         n/a    n/a    n/a       n/a");
	free(bytes);
	snapshot_free(snapshot);
}

static void waste_shows(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = sample_written(output_table, snapshot);

	(void)state;
	assert_lacks(bytes, "STILL ZERO");
	free(bytes);
	sample_asides(snapshot);
	bytes = sample_written(output_table, snapshot);
	assert_contains(bytes, "\nZEROED AND GIVEN BACK        LOOKED AT  STILL ZERO      %      95 % INTERVAL\n"
	                       "allocator                      128 KiB      64 KiB   50.0      33.6 to  66.4\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void losses_and_signals_show(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	snapshot->exit_code = -1;
	snapshot->exit_signal = 11;
	snapshot_lose(snapshot, LOST_ROWS, 1230);
	snapshot_lose(snapshot, LOST_TASKS, 4);
	snapshot->totals.failed = 2;
	snapshot->totals.counts.timed = 100;
	snapshot->totals.skipped = 29;
	bytes = sample_written(output_table, snapshot);
	assert_lacks(bytes, "clearings");
	free(bytes);
	snapshot->totals.unallocated = 1;
	bytes = sample_written(output_table, snapshot);
	assert_contains(bytes, "signal 11 (Segmentation fault) after 12.1 ms\n");
	assert_contains(bytes, "lost 1,234 (1,230 rows, 4 tasks) | up to 29 clearings of pages unseen | unseen 0\n");
	assert_contains(bytes, "failed 2 (");
	assert_contains(bytes, "timed 100 of 148 faults");
	free(bytes);
	snapshot_free(snapshot);
}

static void hostile_and_long_strings_fit(void **state)
{
	static const char umlauts[] =
	    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
	static const char digits[] =
	    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
	static const char *const command[] = {"./a\033[2J", umlauts, digits};
	struct snapshot *snapshot = snapshot_new();
	char *bytes;

	(void)state;
	snapshot->command = sample_strings(command, 3);
	sample_row(
	    snapshot, REGION_LIBRARY, "lib\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xff\033-and-on.so.1", 3, 0);
	bytes = sample_written(output_table, sample_finish(snapshot));
	assert_fits(bytes);
	assert_lacks(bytes, "\033");
	assert_contains(bytes, "...  exit 0 in -");
	assert_contains(bytes, "library    lib\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xef\xbf\xbd?-and.. ");
	free(bytes);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_was_measured),
	    cmocka_unit_test(a_run_of_few_ticks_has_no_share_of_overhead),
	    cmocka_unit_test(regions_come_largest_first_with_details_below),
	    cmocka_unit_test(small_details_are_folded),
	    cmocka_unit_test(unmeasured_is_not_zero),
	    cmocka_unit_test(waste_shows),
	    cmocka_unit_test(losses_and_signals_show),
	    cmocka_unit_test(hostile_and_long_strings_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
