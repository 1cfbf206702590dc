// SPDX-License-Identifier: MIT
/* calloc gives zeroes, and clears only what may not be zero already. */
#include "test.h"

#include "trim.h"

static void all_zero(const char *block, size_t size)
{
	for (size_t at = 0; at < size; at++)
		if (block[at] != 0)
			fail_msg("byte %zu of %zu is %d", at, size, block[at]);
}

static void zero_after_every_kind_of_use(void **state)
{
	static const size_t sizes[] = {
	    1, 16, 17, 100, 1000, 1024, 1025, 4096, 5000, 16384, 16385, 70000, 1 * MIB, 3 * MIB};

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			char *blocks[20];

			for (int j = 0; j < 20; j++) {
				blocks[j] = opaque(calloc(1, sizes[i]));
				all_zero(blocks[j], sizes[i]);
				memset(blocks[j], 0xff, malloc_usable_size(blocks[j]));
			}
			for (int j = 0; j < 20; j++)
				free(blocks[(j * 7) % 20]);
		}
		if (round == 1)
			trim_everything();
	}
}

/* Pages that a short slab wrote to, that then belonged to a long one whose blocks don't reach them, and again to short
 * ones. */
static void zero_after_slabs_of_other_lengths(void **state)
{
	enum { SHORT = 4096, LONG = 120 };
	static char *blocks[SHORT];

	(void)state;
	for (int i = 0; i < SHORT; i++)
		blocks[i] = memset(opaque(malloc(PAGE_SIZE)), 0xff, PAGE_SIZE);
	for (int i = 0; i < SHORT; i++)
		free(blocks[i]);
	for (int i = 0; i < LONG; i++)
		blocks[i] = opaque(malloc(115000));
	for (int i = 0; i < LONG; i++)
		free(blocks[i]);
	for (int i = 0; i < SHORT; i++) {
		blocks[i] = opaque(calloc(1, PAGE_SIZE));
		all_zero(blocks[i], PAGE_SIZE);
	}
	for (int i = 0; i < SHORT; i++)
		free(blocks[i]);
}

static void fresh_large_memory_is_not_touched(void **state)
{
	char *block;

	(void)state;
	trim_everything();
	block = opaque(calloc(1, 64 * MIB));
	assert_int_equal(resident_pages(block, 64 * MIB), 0);
	free(block);
}

static void fresh_medium_memory_is_not_touched(void **state)
{
	char *block, *again;

	(void)state;
	trim_everything();
	block = opaque(calloc(1, 512 * KIB));
	assert_int_equal(resident_pages(block, 512 * KIB), 0);
	memset(block, 1, 512 * KIB);
	free(block);
	/* Purged memory is known to be zero again. */
	malloc_trim(0);
	again = opaque(calloc(1, 512 * KIB));
	assert_int_equal(resident_pages(again, 512 * KIB), 0);
	all_zero(again, 512 * KIB);
	free(again);
}

static void fresh_slab_blocks_are_not_cleared(void **state)
{
	enum { COUNT = 64 };
	char *blocks[COUNT];
	size_t untouched = 0;

	(void)state;
	/* 16 KiB blocks: most have never been used, and calloc then leaves them untouched. */
	for (int i = 0; i < COUNT; i++)
		blocks[i] = opaque(calloc(1, 16384));
	for (int i = 0; i < COUNT; i++)
		untouched += resident_pages(blocks[i], 16384) == 0;
	assert_true(untouched >= COUNT / 2);
	for (int i = 0; i < COUNT; i++) {
		all_zero(blocks[i], 16384);
		free(blocks[i]);
	}
}

static void locked_memory_is_never_taken_for_zero(void **state)
{
	char *block = opaque(malloc(512 * KIB)), *again;

	(void)state;
	if (mlock(block, 512 * KIB) != 0) {
		free(block);
		skip();
	}
	memset(block, 0x77, 512 * KIB);
	free(block);
	malloc_trim(0); /* the kernel refuses to drop locked pages */
	again = opaque(calloc(1, 512 * KIB));
	all_zero(again, 512 * KIB);
	munlock(block, 512 * KIB);
	free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zero_after_every_kind_of_use),
	    cmocka_unit_test(zero_after_slabs_of_other_lengths),
	    cmocka_unit_test(fresh_large_memory_is_not_touched),
	    cmocka_unit_test(fresh_medium_memory_is_not_touched),
	    cmocka_unit_test(fresh_slab_blocks_are_not_cleared),
	    cmocka_unit_test(locked_memory_is_never_taken_for_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
