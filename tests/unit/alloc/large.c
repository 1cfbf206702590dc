// SPDX-License-Identifier: MIT
/* Large blocks and the medium ones below them: mappings, mremap, reuse, and the excess that must never be populated. */
#include "test.h"

#include <limits.h>

#include "extents.h"
#include "large.h"
#include "options.h"
#include "medium.h"
#include "os.h"
#include "trim.h"

static void starts_at_a_chunk_of_its_own(void **state)
{
	char *first = opaque(malloc(3 * MIB)), *second = opaque(malloc(1 * MIB + 1));

	(void)state;
	assert_int_equal((uintptr_t)first % CHUNK_SIZE, 0);
	assert_int_equal((uintptr_t)second % CHUNK_SIZE, 0);
	assert_ptr_equal(pagemap_find(first)->base, first);
	assert_null(pagemap_find(first + CHUNK_SIZE)); /* the middle of a block is foreign */
	free(first);
	free(second);
}

static void over_allocating_for_alignment_populates_nothing(void **state)
{
	long before;
	char *chunk;

	(void)state;
	/* Both ways of getting an aligned mapping: below the last one, and by trimming a larger one. */
	for (size_t alignment = CHUNK_SIZE; alignment <= 64 * MIB; alignment *= 2) {
		before = minor_faults();
		chunk = os_map_aligned(CHUNK_SIZE, alignment);
		assert_non_null(chunk);
		assert_int_equal((uintptr_t)chunk % alignment, 0);
		assert_true(minor_faults() - before <= 1);
		assert_int_equal(resident_pages(chunk, CHUNK_SIZE), 0);
		os_unmap(chunk, CHUNK_SIZE);
	}
	/* Nothing of the excess is left mapped. */
	chunk = os_map_aligned(CHUNK_SIZE, 16 * CHUNK_SIZE);
	errno = 0;
	assert_int_equal(madvise(chunk + CHUNK_SIZE, PAGE_SIZE, MADV_NORMAL), -1);
	assert_int_equal(errno, ENOMEM);
	os_unmap(chunk, CHUNK_SIZE);
}

