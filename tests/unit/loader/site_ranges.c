// SPDX-License-Identifier: MIT
/* Ranges that overlap, long ones, spaces that are copied and dropped, and being full; against a table by the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stack/site_ranges.h"

#define MIB (1UL << 20)

static void a_later_range_takes_from_earlier_ones(void **state)
{
	struct site_ranges *ranges = site_ranges_new(1000);

	(void)state;
	site_ranges_set(ranges, 1, 1000, 5000, 1);
	site_ranges_set(ranges, 1, 2000, 3000, 2);
	assert_int_equal(site_ranges_find(ranges, 1, 999), SITE_NONE);
	assert_int_equal(site_ranges_find(ranges, 1, 1000), 1);
	assert_int_equal(site_ranges_find(ranges, 1, 2000), 2);
	assert_int_equal(site_ranges_find(ranges, 1, 2999), 2);
	assert_int_equal(site_ranges_find(ranges, 1, 3000), 1);
	assert_int_equal(site_ranges_find(ranges, 1, 5000), SITE_NONE);
	assert_int_equal(site_ranges_find(ranges, 2, 2000), SITE_NONE);
	site_ranges_set(ranges, 1, 0, 10000, 3);
	assert_int_equal(site_ranges_find(ranges, 1, 2500), 3);
	assert_int_equal(site_ranges_lost(ranges), 0);
	site_ranges_free(ranges);
}

static void long_ranges_cover_all_of_it(void **state)
{
	struct site_ranges *ranges = site_ranges_new(1000);
	uint64_t start = 0x7f0000000000UL + 12345, end = start + 100 * MIB;

	(void)state;
	site_ranges_set(ranges, 1, start, end, 7);
	for (uint64_t at = start; at < end; at += MIB)
		assert_int_equal(site_ranges_find(ranges, 1, at), 7);
	assert_int_equal(site_ranges_find(ranges, 1, start - 1), SITE_NONE);
	assert_int_equal(site_ranges_find(ranges, 1, end), SITE_NONE);
	site_ranges_free(ranges);
}

static void no_range_is_believed_that_nobody_can_have(void **state)
{
	struct site_ranges *ranges = site_ranges_new(1000);

	(void)state;
	site_ranges_set(ranges, 1, 0, UINT64_MAX, 1);
	site_ranges_set(ranges, 1, 5, 5, 1);
	site_ranges_set(ranges, 1, 5, 4, 1);
	assert_int_equal(site_ranges_lost(ranges), 3);
	assert_int_equal(site_ranges_find(ranges, 1, 5), SITE_NONE);
	site_ranges_free(ranges);
}

static void random_ranges_are_as_a_table_has_them(void **state)
{
	static uint32_t table[3][4 * MIB / 1024];
	struct site_ranges *ranges = site_ranges_new(100000);

	(void)state;
	srand(1);
	for (int i = 0; i < 3; i++)
		for (size_t at = 0; at < 4096; at++)
			table[i][at] = SITE_NONE;
	for (uint32_t round = 0; round < 20000; round++) {
		uint32_t space = rand() % 3, from = rand() % 3;
		size_t start = rand() % 4096, length = 1 + rand() % (rand() % 8 ? 16 : 1000);

		if (round % 500 == 0 && space != from) {
			site_ranges_copy(ranges, space, from);
			for (size_t at = 0; at < 4096; at++)
				table[space][at] = table[from][at];
			continue;
		}
		if (start + length > 4096)
			length = 4096 - start;
		site_ranges_set(ranges, space, start * 1024, (start + length) * 1024, round % 17 ? round : SITE_NONE);
		for (size_t at = start; at < start + length; at++)
			table[space][at] = round % 17 ? round : SITE_NONE;
		for (int look = 0; look < 20; look++) {
			size_t at = rand() % 4096;

			space = rand() % 3;
			assert_int_equal(site_ranges_find(ranges, space, at * 1024 + rand() % 1024), table[space][at]);
		}
	}
	assert_int_equal(site_ranges_lost(ranges), 0);
	site_ranges_free(ranges);
}

static void what_there_is_no_room_for_is_counted_and_nobodys(void **state)
{
	struct site_ranges *ranges = site_ranges_new(10);

	(void)state;
	for (uint64_t i = 0; i < 10; i++)
		site_ranges_set(ranges, 1, i * 4096, i * 4096 + 4000, i);
	assert_int_equal(site_ranges_lost(ranges), 0);
	site_ranges_set(ranges, 1, 4096, 4196, 77);
	site_ranges_set(ranges, 1, 1UL << 40, (1UL << 40) + 100, 77);
	assert_int_equal(site_ranges_lost(ranges), 2);
	assert_int_equal(site_ranges_find(ranges, 1, 4096), SITE_NONE);
	assert_int_equal(site_ranges_find(ranges, 1, 4196), 1);
	assert_int_equal(site_ranges_find(ranges, 1, 1UL << 40), SITE_NONE);
	/* A space that has ended makes room. */
	site_ranges_drop(ranges, 1);
	for (uint64_t i = 0; i < 10; i++)
		site_ranges_set(ranges, 2, i * 4096, i * 4096 + 4000, i);
	assert_int_equal(site_ranges_lost(ranges), 2);
	assert_int_equal(site_ranges_find(ranges, 1, 0), SITE_NONE);
	assert_int_equal(site_ranges_find(ranges, 2, 9 * 4096), 9);
	site_ranges_free(ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_later_range_takes_from_earlier_ones),
	    cmocka_unit_test(long_ranges_cover_all_of_it),
	    cmocka_unit_test(no_range_is_believed_that_nobody_can_have),
	    cmocka_unit_test(random_ranges_are_as_a_table_has_them),
	    cmocka_unit_test(what_there_is_no_room_for_is_counted_and_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
