// SPDX-License-Identifier: MIT
/* Parts of SuperSlabs: where slabs of several lengths come to lie, that what is dirty stays known, and threads' blocks
 * whole. */
#include "test.h"

#include <pthread.h>

#include "heap.h"
#include "purge.h"
#include "superslab.h"
#include "trim.h"

static uint64_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* The largest class of each length that has any (slabs of length 1 are no class's), and of short slabs that of a page:
 * so that each page is asked about. */
static unsigned int class_of_length(unsigned int length)
{
	unsigned int class = CLASS_COUNT - 1;

	if (length == 0)
		return class_of_size(PAGE_SIZE);
	while (class_table[class].length != length)
		class --;
	return class;
}

static bool is_filled_with(const char *block, size_t size, char value)
{
	for (size_t i = 0; i < size; i++)
		if (block[i] != value)
			return false;
	return true;
}

static void short_slabs_leave_room_for_long_ones(void **state)
{
	const uint32_t all = UINT32_MAX;

	(void)state;
	assert_int_equal(superslab_room(all), SUPERSLAB_WHOLE);
	assert_int_equal(superslab_room(all << 1), 4);
	assert_int_equal(superslab_room(0x7f80), 2); /* 8 parts, but at no multiple of 8 */
	assert_int_equal(superslab_room(0x55555555), 0);
	assert_int_equal(superslab_place(0, all, 0), 0);
	assert_int_equal(superslab_place(0, all << 1, 0), 1);
	assert_int_equal(superslab_place(0, all << 1, 2), 4);
	assert_int_equal(superslab_place(0, all << 1, 3), 8);
	assert_int_equal(superslab_place(0, all << 1, 4), 16);
	assert_int_equal(superslab_place(0, 0xfff00010, 0), 4);
	assert_int_equal(superslab_place(0, 0xff0f0000, 2), 16);
	/* Dirty ones come first, all the same. */
	assert_int_equal(superslab_place(0x80000000, 0x7ffffffe, 0), 31);
	assert_int_equal(superslab_place(0x00800000, 0xff0f0000, 2), 16);
	assert_int_equal(superslab_place(0x80000000, 0x0fff0000, 2), 24);
	assert_int_equal(superslab_place(0x80000000, 0x70ff0000, 2), 28);
}

/* Blocks that are said to be zero are. Then they aren't any more. */
static void carve_and_fill(struct slab *slab, unsigned int count, char value)
{
	size_t size = class_table[slab->class].size;
	struct block *rest;
	bool zeroed;

	while (count-- > 0 && slab_has_room(slab)) {
		char *block = (char *)slab_carve(slab, &rest, &zeroed);

		assert_null(rest); /* a block is a page at least */
		if (zeroed && !is_filled_with(block, size, 0))
			fail_msg("a block of %zu at %p is not zero", size, (void *)block);
		memset(block, value, size);
	}
}

static void check_and_give(struct slab *slab, char value)
{
	size_t size = class_table[slab->class].size;

	if (!is_filled_with(slab->base, slab->carved * size, value))
		fail_msg("what was in blocks of %zu at %p isn't any more", size, (void *)slab->base);
	superslab_give(slab);
}

static void what_is_dirty_stays_known_whatever_slab_it_was_in(void **state)
{
	static const unsigned int lengths[] = {0, 2, 3, 4};
	enum { HELD = 24 };
	struct slab *slabs[HELD] = {NULL};
	uint64_t random = 42;

	(void)state;
	for (int round = 0; round < 6000; round++) {
		unsigned int at = next(&random) % HELD, class = class_of_length(lengths[next(&random) % 4]);
		bool to_the_end = next(&random) % 3 == 0;

		if (slabs[at] != NULL)
			check_and_give(slabs[at], (char)(at + 1));
		while ((slabs[at] = superslab_take(class, heap_current)) == NULL)
			assert_true(superslab_grow(class));
		carve_and_fill(slabs[at], to_the_end ? class_table[class].capacity : next(&random) % 6, (char)(at + 1));
		/* Now and then there are few, and all that is unused goes, or becomes zero. */
		for (unsigned int i = 0; round % 100 == 99 && i < HELD - 2; i++) {
			if (slabs[i] != NULL)
				check_and_give(slabs[i], (char)(i + 1));
			slabs[i] = NULL;
		}
		if (round % 500 == 499)
			trim_everything();
	}
	for (unsigned int i = 0; i < HELD; i++)
		if (slabs[i] != NULL)
			check_and_give(slabs[i], (char)(i + 1));
}

enum { THREADS = 3, ROUNDS = 60, MOST = 96 };

/* Half of what each allocates its neighbour frees: its look-ups go by descriptors of others' slabs. */
static struct gift {
	pthread_mutex_t lock;
	char *block;
} gifts[THREADS];

/* Of each chunk of address space the lengths that its slabs had, by a hash. */
static uint32_t lengths_seen[1024];

static void note(const char *block, unsigned int length)
{
	uint32_t *seen = &lengths_seen[(uintptr_t)block / CHUNK_SIZE % 1024];

	__atomic_fetch_or(seen, 1u << length, __ATOMIC_RELAXED);
}

/* A block's first and last eight bytes say where it is and how large. */
static void mark(char *block, size_t size)
{
	uint64_t word = (uint64_t)(uintptr_t)block ^ size << 48;

	memcpy(block + 16, &size, sizeof(size));
	memcpy(block + 24, &word, sizeof(word));
	memcpy(block + size - sizeof(word), &word, sizeof(word));
}

static void check_and_free(char *block)
{
	uint64_t first, last;
	size_t size;

	memcpy(&size, block + 16, sizeof(size));
	memcpy(&first, block + 24, sizeof(first));
	memcpy(&last, block + size - sizeof(last), sizeof(last));
	assert_true(first == ((uint64_t)(uintptr_t)block ^ size << 48));
	assert_true(first == last);
	free(block);
}

static void give_to_neighbour(struct gift *gift, char *block)
{
	char *other;

	pthread_mutex_lock(&gift->lock);
	other = gift->block;
	gift->block = block;
	pthread_mutex_unlock(&gift->lock);
	if (other != NULL)
		check_and_free(other);
}

static void take_gift(struct gift *gift)
{
	give_to_neighbour(gift, NULL);
}

static void *churn(void *argument)
{
	unsigned int number = (unsigned int)(uintptr_t)argument;
	uint64_t random = 7 + number;
	char *blocks[MOST];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		bool is_long = (round + number) % 2 != 0;

		for (int i = 0; i < MOST; i++) {
			size_t size =
			    is_long ? 20 * KIB + next(&random) % (90 * KIB) : 8 * KIB + next(&random) % (8 * KIB);

			blocks[i] = opaque(i % 4 == 0 ? calloc(1, size) : malloc(size));
			assert_non_null(blocks[i]);
			if (i % 4 == 0)
				assert_true(is_filled_with(blocks[i], size, 0));
			note(blocks[i], class_table[class_of_size(size)].length);
			mark(blocks[i], size);
		}
		for (int i = 0; i < MOST; i++) {
			if (next(&random) % 2 == 0)
				give_to_neighbour(&gifts[(number + 1) % THREADS], blocks[i]);
			else
				check_and_free(blocks[i]);
			take_gift(&gifts[number]);
		}
		/* What is empty goes back to the pool, where the others find it. */
		heap_flush(heap_current);
	}
	return NULL;
}

