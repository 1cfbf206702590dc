// SPDX-License-Identifier: MIT
/* Shares with their intervals, that they add up, and what is concluded from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classify.h"
#include "snapshot/breakdown.h"

#define assert_near(value, expected) assert_true(fabs((value) - (expected)) < 0.00005)

static void add(struct breakdown *breakdown, enum time_class class, const char *function, uint64_t samples)
{
	assert_int_equal(breakdown_add(breakdown, class, function, "", samples), 0);
}

/* Reference values: the ends solve (p - x/n)^2 = z^2 p (1 - p) / n; found by bisection. */
static void intervals_are_wilsons(void **state)
{
	static const struct {
		uint64_t samples, total;
		double low, high;
	} reference[] = {
	    {0, 10, 0, 0.27753},
	    {1, 10, 0.01788, 0.40415},
	    {5, 10, 0.23659, 0.76341},
	    {10, 10, 0.72247, 1},
	    {15, 148, 0.06239, 0.16049},
	    {588, 3523, 0.15495, 0.17958},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(reference) / sizeof(reference[0]); i++) {
		struct share share = share_of(reference[i].samples, reference[i].total);

		assert_near(share.value, (double)reference[i].samples / reference[i].total);
		assert_near(share.low, reference[i].low);
		assert_near(share.high, reference[i].high);
	}
	assert_true(isnan(share_of(0, 0).value));
	assert_true(isnan(share_of(0, 0).low));
}

static unsigned int sum_of_permille(const struct breakdown *breakdown)
{
	unsigned int sum = 0;

	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
		sum += breakdown->classes[class].permille;
	return sum;
}

static void classes_add_up_to_all(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 200; seed++) {
		struct breakdown breakdown = {};
		uint64_t sum = 0;

		srandom(seed);
		for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
			if (random() % 3)
				add(&breakdown, class, "f", 1 + random() % (seed * 7));
		breakdown_finish(&breakdown);
		for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++) {
			const double exact = 1000.0 * breakdown.classes[class].samples / breakdown.samples;

			sum += breakdown.classes[class].samples;
			assert_true(fabs(breakdown.classes[class].permille - exact) < 1);
		}
		assert_int_equal(sum, breakdown.samples);
		assert_int_equal(sum_of_permille(&breakdown), 1000);
		breakdown_free(&breakdown);
	}
}

static void the_same_place_is_one_row(void **state)
{
	struct breakdown breakdown = {};

	(void)state;
	add(&breakdown, TIME_ZEROING, "clear_page_erms", 2);
	add(&breakdown, TIME_ALLOCATOR, "malloc", 1);
	add(&breakdown, TIME_ZEROING, "clear_huge_page", 3);
	add(&breakdown, TIME_ZEROING, "clear_page_erms", 5);
	breakdown_finish(&breakdown);
	assert_int_equal(breakdown.row_count, 3);
	assert_string_equal(breakdown.rows[0].function, "malloc");
	assert_string_equal(breakdown.rows[1].function, "clear_page_erms");
	assert_int_equal(breakdown.rows[1].samples, 7);
	assert_int_equal(breakdown.classes[TIME_ZEROING].samples, 10);
	assert_int_equal(breakdown_user_samples(&breakdown), 1);
	breakdown_free(&breakdown);
}

static void runs_for_an_interval(void **state)
{
	struct breakdown breakdown = {.runs = 2};

	(void)state;
	assert_int_equal(breakdown_runs_for(&breakdown, 0.01), 0);
	add(&breakdown, TIME_PROGRAM, "main", 500);
	add(&breakdown, TIME_ZEROING, "clear_page_erms", 500);
	breakdown_finish(&breakdown);
	/* A half of all needs 1.96^2 / 4 / 0.01^2 = 9604 samples; there are 500 a run. */
	assert_int_equal(breakdown_runs_for(&breakdown, 0.01), 20);
	assert_int_equal(breakdown_runs_for(&breakdown, 0.5), 1);
	breakdown_free(&breakdown);
}

static void the_kernels_split_has_an_interval_too(void **state)
{
	struct breakdown breakdown = {
	    .tick_ns = 4000000, .user_ns = 900000000, .system_ns = 100000000, .user_as_taken = 850};
	struct share sampled, charged;

	(void)state;
	add(&breakdown, TIME_PROGRAM, "main", 1000);
	breakdown_finish(&breakdown);
	/* 250 ticks: 90 % is 85.6 to 93.1 %; 85 % of a thousand samples is 82.6 to 87.1 %. */
	assert_true(breakdown_split_agrees(&breakdown, &sampled, &charged));
	assert_near(charged.value, 0.9);
	assert_near(charged.low, 0.85653);
	assert_near(sampled.high, 0.87080);
	breakdown.user_as_taken = 700;
	assert_false(breakdown_split_agrees(&breakdown, &sampled, &charged));
	/* Less than a tick says nothing. */
	breakdown.user_ns = 3000000;
	breakdown.system_ns = 0;
	assert_true(breakdown_split_agrees(&breakdown, &sampled, &charged));
	breakdown_free(&breakdown);
}

