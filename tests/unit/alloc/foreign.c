// SPDX-License-Identifier: MIT
/* Blocks that another thread frees: which it keeps for itself, and which go home; slabs that several are current of. */
#include "test.h"

#include <pthread.h>

#include "hakmem.h"
#include "heap.h"
#include "superslab.h"
#include "thread.h"

#define SIZE 512 /* every heap has a class of just this size, young or not */

enum { COUNT = 20000 };
static void *blocks[COUNT];

static void run(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, body, argument), 0);
	pthread_join(thread, NULL);
}

static void allocate(int count)
{
	for (int i = 0; i < count; i++)
		blocks[i] = opaque(malloc(SIZE));
}

static void release(int count)
{
	for (int i = 0; i < count; i++)
		free(blocks[i]);
}

static size_t length(const struct block *block)
{
	size_t count = 0;

	for (; block != NULL; block = block->next)
		count++;
	return count;
}

static uint64_t slabs_of(unsigned int class)
{
	struct hakmem_statistics statistics;

	hakmem_get_statistics(&statistics, sizeof(statistics));
	return statistics.classes[class].slabs;
}

static void *free_one_and_allocate(void *argument)
{
	void *own = opaque(malloc(SIZE));

	free(blocks[0]);
	/* What was freed last comes first, whoever's it is. */
	assert_ptr_equal(opaque(malloc(SIZE)), blocks[0]);
	free(own);
	assert_ptr_equal(opaque(malloc(SIZE)), own);
	free(own);
	return argument;
}

static void a_thread_that_allocates_uses_what_it_frees(void **state)
{
	(void)state;
	allocate(1);
	run(free_one_and_allocate, NULL);
	assert_null(heap_current->remote);
	release(1);
}

static void *free_only(void *argument)
{
	release(100);
	return argument;
}

static void a_thread_that_only_frees_sends_home(void **state)
{
	(void)state;
	allocate(100);
	run(free_only, NULL);
	assert_int_equal(length(heap_current->remote), 100);
	heap_collect(heap_current);
}

static void *free_many(void *argument)
{
	unsigned int class = class_of_size(SIZE);
	void *own = opaque(malloc(SIZE));

	release(COUNT);
	assert_in_range(length(heap_current->ready[class]), 1, 100);
	free(own);
	return argument;
}

static void a_thread_keeps_few_and_none_of_it_is_lost_with_it(void **state)
{
	(void)state;
	allocate(COUNT);
	run(free_many, NULL);
	assert_true(thread_reclaim_abandoned());
	assert_int_equal(length(heap_current->remote), COUNT);
	heap_collect(heap_current);
}

static void *swap_one_by_one_and_free_all(void *argument)
{
	unsigned int class = class_of_size(SIZE), longest = 256 * 1024 / SIZE;
	void *own = opaque(malloc(SIZE));
	int looks = 0;

	for (int i = 0; i < COUNT; i++) {
		looks += heap_current->classes[class].foreign_keeping == 0;
		free(blocks[i]);
		blocks[i] = opaque(malloc(SIZE));
	}
	assert_in_range(looks, 1, COUNT / longest + 5);
	release(COUNT);
	assert_in_range(length(heap_current->ready[class]), 1, longest + 100);
	free(own);
	return argument;
}

/* Looking takes as long as its list of ready blocks. */
static void a_thread_that_takes_what_it_frees_hardly_ever_looks(void **state)
{
	(void)state;
	allocate(COUNT);
	run(swap_one_by_one_and_free_all, NULL);
	thread_reclaim_abandoned();
	heap_collect(heap_current);
}

static uint32_t random_state;

static uint32_t below(uint32_t bound)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * bound >> 32);
}

static void *random_block(void)
{
	return opaque(malloc(16 + below(1024)));
}

static void *swap_now_and_then(void *argument)
{
	static void *own[200];

	for (int i = 0; i < 200000; i++) {
		void **slot = &own[below(200)], *block = random_block();

		if (below(8) == 0) {
			void **place = &blocks[below(COUNT)], *other = *place;

			*place = block;
			block = other;
		}
		free(*slot);
		*slot = block;
	}
	for (int i = 0; i < 200; i++)
		free(own[i]);
	return argument;
}

static void count_touched(struct slab *slab, void *pages)
{
	*(size_t *)pages += slab->dirty_pages;
}

static size_t pages_touched(void)
{
	size_t pages = 0;

	superslab_each_slab(count_touched, &pages);
	return pages;
}

/* Of each size it has now a few more than it needs and now a few less. */
static void a_thread_that_takes_as_many_as_it_gives_does_not_grow(void **state)
{
	size_t before;

	(void)state;
	random_state = 42;
	for (int i = 0; i < COUNT; i++)
		blocks[i] = random_block();
	before = pages_touched();
	run(swap_now_and_then, NULL);
	/* Two or three a class, and what random numbers make of it. */
	assert_in_range(pages_touched() - before, 1, 220);
	release(COUNT);
	thread_reclaim_abandoned();
	heap_collect(heap_current);
}

static void *is_ready_at_once(void *argument)
{
	free(opaque(malloc(SIZE)));
	assert_non_null(heap_current->ready[class_of_size(SIZE)]);
	return argument;
}

static void *looks(void *argument)
{
	free(opaque(malloc(16)));
	assert_non_null(heap_current->ready[class_of_size(SIZE)]);
	return argument;
}

static void the_next_thread_has_ready_what_the_last_one_had(void **state)
{
	(void)state;
	run(is_ready_at_once, NULL);
	run(looks, NULL);
	assert_true(thread_reclaim_abandoned());
	assert_false(thread_reclaim_abandoned());
}

