// SPDX-License-Identifier: MIT
/* Which blocks count as untouched when they are handed out: what hakmem:fresh tells rests on it. That the probe is hit,
 * and that nothing is left out, tests/system/alloc-probes.sh sees. */
#include "test.h"

#include "classes.h"
#include "heap.h"
#include "sites.h"
#include "trim.h"

static int want(void **state)
{
	(void)state;
	hakmem_site_wishes.fresh = 1;
	return 0;
}

static int want_nothing(void **state)
{
	(void)state;
	hakmem_site_wishes.fresh = 0;
	return 0;
}

/* Whether all pages of a block are in memory. */
static bool is_there(const char *block, size_t size)
{
	const char *start = (const char *)round_down((uintptr_t)block, PAGE_SIZE);
	size_t length = round_up((size_t)(block + size - start), PAGE_SIZE);

	return resident_pages(start, length) == length / PAGE_SIZE;
}

#define MOST 2000

static void blocks_are_untouched_exactly_when_malloc_touched_no_page_of_them(void **state)
{
	static char *blocks[MOST];

	(void)state;
	for (size_t size = 16; size <= SMALL_SIZE_MAX; size = size * 9 / 8 + 16) {
		/* Of long slabs that were used before it isn't known. */
		int count = size <= SINGLE_SIZE_MAX ? MOST : MOST / 20;

		for (int i = 0; i < count; i++) {
			blocks[i] = opaque(malloc(size));
			assert_true(is_there(blocks[i], size) || heap_current->untouched);
			if (i > 0 && size <= 1024)
				assert_true(is_there(blocks[i], size));
		}
		for (int i = 0; i < count; i++) {
			if (size > SINGLE_SIZE_MAX)
				memset(blocks[i], 1, malloc_usable_size(blocks[i]));
			free(blocks[i]);
		}
	}
}

static void zeroed_and_aligned_blocks_are_told_likewise(void **state)
{
	(void)state;
	for (size_t size = 3000; size <= SMALL_SIZE_MAX; size = size * 9 / 8 + 16) {
		for (int i = 0; i < 50; i++) {
			char *zeroed = opaque(calloc(1, size)), *aligned;

			assert_true(is_there(zeroed, size) || heap_current->untouched);
			aligned = opaque(memalign(256, size));
			assert_true(is_there(aligned, size) || heap_current->untouched);
		}
	}
}

static void a_block_that_was_used_is_not_untouched(void **state)
{
	char *block = opaque(malloc(9000)), *medium = opaque(malloc(90000));

	(void)state;
	memset(block, 1, 9000);
	memset(medium, 1, 90000);
	free(block);
	free(medium);
	block = opaque(malloc(9000));
	assert_true(is_there(block, 9000));
	assert_false(heap_current->untouched);
	medium = opaque(malloc(90000));
	assert_true(is_there(medium, 90000));
	assert_false(heap_current->untouched);
	free(block);
	free(medium);
}

static void medium_blocks_of_fresh_or_purged_pages_are_untouched(void **state)
{
	char *block = opaque(malloc(200000));

	(void)state;
	assert_true(heap_current->untouched);
	memset(block, 1, 200000);
	free(block);
	trim_everything();
	block = opaque(malloc(200000));
	assert_true(heap_current->untouched);
	free(block);
}

static void nothing_is_noted_while_nobody_wants_it(void **state)
{
	(void)state;
	hakmem_site_wishes.fresh = 1;
	free(opaque(malloc(64)));
	heap_current->untouched = false;
	hakmem_site_wishes.fresh = 0;
	for (int i = 0; i < 100; i++)
		(void)opaque(malloc(10000));
	assert_false(heap_current->untouched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        blocks_are_untouched_exactly_when_malloc_touched_no_page_of_them, want, want_nothing),
	    cmocka_unit_test_setup_teardown(zeroed_and_aligned_blocks_are_told_likewise, want, want_nothing),
	    cmocka_unit_test_setup_teardown(a_block_that_was_used_is_not_untouched, want, want_nothing),
	    cmocka_unit_test_setup_teardown(medium_blocks_of_fresh_or_purged_pages_are_untouched, want, want_nothing),
	    cmocka_unit_test(nothing_is_noted_while_nobody_wants_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
