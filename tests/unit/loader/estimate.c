/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/snapshot/estimate.c: what a sample of durations says of all.
 */
#include <math.h>

#include "sample.h"

#define POPULATION 4000
#define TRIALS     400

/* 1 to 3 us, and one in a hundred fifty times that. */
static uint64_t duration(int fault)
{
	return (1000 + (fault * 7919U) % 2000) * (fault % 100 ? 1 : 50);
}

static void time_fault(struct counts *counts, uint64_t ns)
{
	counts->timed++;
	counts->timed_ns += ns;
	counts->timed_squares += (ns / SQUARE_NS) * (ns / SQUARE_NS);
}

static void all_timed_is_exact(void **state)
{
	struct counts counts = {.faults = 2, .timeable = 2, .zeroed_bytes = 8192};

	(void)state;
	time_fault(&counts, 1000);
	time_fault(&counts, 5000);
	counts.zero_timed_bytes = 4096;
	counts.zero_timed_ns = 100;
	counts_estimate(&counts);
	assert_int_equal(counts.fault_ns, 6000);
	assert_int_equal(counts.fault_ns_error, 0);
	assert_int_equal(counts.zero_ns, 200);
}

static void none_timed_is_unknown(void **state)
{
	struct counts counts = {.faults = 2, .timeable = 2, .zeroed_bytes = 4096}, nothing = {.faults = 0};

	(void)state;
	counts_estimate(&counts);
	assert_true(counts.fault_ns == UNKNOWN);
	assert_true(counts.fault_ns_error == UNKNOWN);
	assert_true(counts.zero_ns == UNKNOWN);
	counts_estimate(&nothing);
	assert_int_equal(nothing.fault_ns, 0);
	assert_int_equal(nothing.zero_ns, 0);
}

/* Draw one in ten, many times: the mean of the estimates is the truth, and the interval holds it as often as it says.
 */
static void sample_is_unbiased_and_covered(void **state)
{
	double sum = 0, truth = 0;
	int covered = 0;

	(void)state;
	srand(1);
	for (int fault = 0; fault < POPULATION; fault++)
		truth += duration(fault);
	for (int trial = 0; trial < TRIALS; trial++) {
		struct counts counts = {.faults = POPULATION, .timeable = POPULATION};

		for (int fault = 0; fault < POPULATION; fault++)
			if (rand() % 10 == 0)
				time_fault(&counts, duration(fault));
		counts_estimate(&counts);
		sum += counts.fault_ns;
		covered += fabs(counts.fault_ns - truth) <= counts.fault_ns_error;
	}
	assert_true(fabs(sum / TRIALS / truth - 1) < 0.02);
	/* A skewed population makes the normal interval a little short: it is 95 % for large samples. */
	assert_in_range(covered, TRIALS * 88 / 100, TRIALS * 99 / 100);
}

static void sum_takes_untimed_rows_to_be_like_the_others(void **state)
{
	struct counts sum = {.faults = 0}, timed = {.faults = 10, .timeable = 10},
	              untimed = {.faults = 5, .timeable = 5};
	struct counts populated = {.faults = 7, .populated = 7};

	(void)state;
	for (int i = 0; i < 10; i++)
		time_fault(&timed, 2000);
	counts_estimate(&timed);
	counts_estimate(&untimed);
	counts_estimate(&populated);
	counts_add(&sum, &untimed);
	assert_true(sum.fault_ns == UNKNOWN);
	counts_add(&sum, &timed);
	counts_add(&sum, &populated);
	assert_int_equal(sum.faults, 22);
	assert_int_equal(sum.fault_ns, 15 * 2000);
}

static void rows_have_their_own_means(void **state)
{
	struct counts sum = {.faults = 0}, slow = {.faults = 10, .timeable = 10},
	              fast = {.faults = 1000, .timeable = 1000};

	(void)state;
	for (int i = 0; i < 10; i++) {
		time_fault(&slow, 50000);
		time_fault(&fast, 1000);
	}
	counts_estimate(&slow);
	counts_estimate(&fast);
	counts_add(&sum, &slow);
	counts_add(&sum, &fast);
	assert_int_equal(sum.fault_ns, 10 * 50000 + 1000 * 1000);
}

/* The sum is that of the rows, whatever their shares of what was timed: one of huge pages clears faster than others. */
static void rows_have_their_own_rates_of_zeroing(void **state)
{
	struct counts sum = {.faults = 0}, untimed = {.zeroed_bytes = 1000 * 4096};
	struct counts slow = {.zeroed_bytes = 10 * 4096, .zero_timed_bytes = 10 * 4096, .zero_timed_ns = 10 * 1000};
	struct counts fast = {.zeroed_bytes = 990 * 4096, .zero_timed_bytes = 4096, .zero_timed_ns = 100};

	(void)state;
	counts_estimate(&slow);
	counts_estimate(&fast);
	counts_estimate(&untimed);
	counts_add(&sum, &slow);
	counts_add(&sum, &fast);
	assert_int_equal(sum.zero_ns, 10 * 1000 + 990 * 100);
	counts_add(&sum, &untimed);
	assert_int_equal(sum.zero_ns, 2 * (10 * 1000 + 990 * 100));
}

static void look_at(struct waste *waste, uint64_t weight, bool unused)
{
	waste->sampled++;
	waste->sampled_weight += weight;
	waste->checked++;
	waste->checked_weight += weight;
	waste->checked_squares += weight * weight;
	waste->unused_weight += unused ? weight : 0;
}