static void realloc_moves_pages_and_copies_nothing(void **state)
{
	size_t size = 16 * MIB;
	char *block = opaque(malloc(size)), *fence, *moved;
	long before;

	(void)state;
	memset(block, 0x5a, size);
	/* Something right behind it, so that it cannot grow where it is. */
	fence = mmap(block + size, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	before = minor_faults();
	moved = opaque(realloc(block, 4 * size));
	assert_true(minor_faults() - before < 64); /* copying would touch 4096 new pages */
	assert_ptr_not_equal(moved, block);
	assert_int_equal((uintptr_t)moved % CHUNK_SIZE, 0);
	assert_null(pagemap_find(block));
	assert_ptr_equal(pagemap_find(moved)->base, moved);
	for (size_t at = 0; at < size; at += 1000)
		assert_int_equal(moved[at], 0x5a);
	if (fence != MAP_FAILED)
		munmap(fence, PAGE_SIZE);
	free(moved);
}

static void shrinking_gives_pages_back_in_place(void **state)
{
	char *block = opaque(malloc(32 * MIB)), *same;

	(void)state;
	memset(block, 1, 32 * MIB);
	same = opaque(realloc(block, 4 * MIB));
	assert_ptr_equal(same, block);
	assert_true(malloc_usable_size(same) < 5 * MIB);
	errno = 0;
	assert_int_equal(madvise(block + 8 * MIB, PAGE_SIZE, MADV_NORMAL), -1);
	assert_int_equal(block[4 * MIB - 1], 1);
	free(same);
}

static void grows_in_place_when_there_is_room(void **state)
{
	char *block = opaque(malloc(2 * MIB + 1)), *same;

	(void)state;
	block[2 * MIB] = 9;
	same = opaque(realloc(block, 4 * MIB)); /* within its chunks */
	assert_ptr_equal(same, block);
	assert_int_equal(same[2 * MIB], 9);
	free(same);
}

/* Locked, protected or advised in part, a block is several mappings to the kernel, which moves none of them. */
static void grows_by_a_copy_when_in_pieces(void **state)
{
	size_t size = 8 * MIB;
	char *block, *fence, *moved;

	(void)state;
	trim_everything(); /* it would grow into what is kept behind it */
	block = opaque(malloc(size));
	memset(block, 0x5a, size);
	fence = mmap(block + size, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert_int_equal(mprotect(block + MIB, PAGE_SIZE, PROT_READ), 0);
	moved = opaque(realloc(block, 4 * size));
	assert_non_null(moved);
	assert_ptr_not_equal(moved, block);
	for (size_t at = 0; at < size; at += 1000)
		assert_int_equal(moved[at], 0x5a);
	memset(moved, 1, 4 * size);
	if (fence != MAP_FAILED)
		munmap(fence, PAGE_SIZE);
	mprotect(block + MIB, PAGE_SIZE, PROT_READ | PROT_WRITE); /* it is kept for reuse */
	free(moved);
}

static void freed_blocks_are_used_again(void **state)
{
	struct extent_totals totals;
	struct large_totals large;
	char *block, *again;

	(void)state;
	trim_everything();
	block = opaque(malloc(8 * MIB));
	memset(block, 3, 8 * MIB);
	free(block);
	extents_count(&totals);
	assert_int_equal(totals.kept_extents, 1);
	assert_int_equal(totals.kept_bytes, 8 * MIB);
	again = opaque(malloc(7 * MIB));
	assert_ptr_equal(again, block);
	free(again);
	again = opaque(calloc(1, 8 * MIB));
	for (size_t at = 0; at < 8 * MIB; at += 999)
		assert_int_equal(again[at], 0);
	memset(again, 3, 8 * MIB);
	free(again);
	/* Grown by what it lacks, and shrunk, rather than mapped anew. */
	again = opaque(calloc(1, 20 * MIB));
	assert_true(resident_pages(again, 20 * MIB) >= 8 * MIB / PAGE_SIZE);
	assert_true(resident_pages(again, 20 * MIB) <= 9 * MIB / PAGE_SIZE);
	for (size_t at = 0; at < 20 * MIB; at += 999)
		assert_int_equal(again[at], 0);
	memset(again, 3, 20 * MIB);
	free(again);
	again = opaque(calloc(1, 4 * MIB));
	assert_int_equal(resident_pages(again, 4 * MIB), 4 * MIB / PAGE_SIZE);
	for (size_t at = 0; at < 4 * MIB; at += 999)
		assert_int_equal(again[at], 0);
	free(again);
	assert_true(trim_everything());
	extents_count(&totals);
	assert_int_equal(totals.kept_extents, 0);
	large_count(&large);
	assert_int_equal(totals.mapped_bytes, large.live_bytes);
}

static size_t kept_extents(void)
{
	struct extent_totals totals;

	extents_count(&totals);
	return totals.kept_extents;
}

/* Three blocks side by side, all of it dirty; nothing else is kept. */
static void three_neighbours(char *blocks[3])
{
	char *whole;

	trim_everything();
	whole = opaque(malloc(12 * MIB));
	memset(whole, 3, 12 * MIB);
	free(whole);
	for (int i = 0; i < 3; i++) {
		blocks[i] = opaque(malloc(4 * MIB));
		assert_ptr_equal(blocks[i], whole + (size_t)i * 4 * MIB);
	}
	assert_int_equal(kept_extents(), 0);
}

static void free_neighbours_grow_together(void **state)
{
	static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {0, 2, 1}};
	char *blocks[3], *whole;
	long before;

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		three_neighbours(blocks);
		for (int j = 0; j < 3; j++)
			free(blocks[orders[i][j]]);
		assert_int_equal(kept_extents(), 1);
		before = minor_faults();
		whole = opaque(malloc(12 * MIB));
		memset(whole, 4, 12 * MIB);
		assert_ptr_equal(whole, blocks[0]);
		assert_true(minor_faults() - before < 8);
		free(whole);
	}
}

static void purge_one_of_three(void *argument)
{
	char *eager[] = {"HAKMEM_ZERO=eager", NULL}, *keep[] = {"HAKMEM_ZERO=keep", NULL};
	char *blocks[3], *again;

	(void)argument;
	three_neighbours(blocks);
	options_read(eager, false);
	free(blocks[0]);
	options_read(keep, false);
	free(blocks[1]); /* dirty, behind zeroes: one length can't say that */
	assert_int_equal(kept_extents(), 2);
	free(blocks[2]);
	assert_int_equal(kept_extents(), 2);
	again = opaque(calloc(1, 12 * MIB));
	for (size_t at = 0; at < 12 * MIB; at += 999)
		assert_int_equal(again[at], 0);
	free(again);
}

static void what_was_purged_stays_apart_from_what_is_dirty(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(run_in_child(purge_one_of_three, NULL, text, sizeof(text)), 0);
}