static void zeroing_by_samples_and_by_hooks(void **state)
{
	struct breakdown breakdown = {.runs = 2, .user_ns = 400000000, .system_ns = 100000000};
	struct zero_check *check = &breakdown.check;

	(void)state;
	add(&breakdown, TIME_ZEROING, "clear_page_erms", 200);
	add(&breakdown, TIME_PROGRAM, "main", 800);
	breakdown_finish(&breakdown);
	*check = (struct zero_check){
	    .done = true, .upper_bound = true, .zero_ns = 60000000, .zeroed_bytes = 4096 * 100000, .cpu_ns = 300000000};
	breakdown_compare_zeroing(&breakdown);
	assert_near(check->hook_share, 0.24);
	assert_near(check->cpu_ratio, 1.2);
	assert_near(check->hook_ns_per_page, 600);
	assert_near(check->sample_ns_per_page, 500);
	assert_true(check->agrees); /* 24 % at most, and 17.6 to 22.6 % */
	check->upper_bound = false;
	breakdown_compare_zeroing(&breakdown);
	assert_false(check->agrees); /* if it is exact, it doesn't */
	check->zero_ns = 40000000;   /* 16 % */
	check->upper_bound = true;
	breakdown_compare_zeroing(&breakdown);
	assert_false(check->agrees); /* a bound that is too low */
	check->zero_ns = UNKNOWN;
	breakdown_compare_zeroing(&breakdown);
	assert_true(isnan(check->hook_share));
	breakdown_free(&breakdown);
}

static void what_cannot_be_told_is_not_known(void **state)
{
	struct breakdown breakdown = {};

	(void)state;
	assert_true(breakdown_class_known(&breakdown, TIME_LIBC));
	assert_false(breakdown_class_known(&breakdown, TIME_KERNEL_OTHER));
	breakdown.kernel_seen = true;
	assert_true(breakdown_class_known(&breakdown, TIME_KERNEL_OTHER));
	assert_false(breakdown_class_known(&breakdown, TIME_TLB));
	breakdown.kernel_known = true;
	assert_true(breakdown_class_known(&breakdown, TIME_TLB));
	assert_false(breakdown_class_known(&breakdown, TIME_ZEROING));
	breakdown.zeroing_known = true;
	assert_true(breakdown_class_known(&breakdown, TIME_ZEROING));
}

static enum time_class class_of(enum object_role role, const char *function, bool in_malloc)
{
	const struct sampled sampled = {
	    .role = role, .object = "x", .function = function, .in_malloc = in_malloc, .count = 1};

	return user_class(&sampled);
}

static void user_space_by_object_and_malloc_by_name(void **state)
{
	(void)state;
	assert_int_equal(class_of(ROLE_ALLOCATOR, "", false), TIME_ALLOCATOR);
	assert_int_equal(class_of(ROLE_LIBC, "_int_malloc", false), TIME_ALLOCATOR);
	assert_int_equal(class_of(ROLE_LIBC, "unlink_chunk.constprop.0", false), TIME_ALLOCATOR);
	assert_int_equal(class_of(ROLE_LIBC, "(in malloc)", true), TIME_ALLOCATOR);
	assert_int_equal(class_of(ROLE_LIBC, "malloc_hook_ini_tables", false), TIME_LIBC);
	assert_int_equal(class_of(ROLE_LIBC, "", false), TIME_LIBC);
	assert_int_equal(class_of(ROLE_PROGRAM, "main", false), TIME_PROGRAM);
	assert_int_equal(class_of(ROLE_PROGRAM, "gate_allocate", true), TIME_ALLOCATOR);
	assert_int_equal(class_of(ROLE_PROGRAM, "free", false), TIME_ALLOCATOR); /* it brings its own */
	assert_int_equal(class_of(ROLE_LIBRARY, "malloc", false), TIME_LIBRARY);
	assert_int_equal(class_of(ROLE_VDSO, "", false), TIME_VDSO);
	assert_int_equal(class_of(ROLE_GENERATED, "", false), TIME_GENERATED);
	assert_int_equal(class_of(ROLE_UNKNOWN, "", false), TIME_USER_OTHER);
}

static void late_samples_go_back(void **state)
{
	struct breakdown breakdown = {};
	struct sampled sampled = {.role = ROLE_PROGRAM, .object = "x", .function = "main", .count = 5};

	(void)state;
	assert_int_equal(classify(&breakdown, &sampled), 0);
	sampled.late = LATE_FROM_FAULT;
	sampled.count = 3;
	assert_int_equal(classify(&breakdown, &sampled), 0);
	sampled.late = LATE_FROM_CALL;
	sampled.count = 2;
	assert_int_equal(classify(&breakdown, &sampled), 0);
	breakdown_finish(&breakdown);
	assert_int_equal(breakdown.classes[TIME_PROGRAM].samples, 5);
	assert_int_equal(breakdown.classes[TIME_FAULT_ENTRY].samples, 3);
	assert_int_equal(breakdown.classes[TIME_CALL_ENTRY].samples, 2);
	assert_int_equal(breakdown.user_as_taken, 10);
	assert_int_equal(breakdown_user_samples(&breakdown), 5);
	breakdown_free(&breakdown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(intervals_are_wilsons),
	    cmocka_unit_test(classes_add_up_to_all),
	    cmocka_unit_test(the_same_place_is_one_row),
	    cmocka_unit_test(runs_for_an_interval),
	    cmocka_unit_test(the_kernels_split_has_an_interval_too),
	    cmocka_unit_test(zeroing_by_samples_and_by_hooks),
	    cmocka_unit_test(what_cannot_be_told_is_not_known),
	    cmocka_unit_test(user_space_by_object_and_malloc_by_name),
	    cmocka_unit_test(late_samples_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