static void slabs_that_empty_return_to_the_pool(void **state)
{
	unsigned int class = class_of_size(SIZE);
	uint64_t before = slabs_of(class);

	(void)state;
	/* Random places, so that several slabs are current; then none is needed. */
	for (int round = 0; round < 3; round++) {
		allocate(COUNT);
		assert_true(slabs_of(class) > before + 100);
		for (int i = 0; i < COUNT; i++) {
			int other = (int)((uint64_t)i * 7919 % COUNT);

			free(blocks[other]);
			blocks[other] = opaque(malloc(SIZE));
		}
		release(COUNT);
		assert_in_range(slabs_of(class), 0, before + 4);
	}
}

static void a_count_of_blocks_is_exact(void **state)
{
	struct hakmem_statistics before, after;
	unsigned int class = class_of_size(SIZE);

	(void)state;
	hakmem_get_statistics(&before, sizeof(before));
	allocate(1000);
	for (int i = 0; i < 10000; i++) {
		int other = i * 77 % 1000;

		free(blocks[other]);
		blocks[other] = opaque(malloc(SIZE));
	}
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(after.classes[class].live_blocks - before.classes[class].live_blocks, 1000);
	assert_int_equal(after.classes[class].total_blocks - before.classes[class].total_blocks, 11000);
	release(1000);
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(after.classes[class].live_blocks, before.classes[class].live_blocks);
	assert_int_equal(after.classes[class].total_blocks - before.classes[class].total_blocks, 11000);
}

static void a_current_slab_counts_on_when_its_countdown_has_ended(void **state)
{
	struct hakmem_statistics before, after;
	unsigned int class = class_of_size(SIZE);
	struct slab *slab;

	(void)state;
	allocate(1);
	slab = superslab_slab(pagemap_find(blocks[0]), blocks[0]);
	assert_int_equal(slab->state, SLAB_CURRENT);
	slab->countdown = 1; /* as after four thousand million frees */
	slab->beyond = 0;
	hakmem_get_statistics(&before, sizeof(before));
	release(1);
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(slab->countdown, CURRENT_COUNTDOWN);
	assert_int_equal(slab->state, SLAB_CURRENT);
	assert_int_equal(after.classes[class].total_blocks, before.classes[class].total_blocks);
	assert_int_equal(before.classes[class].live_blocks - after.classes[class].live_blocks, 1);
}

enum { THREADS = 40 };
static pthread_barrier_t allocated, done;

static void *allocate_a_little_and_wait(void *argument)
{
	enum { LITTLE = 30 };
	void *own[LITTLE];

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < LITTLE; i++)
			own[i] = opaque(malloc(100 + 100 * (i % 10)));
		for (int i = 0; i < LITTLE; i++)
			free(own[i]);
	}
	pthread_barrier_wait(&allocated);
	pthread_barrier_wait(&done);
	return argument;
}

static uint64_t slabs_used(void)
{
	struct hakmem_statistics statistics;

	hakmem_get_statistics(&statistics, sizeof(statistics));
	return statistics.slabs_used;
}

/* Each would hold ten slabs or so. */
static void idle_threads_hold_no_slabs(void **state)
{
	pthread_t threads[THREADS];
	uint64_t before = slabs_used();

	(void)state;
	pthread_barrier_init(&allocated, NULL, THREADS + 1);
	pthread_barrier_init(&done, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, allocate_a_little_and_wait, NULL), 0);
	pthread_barrier_wait(&allocated);
	assert_in_range(slabs_used(), 0, before + (uint64_t)4 * 12 + THREADS);
	pthread_barrier_wait(&done);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* Of what it has looked at too often, a heap only counts the frees. */
static void a_heap_that_goes_on_is_not_watched_for_ever(void **state)
{
	struct hakmem_statistics before, after;
	unsigned int class = class_of_size(SIZE);
	uint32_t number = heap_current->number;

	(void)state;
	heap_flush(heap_current);
	heap_current->number = number + 1000; /* not one of the first */
	heap_current->looks = 0;
	hakmem_get_statistics(&before, sizeof(before));
	for (int i = 0; i < 1000; i++) {
		allocate(3 + i % 10);
		release(3 + i % 10);
	}
	hakmem_get_statistics(&after, sizeof(after));
	assert_in_range(heap_current->looks, 1, 64);
	assert_int_equal(after.classes[class].live_blocks, before.classes[class].live_blocks);
	assert_int_equal(after.classes[class].total_blocks - before.classes[class].total_blocks, 7500);
	heap_flush(heap_current);
	heap_current->number = number;
}

/* A young heap lends blocks of other classes while it has none of this one. */
static int have_blocks_of_this_size(void **state)
{
	(void)state;
	allocate(200);
	release(200);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_thread_that_allocates_uses_what_it_frees),
	    cmocka_unit_test(a_thread_that_only_frees_sends_home),
	    cmocka_unit_test(a_thread_keeps_few_and_none_of_it_is_lost_with_it),
	    cmocka_unit_test(a_thread_that_takes_what_it_frees_hardly_ever_looks),
	    cmocka_unit_test(a_thread_that_takes_as_many_as_it_gives_does_not_grow),
	    cmocka_unit_test(the_next_thread_has_ready_what_the_last_one_had),
	    cmocka_unit_test(slabs_that_empty_return_to_the_pool),
	    cmocka_unit_test(a_count_of_blocks_is_exact),
	    cmocka_unit_test(idle_threads_hold_no_slabs),
	    cmocka_unit_test(a_heap_that_goes_on_is_not_watched_for_ever),
	    cmocka_unit_test(a_current_slab_counts_on_when_its_countdown_has_ended),
	};

	return cmocka_run_group_tests(tests, have_blocks_of_this_size, NULL);
}
