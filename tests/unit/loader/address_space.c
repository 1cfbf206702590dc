// SPDX-License-Identifier: MIT
/* Ranges that are put over each other, against an array of one owner a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "process/address_space.h"

#define PLACES 200
#define NOBODY SIZE_MAX

static size_t owner_at(struct address_space *space, uint64_t address)
{
	const struct space_range *range = space_find(space, address);

	return range ? range->owner : NOBODY;
}

static void what_is_added_last_holds(void **state)
{
	struct address_space space = {};

	(void)state;
	space_add(&space, 10, 100, 1);
	space_add(&space, 40, 50, 2);
	space_add(&space, 90, 120, 3);
	assert_int_equal(owner_at(&space, 9), NOBODY);
	assert_int_equal(owner_at(&space, 10), 1);
	assert_int_equal(owner_at(&space, 39), 1);
	assert_int_equal(owner_at(&space, 40), 2);
	assert_int_equal(owner_at(&space, 50), 1);
	assert_int_equal(owner_at(&space, 90), 3);
	assert_int_equal(owner_at(&space, 119), 3);
	assert_int_equal(owner_at(&space, 120), NOBODY);
	space_remove(&space, 0, 1000);
	assert_int_equal(space.count, 0);
	space_free(&space);
}

static void as_an_array_of_places(void **state)
{
	struct address_space space = {}, copy;
	size_t truth[PLACES];

	(void)state;
	srand(1);
	for (int i = 0; i < PLACES; i++)
		truth[i] = NOBODY;
	for (int step = 0; step < 3000; step++) {
		uint64_t start = rand() % PLACES, end = start + rand() % 40;
		size_t owner = rand() % 4 ? (size_t)rand() % 5 : NOBODY;

		if (end > PLACES)
			end = PLACES;
		if (owner == NOBODY)
			assert_int_equal(space_remove(&space, start, end), 0);
		else
			assert_int_equal(space_add(&space, start, end, owner), 0);
		for (uint64_t at = start; at < end; at++)
			truth[at] = owner;
		for (int i = 0; i < PLACES; i++)
			assert_int_equal(owner_at(&space, i), truth[i]);
	}
	assert_int_equal(space_copy(&copy, &space), 0);
	space_free(&space);
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(owner_at(&copy, i), truth[i]);
	space_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_added_last_holds),
	    cmocka_unit_test(as_an_array_of_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
