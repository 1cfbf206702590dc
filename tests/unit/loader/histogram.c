/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/snapshot/histogram.c.
 */
#include "sample.h"

static void empty_has_no_quantile(void **state)
{
	const uint64_t histogram[HISTOGRAM_BUCKETS] = {0};

	(void)state;
	assert_true(histogram_quantile(histogram, 500) == UNKNOWN);
}

static void interpolates_within_a_bucket(void **state)
{
	const uint64_t histogram[HISTOGRAM_BUCKETS] = {[10] = 100};

	(void)state;
	assert_int_equal(histogram_quantile(histogram, 0), 1024);
	assert_int_equal(histogram_quantile(histogram, 250), 1024 + 256);
	assert_int_equal(histogram_quantile(histogram, 500), 1536);
	assert_int_equal(histogram_quantile(histogram, 1000), 2048);
	assert_int_equal(histogram_quantile(histogram, 5000), 2048);
}

static void steps_from_bucket_to_bucket(void **state)
{
	const uint64_t histogram[HISTOGRAM_BUCKETS] = {[3] = 90, [20] = 10};

	(void)state;
	assert_int_equal(histogram_quantile(histogram, 450), 12);
	assert_int_equal(histogram_quantile(histogram, 900), 16);
	assert_in_range(histogram_quantile(histogram, 901), 1 << 20, (1 << 20) + (1 << 14));
	assert_int_equal(histogram_quantile(histogram, 950), (1 << 20) + (1 << 19));
}

static void first_and_last_bucket(void **state)
{
	const uint64_t shortest[HISTOGRAM_BUCKETS] = {[0] = 4}, longest[HISTOGRAM_BUCKETS] = {[31] = 1};

	(void)state;
	assert_int_equal(histogram_quantile(shortest, 0), 0);
	assert_int_equal(histogram_quantile(shortest, 500), 1);
	assert_true(histogram_quantile(longest, 1000) == UINT64_C(1) << 32);
}

static void never_falls(void **state)
{
	const uint64_t histogram[HISTOGRAM_BUCKETS] = {3, 0, 7, 1, 1, 0, 0, 40, 2, 2, [30] = 1};
	uint64_t before = 0;

	(void)state;
	for (unsigned int permille = 0; permille <= 1000; permille++) {
		uint64_t now = histogram_quantile(histogram, permille);

		assert_true(now >= before && now != UNKNOWN);
		before = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_has_no_quantile),
	    cmocka_unit_test(interpolates_within_a_bucket),
	    cmocka_unit_test(steps_from_bucket_to_bucket),
	    cmocka_unit_test(first_and_last_bucket),
	    cmocka_unit_test(never_falls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
