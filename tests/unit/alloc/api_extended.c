// SPDX-License-Identifier: MIT
/* jemalloc's extended interface, as a program that is linked with libjemalloc uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <malloc.h>

#include <cmocka.h>

#include "api_extended.h"

#define ALIGNMENT_LOG(log) (log)
#define ZERO               0x40
#define ARENA_AND_CACHE    (5 << 20 | 3 << 8)

static void assert_zero(const char *block, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(block[i], 0);
}

static void blocks_mix_with_mallocs(void **state)
{
	char *block = mallocx(100, ARENA_AND_CACHE);

	(void)state;
	assert_non_null(block);
	assert_true(malloc_usable_size(block) >= 100);
	block = realloc(block, 1000);
	block = rallocx(block, 5000, ARENA_AND_CACHE);
	assert_true(sallocx(block, 0) >= 5000);
	free(block);
	block = malloc(64);
	dallocx(block, ARENA_AND_CACHE);
	block = malloc(64);
	sdallocx(block, 64, 0);
}

static void alignment_is_honoured(void **state)
{
	(void)state;
	for (int log = 0; log <= 22; log++) {
		char *block = mallocx(10, ALIGNMENT_LOG(log));

		assert_int_equal((uintptr_t)block % ((size_t)1 << log), 0);
		memset(block, 7, 10);
		block = rallocx(block, 200, ALIGNMENT_LOG(log));
		assert_int_equal((uintptr_t)block % ((size_t)1 << log), 0);
		assert_int_equal(block[9], 7);
		dallocx(block, 0);
	}
}

static void zeroing_covers_what_is_new(void **state)
{
	(void)state;
	for (size_t size = 16; size < 1 << 20; size *= 4) {
		char *dirty = malloc(size), *block;

		memset(dirty, 1, size);
		free(dirty);
		block = mallocx(size, ZERO);
		assert_zero(block, 0, size);
		memset(block, 1, malloc_usable_size(block));
		size_t before = malloc_usable_size(block);
		block = rallocx(block, 3 * before, ZERO);
		assert_zero(block, before, 3 * before);
		dallocx(block, 0);
	}
}

static void sizes_are_promised(void **state)
{
	char *block = mallocx(1000, 0);

	(void)state;
	assert_true(nallocx(1000, 0) >= 1000);
	assert_true(nallocx(10, ALIGNMENT_LOG(12)) >= 10);
	assert_true(xallocx(block, 100000, 0, 0) < 100000);
	assert_true(xallocx(block, 10, 0, 0) >= 10);
	dallocx(block, 0);
}

static void no_memory_is_null(void **state)
{
	(void)state;
	assert_null(mallocx((size_t)1 << 60, 0));
	assert_null(mallocx((size_t)1 << 60, ALIGNMENT_LOG(12)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_mix_with_mallocs),
	    cmocka_unit_test(alignment_is_honoured),
	    cmocka_unit_test(zeroing_covers_what_is_new),
	    cmocka_unit_test(sizes_are_promised),
	    cmocka_unit_test(no_memory_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