static void grows_into_what_is_kept_behind_it(void **state)
{
	char *blocks[3], *same;
	long before, most = 8;

	(void)state;
#ifdef UNDER_THREAD_SANITIZER
	most = LONG_MAX; /* its shadow has faults, too */
#endif
	three_neighbours(blocks);
	free(blocks[1]);
	before = minor_faults();
	same = opaque(realloc(blocks[0], 6 * MIB));
	assert_ptr_equal(same, blocks[0]);
	assert_int_equal(same[4 * MIB - 1], 3);
	memset(same, 4, 6 * MIB);
	assert_true(minor_faults() - before < most);
	same = opaque(realloc(same, 8 * MIB));
	assert_ptr_equal(same, blocks[0]);
	assert_int_equal(kept_extents(), 0);
	assert_int_equal(blocks[2][0], 3);
	free(same);
	free(blocks[2]);
}

static void fresh_memory_is_had_in_exchange_for_what_is_kept(void **state)
{
	struct extent_totals totals;
	char *blocks[3], *larger;

	(void)state;
	three_neighbours(blocks);
	free(blocks[0]);
	free(blocks[2]);
	extents_count(&totals);
	assert_int_equal(totals.kept_bytes, 8 * MIB);
	larger = opaque(malloc(7 * MIB)); /* one piece grows by 4 MiB, the other goes */
	extents_count(&totals);
	assert_int_equal(totals.kept_bytes, 0);
	free(larger);
	free(blocks[1]);
}

static void keep_little(void *argument)
{
	char *environment[] = {"HAKMEM_DIRTY_MAX=64", NULL};
	struct extent_totals totals;
	char *blocks[8];

	(void)argument;
	options_read(environment, false);
	for (int i = 0; i < 8; i++)
		blocks[i] = opaque(malloc(30 * MIB));
	for (int i = 0; i < 8; i++)
		free(blocks[i]);
	extents_count(&totals);
	if (totals.kept_bytes == 0 || totals.kept_bytes > 64 * MIB)
		_exit(1);
}

static void the_cache_is_bounded(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(run_in_child(keep_little, NULL, text, sizeof(text)), 0);
}

static void medium_runs(void **state)
{
	char *first = opaque(malloc(150000)), *second = opaque(malloc(150000)), *grown;

	(void)state;
	assert_int_equal((uintptr_t)first % PAGE_SIZE, 0);
	assert_int_equal(pagemap_find(first)->kind, CHUNK_MEDIUM);
	assert_int_equal(malloc_usable_size(first), 40 * PAGE_SIZE);
	free(second);
	trim_everything(); /* out of this thread's cache */
	/* Its neighbour is free now, so it grows where it lies. */
	grown = opaque(realloc(first, 250000));
	assert_ptr_equal(grown, first);
	grown = opaque(realloc(grown, 130000));
	assert_ptr_equal(grown, first);
	/* First fit, lowest address: the freed pages are used again. */
	second = opaque(malloc(150000));
	assert_true(second < first + 250000 && second > first);
	free(second);
	free(grown);
}

static void many_medium_runs_fill_and_empty_chunks(void **state)
{
	enum { COUNT = 400 };
	char *blocks[COUNT];
	struct medium_totals before, totals;

	(void)state;
	trim_everything();
	medium_count(&before); /* a run-time library may hold some */
	for (int i = 0; i < COUNT; i++) {
		blocks[i] = opaque(malloc(17000 + (size_t)i * 2500));
		blocks[i][0] = blocks[i][17000 + i * 2500 - 1] = (char)i;
	}
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(blocks[i][0], (char)i);
		assert_int_equal(blocks[i][17000 + i * 2500 - 1], (char)i);
		free(blocks[i]);
	}
	medium_count(&totals);
	assert_int_equal(totals.blocks, before.blocks);
	assert_true(totals.chunks > before.chunks);
	trim_everything();
	medium_count(&totals);
	assert_int_equal(totals.chunks, before.chunks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(starts_at_a_chunk_of_its_own),
	    cmocka_unit_test(over_allocating_for_alignment_populates_nothing),
	    cmocka_unit_test(realloc_moves_pages_and_copies_nothing),
	    cmocka_unit_test(shrinking_gives_pages_back_in_place),
	    cmocka_unit_test(grows_in_place_when_there_is_room),
	    cmocka_unit_test(grows_by_a_copy_when_in_pieces),
	    cmocka_unit_test(freed_blocks_are_used_again),
	    cmocka_unit_test(free_neighbours_grow_together),
	    cmocka_unit_test(what_was_purged_stays_apart_from_what_is_dirty),
	    cmocka_unit_test(grows_into_what_is_kept_behind_it),
	    cmocka_unit_test(fresh_memory_is_had_in_exchange_for_what_is_kept),
	    cmocka_unit_test(the_cache_is_bounded),
	    cmocka_unit_test(medium_runs),
	    cmocka_unit_test(many_medium_runs_fill_and_empty_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
