// SPDX-License-Identifier: MIT
/*
 * Tests of loader/analysis/statistics.c and signed_rank.c: against R's and published values, against counting every way
 * out, and by simulation where the promise is about what happens in the long run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analysis/statistics.h"

#define assert_near(value, expected, within)                                                                           \
	do {                                                                                                           \
		double got = (value);                                                                                  \
		if (!(fabs(got - (expected)) <= (within)))                                                             \
			fail_msg("%s is %.10g, not %.10g", #value, got, (double)(expected));                           \
	} while (0)

/* Hamilton's depression scale of nine patients before and after, from Hollander and Wolfe; R's example of wilcox.test.
 */
static const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
static const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};

static void random_numbers_are_those_of_the_reference(void **state)
{
	struct random_stream stream = random_start(1234567);

	(void)state;
	assert_true(random_next(&stream) == 6457827717110365317ULL);
	assert_true(random_next(&stream) == 3203168211198807973ULL);
	assert_true(random_next(&stream) == 9817491932198370423ULL);
}

static void every_order_is_as_likely(void **state)
{
	struct random_stream stream = random_start(5);
	unsigned int seen[6] = {0};

	(void)state;
	for (int i = 0; i < 60000; i++) {
		size_t order[3];

		random_permutation(&stream, order, 3);
		assert_int_equal(order[0] + order[1] + order[2], 3);
		seen[order[0] * 2 + (order[1] > order[2])]++;
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(seen[i], 9600, 10400);
}

static void quantiles_are_those_of_r(void **state)
{
	double values[] = {4, 1, 3, 2};

	(void)state;
	assert_near(statistics_median(values, 4), 2.5, 0);
	assert_near(statistics_quantile(values, 4, 0.25), 1.75, 1e-12);
	assert_near(statistics_quantile(values, 4, 0), 1, 0);
	assert_near(statistics_quantile(values, 4, 1), 4, 0);
	assert_near(statistics_quantile(values, 1, 0.3), 1, 0);
	assert_true(isnan(statistics_quantile(values, 0, 0.5)));
}

static void normal_quantiles(void **state)
{
	(void)state;
	assert_near(normal_quantile(0.975), 1.959963985, 1e-8);
	assert_near(normal_quantile(0.8), 0.8416212336, 1e-8);
	assert_near(normal_quantile(0.5), 0, 1e-8);
	assert_near(normal_quantile(0.001), -3.090232306, 1e-8);
}

static void holm_is_that_of_r(void **state)
{
	double p[] = {0.04, 0.01, 0.03, 0.02}, all[] = {0.9, 0.8, 0.0};

	(void)state;
	holm(p, 4);
	assert_near(p[0], 0.06, 1e-12);
	assert_near(p[1], 0.04, 1e-12);
	assert_near(p[2], 0.06, 1e-12);
	assert_near(p[3], 0.06, 1e-12);
	holm(all, 3);
	assert_near(all[0], 1, 0);
	assert_near(all[1], 1, 0);
	assert_near(all[2], 0, 0);
}

static void signed_ranks_are_those_of_r(void **state)
{
	double differences[9], middle;
	struct interval interval;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		differences[i] = before[i] - after[i];
	assert_near(signed_rank_p(differences, 9), 0.0390625, 1e-12);
	assert_true(signed_rank_interval(differences, 9, 0.95, &middle, &interval));
	assert_near(middle, 0.46, 1e-9);
	assert_near(interval.low, 0.010, 1e-9);
	assert_near(interval.high, 0.786, 1e-9);
}

/* Two-sided, over all signs. */
static double counted_p(const double *differences, size_t count)
{
	double ranks[16], sum = 0, total = 0;
	unsigned int as_far = 0, all = 1u << count;

	for (size_t i = 0; i < count; i++) {
		size_t below = 0, same = 0;

		for (size_t j = 0; j < count; j++) {
			below += fabs(differences[j]) < fabs(differences[i]);
			same += fabs(differences[j]) == fabs(differences[i]);
		}
		ranks[i] = below + (same + 1) / 2.0;
		total += ranks[i];
		sum += differences[i] > 0 ? ranks[i] : 0;
	}
	for (unsigned int signs = 0; signs < all; signs++) {
		double flipped = 0;

		for (size_t i = 0; i < count; i++)
			flipped += signs >> i & 1 ? ranks[i] : 0;
		as_far += fabs(flipped - total / 2) >= fabs(sum - total / 2) - 1e-9;
	}
	return (double)as_far / all;
}

static void ties_are_exact_too(void **state)
{
	struct random_stream stream = random_start(11);

	(void)state;
	for (int i = 0; i < 200; i++) {
		double differences[10];
		size_t count = 1 + random_below(&stream, 10);

		for (size_t j = 0; j < count; j++)
			differences[j] = (random_below(&stream, 2) ? 1.0 : -1.0) * (1 + random_below(&stream, 4));
		assert_near(signed_rank_p(differences, count), counted_p(differences, count), 1e-12);
	}
}

static void nothing_is_no_evidence(void **state)
{
	const double zeroes[] = {0, 0, 0}, two[] = {1, 2};
	struct interval interval;
	double middle;

	(void)state;
	assert_near(signed_rank_p(zeroes, 3), 1, 0);
	assert_near(signed_rank_p(zeroes, 0), 1, 0);
	assert_near(signed_rank_p(two, 2), 0.5, 1e-12);
	assert_near(signed_rank_least_p(8), 0.0078125, 0);
	assert_true(signed_rank_interval(two, 2, 0.95, &middle, &interval));
	assert_near(middle, 1.5, 0);
	assert_true(isinf(interval.low) && isinf(interval.high));
}

/* Where the exact distribution gives way to the normal one, they agree. */
static void large_samples_go_on_smoothly(void **state)
{
	struct random_stream stream = random_start(3);
	static double differences[SIGNED_RANK_EXACT + 1];
	struct interval exact, normal;
	double middle, exact_p;

	(void)state;
	for (size_t i = 0; i <= SIGNED_RANK_EXACT; i++)
		differences[i] = random_next(&stream) / 0x1p64 - 0.42;
	exact_p = signed_rank_p(differences, SIGNED_RANK_EXACT);
	assert_near(log(signed_rank_p(differences, SIGNED_RANK_EXACT + 1) / exact_p), 0, 0.5);
	assert_true(signed_rank_interval(differences, SIGNED_RANK_EXACT, 0.95, &middle, &exact));
	assert_true(signed_rank_interval(differences, SIGNED_RANK_EXACT + 1, 0.95, &middle, &normal));
	assert_near(normal.low, exact.low, 0.003);
	assert_near(normal.high, exact.high, 0.003);
}

static void the_bootstrap_depends_on_its_seed_alone(void **state)
{
	const double left[] = {10, 11, 12, 10, 11, 13, 10, 11}, right[] = {20, 21, 25, 22, 20, 27, 21, 22};
	struct interval first, again, other;

	(void)state;
	assert_true(bootstrap_median_ratio(left, right, 8, 0.95, 1, &first));
	assert_true(bootstrap_median_ratio(left, right, 8, 0.95, 1, &again));
	assert_true(bootstrap_median_ratio(left, right, 8, 0.95, 2, &other));
	assert_near(first.low, again.low, 0);
	assert_near(first.high, again.high, 0);
	assert_in_range(first.low * 100, 180, 197);
	assert_in_range(first.high * 100, 200, 220);
	assert_near(first.low, other.low, 0.05);
}

/* Noise of timings: few runs are fast, many a little slower, some very much. Student's t with two degrees of freedom.
 */
static double heavy(struct random_stream *stream)
{
	double uniform = (random_next(stream) >> 11) * 0x1p-53 + 0x1p-54, twice = 2 * uniform - 1;

	return twice * sqrt(2 / (1 - twice * twice));
}

/*
 * Differences of two equal arms in `count` blocks of two runs each: every run is slower than the one before, the
 * machine changes for good in the middle, and noise follows the noise before it.
 */
static void equal_arms(struct random_stream *stream, double *differences, size_t count)
{
	double noise = 0;

	for (size_t block = 0; block < count; block++) {
		double runs[2];

		for (size_t i = 0; i < 2; i++) {
			noise = 0.5 * noise + heavy(stream);
			runs[i] = noise + 0.3 * (2 * block + i) + (2 * block + i > count ? 5 : 0);
		}
		differences[block] = random_below(stream, 2) ? runs[1] - runs[0] : runs[0] - runs[1];
	}
}

#define REPETITIONS 3000

/* So often may a share of 5 % be exceeded that chance does not explain it. */
static double most(double share)
{
	return REPETITIONS * share + 4 * sqrt(REPETITIONS * share * (1 - share));
}

static void the_test_holds_its_level(void **state)
{
	static const size_t counts[] = {6, 8, 10, 20};
	struct random_stream stream = random_start(17);

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		int at_five = 0, at_one = 0, outside = 0;

		for (int i = 0; i < REPETITIONS; i++) {
			double differences[20], middle, p;
			struct interval interval;

			equal_arms(&stream, differences, counts[c]);
			p = signed_rank_p(differences, counts[c]);
			signed_rank_interval(differences, counts[c], 0.95, &middle, &interval);
			at_five += p <= 0.05;
			at_one += p <= 0.01;
			outside += interval.low > 0 || interval.high < 0;
		}
		assert_true(at_five <= most(0.05) && at_one <= most(0.01) && outside <= most(0.05));
		/* And is of use: with 20 blocks chance comes close to it. */
		assert_true(counts[c] < 20 || at_five > REPETITIONS * 0.03);
	}
}

