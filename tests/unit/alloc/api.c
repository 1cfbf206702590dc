// SPDX-License-Identifier: MIT
/* What POSIX and glibc promise of malloc and its family: alignment, zero sizes, overflow, errno. */
#include "test.h"

void free_sized(void *pointer, size_t size);
void free_aligned_sized(void *pointer, size_t alignment, size_t size);

static void is_aligned(const void *pointer, size_t alignment)
{
	assert_non_null(pointer);
	assert_int_equal((uintptr_t)pointer % alignment, 0);
}

static void every_block_is_aligned_and_writable(void **state)
{
	(void)state;
	for (size_t size = 0; size < 3 * MIB; size = size < 2000 ? size + 1 : size * 9 / 8) {
		char *block = opaque(malloc(size));

		is_aligned(block, 16);
		assert_true(malloc_usable_size(block) >= size);
		memset(block, 0xa5, malloc_usable_size(block));
		free(block);
	}
}

static void all_aligned_functions(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	for (size_t alignment = 8; alignment <= 8 * MIB; alignment *= 2) {
		const size_t sizes[] = {0, 1, 24, alignment, 100000, 3 * MIB};

		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			void *blocks[3];

			blocks[0] = opaque(aligned_alloc(alignment, sizes[i]));
			blocks[1] = opaque(memalign(alignment, sizes[i]));
			assert_int_equal(posix_memalign(&blocks[2], alignment, sizes[i]), 0);
			for (int j = 0; j < 3; j++) {
				is_aligned(blocks[j], alignment);
				assert_true(malloc_usable_size(blocks[j]) >= sizes[i]);
				memset(blocks[j], 1, sizes[i]);
			}
			free(blocks[0]);
			free_aligned_sized(blocks[1], alignment, sizes[i]);
			free_sized(blocks[2], sizes[i]);
		}
	}
	is_aligned(opaque(valloc(10)), page);
	is_aligned(opaque(pvalloc(10)), page);
	assert_true(malloc_usable_size(opaque(pvalloc(10))) >= page);
	is_aligned(opaque(memalign(opaque_size(48), 100)), 64); /* rounded up to a power of two */
}

static void bad_alignments(void **state)
{
	void *block = &block;

	(void)state;
	errno = 0;
	assert_int_equal(posix_memalign(&block, opaque_size(24), 8), EINVAL);
	assert_int_equal(posix_memalign(&block, 4, 8), EINVAL);
	assert_int_equal(posix_memalign(&block, 0, 8), EINVAL);
	assert_int_equal(posix_memalign(&block, 64, opaque_size(PTRDIFF_MAX)), ENOMEM);
	assert_ptr_equal(block, &block); /* left alone */
	assert_int_equal(errno, 0);      /* as is errno */
	assert_null(opaque(memalign(opaque_size(SIZE_MAX), 8)));
	assert_int_equal(errno, EINVAL);
}

static void zero_sizes(void **state)
{
	void *first = opaque(malloc(0)), *second = opaque(malloc(0)), *third = opaque(calloc(0, 8));

	(void)state;
	assert_non_null(first);
	assert_non_null(third);
	assert_ptr_not_equal(first, second);
	assert_null(opaque(realloc(first, 0))); /* frees, as glibc does */
	free(second);
	free(third);
	free(NULL);
	first = opaque(realloc(NULL, 10));
	assert_non_null(first);
	free(first);
	assert_int_equal(malloc_usable_size(NULL), 0);
}

#define FAILS(call)                                                                                                    \
	do {                                                                                                           \
		errno = 0;                                                                                             \
		assert_null(opaque(call));                                                                             \
		assert_int_equal(errno, ENOMEM);                                                                       \
	} while (0)

static void too_much(void **state)
{
	char *block = opaque(malloc(100));
	size_t huge = opaque_size(SIZE_MAX);

	(void)state;
	strcpy(block, "kept");
	FAILS(malloc(huge));
	FAILS(malloc(huge / 2));
	FAILS(malloc(huge / 2 + 1));
	FAILS(malloc(huge - 100));
	FAILS(calloc(huge, 2));
	FAILS(calloc(huge / 2 + 2, 2));
	FAILS(calloc(1, huge));
	FAILS(realloc(opaque(block), huge));
	FAILS(realloc(opaque(block), huge / 2));
	FAILS(reallocarray(opaque(block), huge / 2 + 2, 2));
	FAILS(aligned_alloc(4096, huge - 4096));
	FAILS(aligned_alloc(huge / 2 + 1, 16));
	FAILS(memalign(64, huge / 2));
	FAILS(valloc(huge));
	FAILS(pvalloc(huge));
	FAILS(malloc((size_t)1 << 60));
	assert_string_equal(block, "kept");
	free(block);
}

static void free_keeps_errno(void **state)
{
	void *small = opaque(malloc(10)), *medium = opaque(malloc(100000)), *large = opaque(malloc(200 * MIB));

	(void)state;
	errno = 77;
	free(small);
	free(medium);
	free(large);
	assert_int_equal(errno, 77);
	small = opaque(malloc(10));
	assert_int_equal(errno, 77);
	free(small);
}

static void realloc_keeps_contents_across_all_pools(void **state)
{
	static const size_t sizes[] = {1, 100, 1000, 16384, 16385, 70000, 1 * MIB, MIB + 1, 9 * MIB, 80 * MIB, 3 * MIB,
	    2 * MIB, 500000, 20000, 16000, 333, 7, 123456, 5 * MIB, 10};
	unsigned char *block = opaque(malloc(1));
	size_t old = 1;

	(void)state;
	block[0] = 0;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t kept = old < sizes[i] ? old : sizes[i];

		block = opaque(realloc(block, sizes[i]));
		assert_non_null(block);
		assert_true(malloc_usable_size(block) >= sizes[i]);
		for (size_t at = 0; at < kept; at += 1 + kept / 5000)
			assert_int_equal(block[at], (unsigned char)(at * 7));
		for (size_t at = 0; at < sizes[i]; at++)
			block[at] = (unsigned char)(at * 7);
		old = sizes[i];
	}
	free(block);
}

static void blocks_do_not_overlap(void **state)
{
	enum { COUNT = 20000 };
	static unsigned int *blocks[COUNT];

	(void)state;
	for (unsigned int i = 0; i < COUNT; i++) {
		size_t words = 1 + i * 2654435761u % 200;

		blocks[i] = opaque(malloc(words * sizeof(unsigned int)));
		for (size_t word = 0; word < words; word++)
			blocks[i][word] = i;
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		size_t words = 1 + i * 2654435761u % 200;

		for (size_t word = 0; word < words; word++)
			assert_int_equal(blocks[i][word], i);
		free(blocks[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_block_is_aligned_and_writable),
	    cmocka_unit_test(all_aligned_functions),
	    cmocka_unit_test(bad_alignments),
	    cmocka_unit_test(zero_sizes),
	    cmocka_unit_test(too_much),
	    cmocka_unit_test(free_keeps_errno),
	    cmocka_unit_test(realloc_keeps_contents_across_all_pools),
	    cmocka_unit_test(blocks_do_not_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
