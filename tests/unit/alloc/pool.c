// SPDX-License-Identifier: MIT
/* Pools of uninitialized memory: blocks apart and aligned, and pages that stay over a reset and beyond the pool's end.
 */
#include "test.h"

#include "extents.h"
#include "hakmem.h"
#include "trim.h"

enum { BLOCKS = 3000 };
static unsigned char *blocks[BLOCKS];
static size_t sizes[BLOCKS];

static void blocks_are_apart_and_aligned(void **state)
{
	struct hakmem_pool *pool = hakmem_pool_create();
	uint32_t random = 1;

	(void)state;
	assert_non_null(pool);
	for (int i = 0; i < BLOCKS; i++) {
		size_t alignment = (size_t)1 << i % 13;

		random = random * 1664525 + 1013904223;
		sizes[i] = random >> 8 & 0x3fff;
		blocks[i] = hakmem_pool_allocate(pool, sizes[i], alignment);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
		assert_int_equal((uintptr_t)blocks[i] % 16, 0);
		memset(blocks[i], i % 251, sizes[i]);
	}
	for (int i = 0; i < BLOCKS; i++)
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(blocks[i][at], i % 251);
	assert_true(hakmem_pool_mapped(pool) > 20 * MIB);
	hakmem_pool_destroy(pool);
}

static void fill(struct hakmem_pool *pool, size_t size, size_t total)
{
	for (size_t at = 0; at < total; at += size)
		memset(opaque(hakmem_pool_allocate(pool, size, 16)), 7, size);
}

static void a_reset_pool_faults_no_more_and_is_not_cleared(void **state)
{
	struct hakmem_pool *pool = hakmem_pool_create();
	unsigned char *first = hakmem_pool_allocate(pool, 100, 16), *again;
	size_t mapped;
	long before;

	(void)state;
	memset(first, 0x5a, 100);
	fill(pool, 1000, 40 * MIB);
	mapped = hakmem_pool_mapped(pool);
	hakmem_pool_reset(pool);
	before = minor_faults();
	again = hakmem_pool_allocate(pool, 100, 16);
	assert_ptr_equal(again, first);
	assert_int_equal(again[99], 0x5a);
	fill(pool, 1000, 40 * MIB);
	assert_true(minor_faults() - before < 8);
	assert_int_equal(hakmem_pool_mapped(pool), mapped);
	hakmem_pool_destroy(pool);
}

static void a_destroyed_pool_leaves_its_pages_to_the_next(void **state)
{
	struct hakmem_pool *pool;
	long before;

	(void)state;
	trim_everything();
	pool = hakmem_pool_create(); /* two segments of the same size, so that they fit whatever lies between */
	fill(pool, 5000, 3 * MIB);
	hakmem_pool_destroy(pool);
	before = minor_faults();
	pool = hakmem_pool_create();
	fill(pool, 5000, 3 * MIB);
	assert_true(minor_faults() - before < 100); /* of 768 pages; a sanitizer touches some of its own */
	hakmem_pool_destroy(pool);
	assert_true(trim_everything());
}

static void large_and_strictly_aligned_blocks_have_segments_that_hold_them(void **state)
{
	struct hakmem_pool *pool = hakmem_pool_create();
	unsigned char *large = hakmem_pool_allocate(pool, 100 * MIB, 16), *aligned, *small;

	(void)state;
	assert_non_null(large);
	large[0] = large[100 * MIB - 1] = 1;
	aligned = hakmem_pool_allocate(pool, 10, 16 * MIB);
	assert_non_null(aligned);
	assert_int_equal((uintptr_t)aligned % (16 * MIB), 0);
	small = hakmem_pool_allocate(pool, 0, 1);
	assert_non_null(small);
	assert_ptr_not_equal(small, hakmem_pool_allocate(pool, 0, 1));
	hakmem_pool_destroy(pool);
}

static void what_cannot_be_had_is_refused_and_changes_nothing(void **state)
{
	struct hakmem_pool *pool = hakmem_pool_create();
	size_t mapped = hakmem_pool_mapped(pool);

	(void)state;
	errno = 0;
	assert_null(hakmem_pool_allocate(pool, SIZE_MAX, 16));
	assert_int_equal(errno, ENOMEM);
	errno = 0;
	assert_null(hakmem_pool_allocate(pool, (size_t)1 << 60, 16));
	assert_int_equal(errno, ENOMEM);
	for (size_t alignment = 0; alignment < 100; alignment += 3) {
		errno = 0;
		if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
			assert_null(hakmem_pool_allocate(pool, 10, alignment));
			assert_int_equal(errno, EINVAL);
		}
	}
	assert_int_equal(hakmem_pool_mapped(pool), mapped);
	assert_non_null(hakmem_pool_allocate(pool, 10, 16));
	hakmem_pool_destroy(pool);
	hakmem_pool_destroy(NULL);
}

static void free_a_pools_block(void *which)
{
	struct hakmem_pool *pool = hakmem_pool_create();
	char *block = hakmem_pool_allocate(pool, 100, 16);

	free(*(int *)which == 0 ? opaque(block) : opaque((char *)pool));
}

static void free_refuses_a_pools_blocks(void **state)
{
	char text[256];

	(void)state;
	for (int which = 0; which < 2; which++) {
		assert_int_equal(WTERMSIG(run_in_child(free_a_pools_block, &which, text, sizeof(text))), SIGABRT);
		assert_non_null(strstr(text, "free(): invalid pointer"));
	}
}

static void use_it_and_destroy_it(void *pool)
{
	fill(pool, 3000, 10 * MIB);
	hakmem_pool_destroy(pool);
}

static void a_forked_child_has_its_own(void **state)
{
	struct hakmem_pool *pool = hakmem_pool_create();
	unsigned char *block = hakmem_pool_allocate(pool, 1000, 16);
	char text[256];

	(void)state;
	memset(block, 9, 1000);
	assert_int_equal(run_in_child(use_it_and_destroy_it, pool, text, sizeof(text)), 0);
	assert_int_equal(block[999], 9);
	hakmem_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_are_apart_and_aligned),
	    cmocka_unit_test(a_reset_pool_faults_no_more_and_is_not_cleared),
	    cmocka_unit_test(a_destroyed_pool_leaves_its_pages_to_the_next),
	    cmocka_unit_test(large_and_strictly_aligned_blocks_have_segments_that_hold_them),
	    cmocka_unit_test(what_cannot_be_had_is_refused_and_changes_nothing),
	    cmocka_unit_test(free_refuses_a_pools_blocks),
	    cmocka_unit_test(a_forked_child_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