/* Twelve equally distributed numbers together are near enough to a normal one. */
static double normal(struct random_stream *stream)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += random_next(stream) / 0x1p64;
	return sum;
}

/* Why the verdict is not the bootstrap's: of few blocks its 99 % interval leaves out the truth thrice as often. */
static void the_bootstrap_is_too_sure_of_few_blocks(void **state)
{
	struct random_stream stream = random_start(23);
	int outside = 0;

	(void)state;
	for (int i = 0; i < 600; i++) {
		double left[6], right[6];
		struct interval interval;

		for (size_t j = 0; j < 6; j++) {
			left[j] = exp(0.05 * normal(&stream));
			right[j] = exp(0.05 * normal(&stream));
		}
		bootstrap_median_ratio(left, right, 6, 0.99, i, &interval);
		outside += interval.low > 1 || interval.high < 1;
	}
	assert_in_range(outside, 13, 40);
}

/* How often a shift is found in as many pairs as a first series of 40 said were needed. */
static double power_of_needed(struct random_stream *stream, double shift)
{
	double differences[200], middle, needed;
	struct interval interval;
	int found = 0;

	for (size_t i = 0; i < 40; i++)
		differences[i] = 0.05 * normal(stream);
	signed_rank_interval(differences, 40, 0.95, &middle, &interval);
	needed = pairs_needed(40, (interval.high - interval.low) / 2, 0.95, shift, 0.01, 0.8);
	assert_in_range(needed, 10, 60);
	for (int i = 0; i < 20; i++) {
		for (size_t j = 0; j < needed; j++)
			differences[j] = shift + 0.05 * normal(stream);
		found += signed_rank_p(differences, needed) <= 0.01;
	}
	return found / 20.0;
}

