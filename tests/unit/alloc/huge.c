// SPDX-License-Identifier: MIT
/* Which memory is to have huge pages by default: what smaps says of the mapping that a block lies in. */
#include "test.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "huge.h"
#include "trim.h"

enum { SMALL = 1024, COUNT = 20000 };
static char *blocks[COUNT];

/* Whether the mapping around an address has one of smaps' two-letter flags. */
static bool has_flag(const void *address, const char *flag)
{
	uintptr_t wanted = (uintptr_t)address;
	FILE *maps = fopen("/proc/self/smaps", "r");
	bool inside = false, found = false;
	unsigned long start, end;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= wanted && wanted < end;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(maps);
	return found;
}

static bool is_wanted(const void *address)
{
	return has_flag(address, " hg");
}

static bool is_forbidden(const void *address)
{
	return has_flag(address, " nh");
}

static void a_small_heap_has_small_pages(void **state)
{
	char *block = opaque(malloc(SMALL)), *medium = opaque(malloc(100 * KIB));

	(void)state;
	assert_true(is_forbidden(block));
	assert_true(is_forbidden(medium));
	free(block);
	free(medium);
}

static void a_heap_that_fills_its_chunks_gets_huge_pages(void **state)
{
	(void)state;
	for (int i = 0; i < COUNT; i++)
		blocks[i] = opaque(malloc(SMALL));
	assert_true(is_forbidden(blocks[0]));
	assert_true(is_wanted(blocks[COUNT - 1]));
	for (int i = 0; i < COUNT; i++)
		free(blocks[i]);
	for (int i = 0; i < 200; i++)
		blocks[i] = opaque(malloc(120 * KIB));
	assert_true(is_wanted(blocks[199]));
	for (int i = 0; i < 200; i++)
		free(blocks[i]);
}

static void allocate_long_blocks(int fill)
{
	trim_everything();
	for (int i = 0; i < 600; i++) {
		blocks[i] = opaque(malloc(100 * KIB));
		if (fill != 0)
			memset(blocks[i], fill, 100 * KIB);
	}
}

static void free_long_blocks(void)
{
	for (int i = 0; i < 600; i++)
		free(blocks[i]);
}

/* How much of their blocks the program uses is seen when they are freed. */
static void long_slabs_get_huge_pages_where_blocks_get_filled(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		allocate_long_blocks(1);
		assert_true(is_forbidden(blocks[0]));
		assert_true(is_wanted(blocks[599]));
		free_long_blocks();
		/* Nobody knows better yet. */
		allocate_long_blocks(0);
		assert_true(is_wanted(blocks[599]));
		free_long_blocks();
		allocate_long_blocks(1);
		assert_true(is_forbidden(blocks[599]));
		free_long_blocks();
	}
}

static void chunks_that_are_used_in_part_do_not(void **state)
{
	(void)state;
	assert_int_equal(huge_advice_for_chunk(3 * CHUNK_SIZE, 3 * CHUNK_SIZE), HUGE_FORBIDDEN); /* too few to tell */
	assert_int_equal(huge_advice_for_chunk(4 * CHUNK_SIZE, 4 * CHUNK_SIZE), HUGE_WANTED);
	assert_int_equal(huge_advice_for_chunk(14 * CHUNK_SIZE, 16 * CHUNK_SIZE), HUGE_WANTED);
	assert_int_equal(huge_advice_for_chunk(13 * CHUNK_SIZE, 16 * CHUNK_SIZE), HUGE_FORBIDDEN);
}

static void a_large_block_gets_them_where_it_fills_its_mapping(void **state)
{
	char *full = opaque(malloc(4 * MIB)), *part = opaque(malloc(MIB + 100 * KIB)),
	     *grown = opaque(malloc(MIB + MIB / 8));

	(void)state;
	assert_true(is_wanted(full));
	assert_true(is_forbidden(part));
	assert_true(is_forbidden(grown));
	grown = opaque(realloc(grown, 6 * MIB));
	assert_true(is_wanted(grown));
	free(full);
	free(part);
	free(grown);
}

static void a_fresh_large_calloc_is_as_the_system_says(void **state)
{
	char *table = opaque(calloc(1, 64 * MIB)), *full;

	(void)state;
	assert_false(is_wanted(table));
	assert_false(is_forbidden(table));
	free(table);
	/* What takes the place of a block that was filled is fresh for the most part, too. */
	malloc_trim(0);
	full = opaque(malloc(4 * MIB));
	assert_true(is_wanted(full));
	free(full);
	table = opaque(calloc(1, 64 * MIB));
	assert_false(is_wanted(table));
	free(table);
}

static char *fresh_table(size_t size, size_t filled)
{
	char *table;

	malloc_trim(0);
	table = opaque(calloc(1, size));
	for (size_t at = 0; at < filled; at += 4096)
		table[at] = 1;
	return table;
}

static void large_callocs_that_get_filled_have_them(void **state)
{
	char *table;

	(void)state;
	for (int i = 0; i < 2; i++) {
		table = fresh_table(8 * MIB, 8 * MIB);
		assert_false(is_wanted(table));
		free(table);
	}
	table = fresh_table(8 * MIB, 4 * MIB);
	assert_true(is_wanted(table));
	free(table); /* what had them says nothing about the next */
	/* One that was not filled, and it is as before. */
	huge_look_back(table = fresh_table(8 * MIB, 4 * MIB), 8 * MIB);
	free(table);
	table = fresh_table(8 * MIB, 0);
	assert_false(is_wanted(table));
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_small_heap_has_small_pages),
	    cmocka_unit_test(a_fresh_large_calloc_is_as_the_system_says),
	    cmocka_unit_test(large_callocs_that_get_filled_have_them),
	    cmocka_unit_test(a_heap_that_fills_its_chunks_gets_huge_pages),
	    cmocka_unit_test(long_slabs_get_huge_pages_where_blocks_get_filled),
	    cmocka_unit_test(chunks_that_are_used_in_part_do_not),
	    cmocka_unit_test(a_large_block_gets_them_where_it_fills_its_mapping),
	};

	if (access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) {
		printf("this kernel has no transparent huge pages\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