static void threads_that_want_other_lengths_keep_their_blocks(void **state)
{
	pthread_t threads[THREADS];
	unsigned int mixed = 0;

	(void)state;
	trim_everything();
	for (int i = 0; i < THREADS; i++)
		pthread_mutex_init(&gifts[i].lock, NULL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, churn, (void *)(uintptr_t)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		take_gift(&gifts[i]);
	for (size_t i = 0; i < sizeof(lengths_seen) / sizeof(lengths_seen[0]); i++)
		mixed += lengths_seen[i] != 0 && !is_power_of_two(lengths_seen[i]);
	/* Else nothing was tried. */
	assert_true(mixed >= 2);
}

enum { PIECES = 80 * HAKMEM_CHUNK_SLABS, LARGE = 48 };

/* Slabs of 64 KiB with a live block in every other one: long slabs find no room between them. */
static void what_is_kept_between_short_slabs_goes_back_for_long_ones(void **state)
{
	static void *blocks[PIECES], *large[LARGE];
	size_t kept;

	(void)state;
	trim_everything();
	for (int i = 0; i < PIECES; i++)
		blocks[i] = memset(opaque(malloc(SINGLE_SIZE_MAX)), 1, SINGLE_SIZE_MAX);
	for (int i = 0; i < PIECES; i++) {
		if ((uintptr_t)blocks[i] >> HAKMEM_SLAB_SHIFT & 1)
			continue;
		free(blocks[i]);
		blocks[i] = NULL;
	}
	heap_flush(heap_current);
	kept = purge_kept_bytes();
	assert_in_range(kept, PIECES * SINGLE_SIZE_MAX / 2 - 8 * MIB, PIECES * SINGLE_SIZE_MAX / 2 + 8 * MIB);
	/* They take six slabs of 1 MiB: three SuperSlabs, of which one may be there. */
	for (int i = 0; i < LARGE; i++)
		large[i] = opaque(malloc(SMALL_SIZE_MAX));
	assert_in_range(purge_kept_bytes(), kept - 10 * MIB, kept - CHUNK_SIZE);
	for (int i = 0; i < LARGE; i++)
		free(large[i]);
	for (int i = 0; i < PIECES; i++)
		free(blocks[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(short_slabs_leave_room_for_long_ones),
	    cmocka_unit_test(what_is_dirty_stays_known_whatever_slab_it_was_in),
	    cmocka_unit_test(threads_that_want_other_lengths_keep_their_blocks),
	    cmocka_unit_test(what_is_kept_between_short_slabs_goes_back_for_long_ones),
	};

	free(opaque(malloc(1)));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
