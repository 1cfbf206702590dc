// SPDX-License-Identifier: MIT
/* Ranges that overlap: the one that starts last is meant, then the shortest, then the one added last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "symbol/address_ranges.h"

static void assert_at(const struct address_ranges *ranges, uint64_t address, uint64_t value)
{
	const struct address_range *found = address_ranges_at(ranges, address);

	assert_non_null(found);
	assert_int_equal(found->value, value);
}

static void the_one_that_starts_last(void **state)
{
	struct address_ranges ranges = {};

	(void)state;
	assert_null(address_ranges_at(&ranges, 0));
	assert_true(address_ranges_add(&ranges, 150, 160, 2));
	assert_true(address_ranges_add(&ranges, 100, 200, 1));
	assert_true(address_ranges_add(&ranges, 100, 110, 3));
	assert_true(address_ranges_add(&ranges, 100, 110, 4));
	assert_true(address_ranges_add(&ranges, 120, 120, 5));
	address_ranges_sort(&ranges);
	assert_null(address_ranges_at(&ranges, 99));
	assert_at(&ranges, 100, 4);
	assert_at(&ranges, 110, 1);
	assert_at(&ranges, 120, 1);
	assert_at(&ranges, 150, 2);
	assert_at(&ranges, 160, 1);
	assert_at(&ranges, 199, 1);
	assert_null(address_ranges_at(&ranges, 200));
	address_ranges_clear(&ranges);
}

/* As asking each range says it. */
static void many_ranges(void **state)
{
	enum { COUNT = 500, SPACE = 3000 };
	static uint64_t made[COUNT][2];
	uint64_t random = 88172645463325252;
	struct address_ranges ranges = {};

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		made[i][0] = random % SPACE;
		made[i][1] = made[i][0] + (random >> 32) % (i % 20 ? 10 : 1000);
		assert_true(address_ranges_add(&ranges, made[i][0], made[i][1], i));
	}
	address_ranges_sort(&ranges);
	for (uint64_t address = 0; address < SPACE + 1000; address++) {
		int best = -1;

		for (int i = 0; i < COUNT; i++)
			if (address >= made[i][0] && address < made[i][1] &&
			    (best < 0 || made[i][0] > made[best][0] ||
			        (made[i][0] == made[best][0] && made[i][1] <= made[best][1])))
				best = i;
		if (best < 0)
			assert_null(address_ranges_at(&ranges, address));
		else
			assert_at(&ranges, address, best);
	}
	address_ranges_clear(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_one_that_starts_last),
	    cmocka_unit_test(many_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