static void waste_of_all_pages_is_exact(void **state)
{
	struct counts counts = {.zeroed_bytes = 4 * 4096, .waste.zeroed_bytes = 4 * 4096};

	(void)state;
	for (int page = 0; page < 4; page++)
		look_at(&counts.waste, 1, page == 2);
	counts_estimate(&counts);
	assert_int_equal(counts.waste.of_bytes, 4 * 4096);
	assert_int_equal(counts.waste.bytes, 4096);
	assert_int_equal(counts.waste.low, 4096);
	assert_int_equal(counts.waste.high, 4096);
}

static void waste_is_unknown_where_nothing_was_looked_at(void **state)
{
	struct counts none = {.zeroed_bytes = 4096, .waste.zeroed_bytes = 4096}, nothing = {.faults = 1};
	struct counts unmeasured = {.zeroed_bytes = 4096, .waste.sampled = UNKNOWN}, known = {.zeroed_bytes = 4096};

	(void)state;
	counts_estimate(&none);
	assert_true(none.waste.bytes == UNKNOWN);
	assert_true(none.waste.of_bytes == UNKNOWN);
	counts_estimate(&nothing);
	assert_int_equal(nothing.waste.bytes, 0);
	assert_int_equal(nothing.waste.high, 0);
	known.waste.zeroed_bytes = 4096;
	look_at(&known.waste, 1, true);
	counts_add(&known, &unmeasured);
	assert_true(known.waste.bytes == UNKNOWN);
}

/* What was not given back is in no figure. */
static void waste_is_of_what_was_looked_at(void **state)
{
	struct counts counts = {.zeroed_bytes = 100 * 4096, .waste.zeroed_bytes = 100 * 4096};

	(void)state;
	for (int page = 0; page < 25; page++)
		look_at(&counts.waste, 1, page < 5);
	counts.waste.sampled += 75;
	counts.waste.sampled_weight += 75;
	counts_estimate(&counts);
	assert_int_equal(counts.waste.of_bytes, 25 * 4096);
	assert_int_equal(counts.waste.bytes, 5 * 4096);
}

/* An interval in which nothing was zeroed, and pages of an earlier one were given back. */
static void waste_of_earlier_pages(void **state)
{
	struct counts counts = {.zeroed_bytes = 0};

	(void)state;
	for (int page = 0; page < 10; page++)
		look_at(&counts.waste, 4, page < 5);
	counts.waste.sampled = counts.waste.sampled_weight = 0;
	counts_estimate(&counts);
	assert_int_equal(counts.waste.of_bytes, 40 * 4096);
	assert_int_equal(counts.waste.bytes, 20 * 4096);
	assert_in_range(counts.waste.low, 1, 20 * 4096 - 1);
}

static void no_waste_seen_is_not_none(void **state)
{
	struct counts counts = {.zeroed_bytes = 1000 * 4096, .waste.zeroed_bytes = 1000 * 4096};

	(void)state;
	for (int page = 0; page < 100; page++)
		look_at(&counts.waste, 10, false);
	counts_estimate(&counts);
	assert_int_equal(counts.waste.bytes, 0);
	assert_int_equal(counts.waste.low, 0);
	assert_in_range(counts.waste.high, 1000 * 4096 * 3 / 100, 1000 * 4096 * 4 / 100);
}

/*
 * As bpf/sample.h draws: one page of each block, whose length doubles with every so many samples. The mean of the
 * estimates is the truth, and the interval holds it as often as it says, also when waste comes in runs and late.
 */
static void waste_is_unbiased_and_covered(void **state)
{
	enum { PAGES = 20000, A_STRIDE = 64 };
	double sum = 0, truth = 0;
	int covered = 0;

	(void)state;
	srand(2);
	for (int page = 0; page < PAGES; page++)
		truth += page % 16 < 3 || page % 5000 > 4000;
	for (int trial = 0; trial < TRIALS; trial++) {
		struct counts counts = {.zeroed_bytes = PAGES * 4096, .waste.zeroed_bytes = PAGES * 4096};

		for (int block = 0; block < PAGES;) {
			int stride = 1 << counts.waste.sampled / A_STRIDE, page = block + rand() % stride;

			if (page < PAGES)
				look_at(&counts.waste, stride, page % 16 < 3 || page % 5000 > 4000);
			block += stride;
		}
		counts_estimate(&counts);
		sum += counts.waste.bytes / 4096.0;
		covered += counts.waste.low / 4096.0 <= truth && truth <= counts.waste.high / 4096.0;
	}
	assert_true(fabs(sum / TRIALS / truth - 1) < 0.02);
	assert_in_range(covered, TRIALS * 92 / 100, TRIALS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_timed_is_exact),
	    cmocka_unit_test(none_timed_is_unknown),
	    cmocka_unit_test(sample_is_unbiased_and_covered),
	    cmocka_unit_test(sum_takes_untimed_rows_to_be_like_the_others),
	    cmocka_unit_test(rows_have_their_own_means),
	    cmocka_unit_test(rows_have_their_own_rates_of_zeroing),
	    cmocka_unit_test(waste_of_all_pages_is_exact),
	    cmocka_unit_test(waste_is_unknown_where_nothing_was_looked_at),
	    cmocka_unit_test(waste_is_of_what_was_looked_at),
	    cmocka_unit_test(waste_of_earlier_pages),
	    cmocka_unit_test(no_waste_seen_is_not_none),
	    cmocka_unit_test(waste_is_unbiased_and_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
