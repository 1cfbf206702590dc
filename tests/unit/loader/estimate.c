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

static void time_fault(struct sample *sample, uint64_t ns)
{
	sample->timed++;
	sample->timed_ns += ns;
	sample->timed_squares += (ns / SQUARE_NS) * (ns / SQUARE_NS);
}

/* As a row of one stratum. */
static struct counts estimated(const struct sample *sample)
{
	struct counts counts = {
	    .faults = sample->faults,
	    .timeable = sample->faults,
	    .zeroed_bytes = sample->zeroed_bytes,
	};

	covered_add(&counts.covered, sample);
	counts_estimate(&counts);
	return counts;
}

static void all_timed_is_exact(void **state)
{
	struct sample sample = {.faults = 2, .zeroed_bytes = 8192, .zero_timed_bytes = 4096, .zero_ns = 100};
	struct counts counts;

	(void)state;
	time_fault(&sample, 1000);
	time_fault(&sample, 5000);
	counts = estimated(&sample);
	assert_int_equal(counts.fault_ns, 6000);
	assert_int_equal(counts.fault_ns_error, 0);
	assert_int_equal(counts.zero_ns, 200);
}

static void none_timed_is_unknown(void **state)
{
	struct counts counts = estimated(&(struct sample){.faults = 2, .zeroed_bytes = 4096});
	struct counts nothing = estimated(&(struct sample){});

	(void)state;
	assert_true(counts.fault_ns == UNKNOWN);
	assert_true(counts.fault_ns_error == UNKNOWN);
	assert_true(counts.zero_ns == UNKNOWN);
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
		struct sample sample = {.faults = POPULATION};
		struct counts counts;

		for (int fault = 0; fault < POPULATION; fault++)
			if (rand() % 10 == 0)
				time_fault(&sample, duration(fault));
		counts = estimated(&sample);
		sum += counts.fault_ns;
		covered += fabs(counts.fault_ns - truth) <= counts.fault_ns_error;
	}
	assert_true(fabs(sum / TRIALS / truth - 1) < 0.02);
	/* A skewed population makes the normal interval a little short: it is 95 % for large samples. */
	assert_in_range(covered, TRIALS * 88 / 100, TRIALS * 99 / 100);
}

static void one_that_stands_for_very_many_tells_little(void **state)
{
	struct sample sample = {.faults = 1000000000};
	struct counts counts;

	(void)state;
	time_fault(&sample, 1000000);
	counts = estimated(&sample);
	assert_true(counts.fault_ns_error > 300 * 1000000000ULL);
	assert_true(counts.fault_ns_error < 1000 * 1000000000ULL);
}

/* All of the first thousand, then one in a hundred of what takes ten times as long. */
static void strata_have_their_own_means(void **state)
{
	struct counts counts = {.faults = 101000, .timeable = 101000};
	struct sample first = {.faults = 1000}, rest = {.faults = 100000};

	(void)state;
	for (int fault = 0; fault < 1000; fault++) {
		time_fault(&first, 1024);
		time_fault(&rest, fault % 2 ? 10240 : 10112);
	}
	covered_add(&counts.covered, &first);
	covered_add(&counts.covered, &rest);
	counts_estimate(&counts);
	assert_int_equal(counts.fault_ns, 1000 * 1024 + 100000 * 10176);
	/* What was timed throughout adds nothing to the error: 64 ns of deviation, a thousand drawn of 100,000. */
	assert_true(fabs(counts.fault_ns_error / (1.96 * 64 * 100000 / sqrt(1000) * sqrt(0.99)) - 1) < 0.01);
}

static void sum_takes_untimed_rows_to_be_like_the_others(void **state)
{
	struct sample sample = {.faults = 10};
	struct counts sum = {.faults = 0}, timed, untimed = estimated(&(struct sample){.faults = 5});
	struct counts populated = {.faults = 7, .populated = 7};

	(void)state;
	for (int i = 0; i < 10; i++)
		time_fault(&sample, 2000);
	timed = estimated(&sample);
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
	struct sample slow = {.faults = 10}, fast = {.faults = 1000};
	struct counts sum = {.faults = 0}, one, other;

	(void)state;
	for (int i = 0; i < 10; i++) {
		time_fault(&slow, 50000);
		time_fault(&fast, 1000);
	}
	one = estimated(&slow);
	other = estimated(&fast);
	counts_add(&sum, &one);
	counts_add(&sum, &other);
	assert_int_equal(sum.fault_ns, 10 * 50000 + 1000 * 1000);
}

/* The sum is that of the rows, whatever their shares of what was timed: one of huge pages clears faster than others. */
static void rows_have_their_own_rates_of_zeroing(void **state)
{
	struct counts sum = {.faults = 0}, untimed = estimated(&(struct sample){.zeroed_bytes = 1000 * 4096});
	struct counts slow =
	    estimated(&(struct sample){.zeroed_bytes = 10 * 4096, .zero_timed_bytes = 10 * 4096, .zero_ns = 10 * 1000});
	struct counts fast =
	    estimated(&(struct sample){.zeroed_bytes = 990 * 4096, .zero_timed_bytes = 4096, .zero_ns = 100});

	(void)state;
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
	    cmocka_unit_test(one_that_stands_for_very_many_tells_little),
	    cmocka_unit_test(strata_have_their_own_means),
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
