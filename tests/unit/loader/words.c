/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/analysis/words.c: it says what the figures carry, and no more.
 */
#include "sample.h"

#include "analysis/words.h"

#define COLUMNS    100
#define MOST_LINES 6

static int words(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	(void)options;
	words_write(snapshot, file);
	return 0;
}

/* Checks the form, then makes one line of it, so that a test needn't know where lines break. */
static char *said(const struct snapshot *snapshot)
{
	char *bytes = sample_written(words, snapshot);
	size_t column = 0, lines = 0;

	for (char *at = bytes; *at; at++) {
		if (*at == '\n') {
			*at = ' ';
			column = 0;
			lines++;
		} else if (++column > COLUMNS) {
			fail_msg("a line of more than %d columns: %s", COLUMNS, bytes);
		}
	}
	assert_in_range(lines, 1, MOST_LINES);
	assert_int_equal(strncmp(bytes, "In words: ", 10), 0);
	return bytes;
}

static void names_the_leading_regions(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = said(snapshot);

	(void)state;
	assert_contains(bytes, "42 % of the faults are in the C library's own code and data, 28 % in the allocator's "
	                       "memory, 20 % in the program's own segments.");
	assert_contains(bytes,
	    "Zeroing is at most 0.3 % of the run: removing all of it would make this 1.003x faster at "
	    "best.");
	assert_lacks(bytes, "metadata");
	assert_lacks(bytes, "lost");
	free(bytes);
	snapshot_free(snapshot);
}

static void tells_waste(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = said(snapshot);

	(void)state;
	assert_lacks(bytes, "nothing but zeroes");
	free(bytes);
	sample_asides(snapshot);
	bytes = said(snapshot);
	assert_contains(bytes,
	    "About 50 % (34 to 66 %) of the zeroed memory that was given back held nothing but zeroes "
	    "even then, most of it in the allocator's memory.");
	free(bytes);
	snapshot_free(snapshot);
}

static void tells_metadata_from_blocks(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	sample_row(snapshot, REGION_ALLOCATOR, "metadata", 7475, 7475);
	bytes = said(sample_finish(snapshot));
	assert_contains(bytes, "98 % are in the allocator's own metadata");
	assert_contains(bytes, "recycling or purging blocks differently cannot save them");
	assert_contains(bytes, "Touching none of it would save 7475 faults");
	assert_lacks(bytes, "initialisation");
	free(bytes);
	snapshot_free(snapshot);
}

/* Phases know only regions: others of the allocator's faults may have been the early ones. */
static void metadata_is_initialised_when_no_other_detail_can_explain_the_early_faults(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	uint64_t *early, others = snapshot_region_sum(snapshot, REGION_ALLOCATOR).faults;
	char *bytes;

	(void)state;
	sample_row(snapshot, REGION_ALLOCATOR, "metadata", 7475, 7475);
	early = &snapshot_phase(snapshot, PHASE_NAME_BEFORE_MAIN)->regions[REGION_ALLOCATOR].faults;
	*early = others + 7475 * 89 / 100;
	bytes = said(sample_finish(snapshot));
	assert_lacks(bytes, "initialisation");
	free(bytes);
	early = &snapshot_phase(snapshot, PHASE_NAME_BEFORE_MAIN)->regions[REGION_ALLOCATOR].faults;
	*early = others + 7475 * 91 / 100;
	bytes = said(sample_finish(snapshot));
	assert_contains(bytes, "own metadata, touched before main, in its initialisation, not in blocks");
	free(bytes);
	snapshot_free(snapshot);
}

static void tells_what_recycling_can_save(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	uint64_t *causes = snapshot_region(snapshot, REGION_ALLOCATOR, "class 1040")->counts.causes;
	char *bytes = said(snapshot);

	(void)state;
	assert_contains(bytes,
	    "20 % of the faults in the allocator's memory touch again pages that libfoo.so gave back by "
	    "madvise.");
	assert_lacks(bytes, "can't save any");
	free(bytes);
	causes[FAULT_CAUSE_FIRST_TOUCH] += causes[FAULT_CAUSE_PURGED];
	causes[FAULT_CAUSE_PURGED] = 0;
	free(snapshot->purgers[0].object);
	snapshot->purger_count = 0;
	bytes = said(sample_finish(snapshot));
	assert_contains(bytes, "Each fault in malloc's memory is the first touch");
	assert_contains(bytes, "keeping or recycling pages can't save any.");
	free(bytes);
	causes[FAULT_CAUSE_FIRST_TOUCH]--;
	causes[FAULT_CAUSE_UNKNOWN]++;
	bytes = said(sample_finish(snapshot));
	assert_lacks(bytes, "can't save any");
	free(bytes);
	snapshot_free(snapshot);
}