static void as_many_runs_as_are_said_to_be_needed_are(void **state)
{
	struct random_stream stream = random_start(29);
	double power = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		power += power_of_needed(&stream, 0.04) / 100;
	assert_near(power, 0.8, 0.06);
	/* Fewer than eight can't give a p of 1 %. */
	assert_near(pairs_needed(100, 1e-6, 0.95, 0.04, 0.01, 0.8), 8, 0);
	assert_true(isnan(pairs_needed(5, INFINITY, 0.95, 0.04, 0.01, 0.8)));
	assert_true(isnan(pairs_needed(5, 0.1, 0.95, 0, 0.01, 0.8)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_numbers_are_those_of_the_reference),
	    cmocka_unit_test(every_order_is_as_likely),
	    cmocka_unit_test(quantiles_are_those_of_r),
	    cmocka_unit_test(normal_quantiles),
	    cmocka_unit_test(holm_is_that_of_r),
	    cmocka_unit_test(signed_ranks_are_those_of_r),
	    cmocka_unit_test(ties_are_exact_too),
	    cmocka_unit_test(nothing_is_no_evidence),
	    cmocka_unit_test(large_samples_go_on_smoothly),
	    cmocka_unit_test(the_bootstrap_depends_on_its_seed_alone),
	    cmocka_unit_test(the_test_holds_its_level),
	    cmocka_unit_test(the_bootstrap_is_too_sure_of_few_blocks),
	    cmocka_unit_test(as_many_runs_as_are_said_to_be_needed_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
