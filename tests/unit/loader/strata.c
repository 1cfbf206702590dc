/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/trace/strata.c: what each stratum of a run says of a row is added.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bpf/types.h"
#include "trace/strata.h"

/* So many more faults of so many ns, of which these were timed. */
static void count(struct sample *whole, uint64_t faults, uint64_t timed, uint64_t ns)
{
	whole->faults += faults;
	whole->timed += timed;
	whole->timed_ns += timed * ns;
	whole->timed_squares += timed * (ns / SQUARE_NS) * (ns / SQUARE_NS);
	whole->zeroed_bytes += 4096 * faults;
	whole->zero_timed_bytes += 4096 * timed;
	whole->zero_ns += timed * ns / 2;
}

static const struct account_key key = {.owner = 7, .cause = CAUSE_FIRST_TOUCH};

static void without_an_end_there_is_one_stratum(void **state)
{
	struct strata *strata = strata_new();
	struct covered one = {}, other = {};
	struct sample whole = {};

	(void)state;
	count(&whole, 1000, 1000, 640);
	count(&whole, 1000, 10, 6400);
	strata_cover_account(NULL, &key, &whole, &one);
	strata_cover_account(strata, &key, &whole, &other);
	assert_int_equal(one.faults, 2000);
	assert_int_equal(one.ns, (1000 * 640 + 10 * 6400) * 2000ULL / 1010);
	assert_memory_equal(&one, &other, sizeof(one));
	strata_free(strata);
}

/* The beginning is timed throughout, and then one of a hundred of what takes ten times as long. */
static void each_stratum_has_its_own_mean(void **state)
{
	struct strata *strata = strata_new();
	struct covered covered = {};
	struct sample whole = {};

	(void)state;
	count(&whole, 1000, 1000, 640);
	assert_int_equal(strata_end_account(strata, &key, &whole), 0);
	count(&whole, 100000, 1000, 6400);
	strata_cover_account(strata, &key, &whole, &covered);
	assert_int_equal(covered.faults, 101000);
	assert_int_equal(covered.ns, 1000 * 640 + 100000 * 6400);
	assert_int_equal(covered.zeroed_bytes, 4096 * 101000);
	assert_int_equal(covered.zero_ns, 1000 * 320 + 100000 * 3200);
	strata_free(strata);
}

/* Ending a stratum changes nothing of what was said before: a report may be made at any time. */
static void an_end_changes_no_estimate(void **state)
{
	struct strata *strata = strata_new();
	struct covered before = {}, after = {};
	struct sample whole = {};

	(void)state;
	for (int i = 1; i <= 40; i++) {
		count(&whole, 997 * i, 13 * i, 700 * i);
		before = after = (struct covered){};
		strata_cover_account(strata, &key, &whole, &before);
		assert_int_equal(strata_end_account(strata, &key, &whole), 0);
		strata_cover_account(strata, &key, &whole, &after);
		assert_memory_equal(&before, &after, sizeof(before));
	}
	strata_free(strata);
}

/* A stratum in which none of a row was timed is like the row's others. */
static void what_was_not_timed_is_like_the_rows_others(void **state)
{
	struct strata *strata = strata_new();
	struct covered covered = {};
	struct sample whole = {};

	(void)state;
	count(&whole, 10, 10, 640);
	assert_int_equal(strata_end_account(strata, &key, &whole), 0);
	count(&whole, 500, 0, 0);
	assert_int_equal(strata_end_account(strata, &key, &whole), 0);
	strata_cover_account(strata, &key, &whole, &covered);
	assert_int_equal(covered.faults, 510);
	assert_int_equal(covered.ns, 510 * 640);
	strata_free(strata);
}

/* However little was timed of however many: a recording must be able to hold what is told of it. */
static void the_uncertain_stays_within_bounds(void **state)
{
	struct strata *strata = strata_new();
	struct covered covered = {};
	struct sample whole = {};

	(void)state;
	count(&whole, 1000000, 1, 1000000);
	assert_int_equal(strata_end_account(strata, &key, &whole), 0);
	count(&whole, 1000000000, 0, 0);
	strata_cover_account(strata, &key, &whole, &covered);
	assert_int_equal(covered.faults, 1001000000);
	assert_true(covered.variance > 0 && covered.variance <= 1ULL << 57);
	strata_free(strata);
}

static void rows_are_told_apart(void **state)
{
	struct strata *strata = strata_new();
	struct sample whole = {}, other = {};

	(void)state;
	count(&whole, 10, 10, 640);
	for (uint32_t i = 0; i < 300; i++) {
		struct account_key one = {.owner = i, .phase = i % 5};

		count(&whole, 1, 1, 640);
		assert_int_equal(strata_end_account(strata, &one, &whole), 0);
		assert_int_equal(strata_end_process(strata, i, &other), 0);
	}
	for (uint32_t i = 0; i < 300; i++) {
		struct account_key one = {.owner = i, .phase = i % 5};
		struct covered covered = {}, process = {};

		strata_cover_account(strata, &one, &whole, &covered);
		assert_int_equal(covered.faults, 310);
		strata_cover_process(strata, i, &other, &process);
		assert_int_equal(process.faults, 0);
	}
	strata_free(strata);
}

/* Rows are read while they are counted: one may seem to shrink. */
static void a_row_that_shrinks_adds_nothing(void **state)
{
	struct strata *strata = strata_new();
	struct sample whole = {}, before;
	struct covered covered = {};

	(void)state;
	count(&whole, 100, 100, 640);
	before = whole;
	count(&whole, 1, 1, 640);
	assert_int_equal(strata_end_account(strata, &key, &whole), 0);
	strata_cover_account(strata, &key, &before, &covered);
	assert_int_equal(covered.faults, 101);
	assert_int_equal(covered.ns, 101 * 640);
	strata_free(strata);
}

static void faults_that_hooks_cannot_time_stand_for_nothing(void **state)
{
	struct account of_processor[2] = {
	    {.faults = 10, .populated = 4, .timed = 6, .fault_ns = 600, .fault_ns_squared = 60},
	    {.faults = 5, .populated = 5},
	};
	struct process_account process = {.causes = {[CAUSE_FIRST_TOUCH] = 9, [CAUSE_FILE] = 6}, .populated = 9};

	(void)state;
	assert_int_equal(strata_account(of_processor, 2, false).faults, 6);
	assert_int_equal(strata_account(of_processor, 2, true).faults, 15);
	assert_int_equal(strata_account(of_processor, 2, true).timed_ns, 600);
	assert_int_equal(strata_process(&process, false).faults, 6);
	assert_int_equal(strata_process(&process, true).faults, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_an_end_there_is_one_stratum),
	    cmocka_unit_test(each_stratum_has_its_own_mean),
	    cmocka_unit_test(an_end_changes_no_estimate),
	    cmocka_unit_test(what_was_not_timed_is_like_the_rows_others),
	    cmocka_unit_test(the_uncertain_stays_within_bounds),
	    cmocka_unit_test(rows_are_told_apart),
	    cmocka_unit_test(a_row_that_shrinks_adds_nothing),
	    cmocka_unit_test(faults_that_hooks_cannot_time_stand_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