static void tells_when(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = said(snapshot);

	(void)state;
	assert_contains(bytes, "74 % happen before main.");
	assert_lacks(bytes, "after the mark");
	free(bytes);
	snapshot_phase(snapshot, "load \033[2Jd\xc3\xb6ne\xc2\x9b")->regions[REGION_LIBC].faults = 37;
	bytes = said(sample_finish(snapshot));
	assert_contains(bytes, "25 % happen after the mark \"load ?[2Jd\xc3\xb6ne??\".");
	free(bytes);
	snapshot_free(snapshot);
}

static void tells_malloc_from_the_rest_of_libc(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	sample_row(snapshot, REGION_LIBC, "heap", 500, 500);
	sample_row(snapshot, REGION_LIBC, "mmap", 500, 500);
	bytes = said(sample_finish(snapshot));
	assert_contains(bytes, "% of the faults are in memory of the C library's malloc.");
	free(bytes);
	sample_row(snapshot, REGION_LIBC, "text", 1000, 0);
	bytes = said(sample_finish(snapshot));
	assert_contains(bytes, "in the C library and its malloc.");
	free(bytes);
	snapshot_free(snapshot);
}

static void unmeasured_zeroing_promises_nothing(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	snapshot->totals.counts.zero_ns = UNKNOWN;
	bytes = said(snapshot);
	assert_contains(bytes, "zeroing took was not measured");
	assert_lacks(bytes, "faster");
	free(bytes);
	snapshot->totals.counts.zero_ns = snapshot->wall_ns + 1;
	bytes = said(snapshot);
	assert_lacks(bytes, "faster");
	free(bytes);
	snapshot->totals.counts.zero_ns = snapshot->wall_ns / 2;
	snapshot->kernel.hooks[SUBJECT_ZERO_TIME].method = METHOD_ESTIMATE;
	bytes = said(snapshot);
	assert_contains(bytes, "Zeroing is about 50.0 % of the run");
	assert_contains(bytes, "2.000x faster at best, if the estimate holds.");
	free(bytes);
	snapshot_free(snapshot);
}

static void pages_zeroed_twice_are_told(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = said(snapshot);

	(void)state;
	assert_lacks(bytes, "already");
	free(bytes);
	snapshot->totals.counts.zeroed_twice_bytes = snapshot->totals.counts.zeroed_bytes / 2;
	bytes = said(snapshot);
	assert_contains(bytes, "50 % of the zeroing was of pages that the same fault had cleared already");
	free(bytes);
	snapshot->totals.counts.zeroed_twice_bytes = UNKNOWN;
	bytes = said(snapshot);
	assert_lacks(bytes, "already");
	free(bytes);
	snapshot_free(snapshot);
}

static void doubts_are_told(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	snapshot_lose(snapshot, LOST_ROWS, 16);
	snapshot->totals.unseen = 40;
	bytes = said(snapshot);
	assert_contains(bytes, "Of 16 events some detail was lost: the sums are right.");
	assert_contains(bytes, "40 faults were charged that no hook saw");
	free(bytes);
	snapshot_lose(snapshot, LOST_TASKS, 1);
	bytes = said(snapshot);
	assert_contains(bytes, "17 events were lost: the figures above are too low.");
	free(bytes);
	snapshot_free(snapshot);
}

/* Other tasks' skipped hooks are no news; where this run has pages from nowhere they may be its own. */
static void skipped_hooks_are_told_where_pages_came_from_nowhere(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	snapshot->totals.skipped = 29;
	assert_int_equal(snapshot_missing_clearings(snapshot), 0);
	bytes = said(snapshot);
	assert_lacks(bytes, "skipped");
	free(bytes);
	snapshot->totals.unallocated = 3;
	bytes = said(snapshot);
	assert_contains(bytes, "up to 29 clearings of pages may be missing above");
	free(bytes);
	snapshot->totals.unallocated = UNKNOWN;
	assert_int_equal(snapshot_missing_clearings(snapshot), 29);
	snapshot->totals.skipped = UNKNOWN;
	assert_int_equal(snapshot_missing_clearings(snapshot), 0);
	snapshot_free(snapshot);
}

static void nothing_happened(void **state)
{
	struct snapshot *snapshot = snapshot_new();
	char *bytes = said(snapshot);

	(void)state;
	assert_string_equal(bytes, "In words: no faults were counted. ");
	free(bytes);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_leading_regions),
	    cmocka_unit_test(tells_waste),
	    cmocka_unit_test(tells_metadata_from_blocks),
	    cmocka_unit_test(metadata_is_initialised_when_no_other_detail_can_explain_the_early_faults),
	    cmocka_unit_test(tells_what_recycling_can_save),
	    cmocka_unit_test(tells_when),
	    cmocka_unit_test(tells_malloc_from_the_rest_of_libc),
	    cmocka_unit_test(unmeasured_zeroing_promises_nothing),
	    cmocka_unit_test(pages_zeroed_twice_are_told),
	    cmocka_unit_test(doubts_are_told),
	    cmocka_unit_test(skipped_hooks_are_told_where_pages_came_from_nowhere),
	    cmocka_unit_test(nothing_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
