// SPDX-License-Identifier: MIT
/* Threads: remote frees, churn, heaps taken over, allocation in late destructors, fork. */
/* beside: VMs. It waits for time to pass. */
#include "test.h"

#include <limits.h>
#include <pthread.h>

#include "heap.h"
#include "hakmem.h"
#include "thread.h"

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, body, argument), 0);
	return thread;
}

static void run(void *(*body)(void *), void *argument)
{
	pthread_join(start(body, argument), NULL);
}

enum { COUNT = 5000 };
static char *blocks[COUNT];

static void *free_all(void *argument)
{
	(void)argument;
	for (int i = 0; i < COUNT; i++)
		free(blocks[i]);
	return NULL;
}

static void *allocate_all(void *argument)
{
	(void)argument;
	for (int i = 0; i < COUNT; i++) {
		blocks[i] = opaque(malloc(100));
		memset(blocks[i], i, 100);
	}
	return NULL;
}

static void remote_frees_come_back(void **state)
{
	char *low, *high;
	int reused = 0;

	(void)state;
	allocate_all(NULL);
	low = blocks[0];
	high = blocks[COUNT - 1];
	run(free_all, NULL);
	assert_non_null(heap_current->remote);
	heap_collect(heap_current);
	assert_null(heap_current->remote);
	/* The memory is the owner's again. */
	for (int i = 0; i < COUNT; i++) {
		char *block = opaque(malloc(100));

		reused += block >= low - CHUNK_SIZE && block <= high + CHUNK_SIZE;
		blocks[i] = block;
	}
	assert_int_equal(reused, COUNT);
	free_all(NULL);
}

static void *allocate_and_free(void *argument)
{
	for (int i = 0; i < 50; i++) {
		char *block = opaque(malloc((size_t)(i * 37)));

		memset(block, 1, (size_t)(i * 37));
		free(block);
	}
	return argument;
}

static void thousands_of_threads_reuse_heaps(void **state)
{
	struct hakmem_statistics before, after;

	(void)state;
	run(allocate_and_free, NULL);
	hakmem_get_statistics(&before, sizeof(before));
	for (int i = 0; i < 5000; i++)
		run(allocate_and_free, NULL);
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(after.heaps, before.heaps);
	assert_int_equal(after.superslabs, before.superslabs);
}

static void blocks_outlive_their_thread(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		run(allocate_all, NULL);
		for (int i = 0; i < COUNT; i++)
			assert_int_equal((unsigned char)blocks[i][99], (unsigned char)i);
		free_all(NULL);
	}
}

static void *producer(void *argument)
{
	char **box = argument;

	for (int i = 0; i < 200000; i++) {
		char *block = opaque(malloc((size_t)(16 + i % 500)));

		*(int *)(void *)block = i;
		block = __atomic_exchange_n(&box[i % 64], block, __ATOMIC_ACQ_REL);
		free(block);
	}
	return NULL;
}

static void *consumer(void *argument)
{
	char **box = argument;

	for (int i = 0; i < 200000; i++)
		free(__atomic_exchange_n(&box[i % 64], NULL, __ATOMIC_ACQ_REL));
	return NULL;
}

static void producers_and_consumers(void **state)
{
	static char *box[64];
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		threads[i] = start(i % 2 ? consumer : producer, box);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 64; i++)
		free(box[i]);
}

static pthread_key_t late_key;
static int late_rounds;

/* Runs after the allocator's own destructor, for as many rounds as there are, and allocates and frees in each. */
static void late_destructor(void *block)
{
	void *large = opaque(malloc(2 * MIB)), *medium = opaque(malloc(40000)), *small = opaque(malloc(40));

	memset(small, 1, 40);
	free(block);
	free(large);
	free(medium);
	if (late_rounds++ < PTHREAD_DESTRUCTOR_ITERATIONS - 1)
		pthread_setspecific(late_key, small);
	else
		free(small);
}

static void *with_late_destructor(void *argument)
{
	pthread_setspecific(late_key, opaque(malloc(100)));
	return argument;
}

static void allocation_works_after_the_heap_is_gone(void **state)
{
	struct hakmem_statistics before, after;

	(void)state;
#ifdef UNDER_THREAD_SANITIZER
	skip(); /* its own destructor has run by then, and it serves no thread any more */
#endif
	assert_int_equal(pthread_key_create(&late_key, late_destructor), 0);
	run(with_late_destructor, NULL);
	hakmem_get_statistics(&before, sizeof(before));
	for (int i = 0; i < 200; i++) {
		late_rounds = 0;
		run(with_late_destructor, NULL);
	}
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(after.heaps, before.heaps);
	assert_true(after.small_live_bytes <= before.small_live_bytes + 4096);
}

static _Atomic int stop;

static void *churn(void *argument)
{
	uint64_t seed = (uintptr_t)argument;
	void *mine[64] = {NULL};

	while (!stop) {
		seed = seed * 6364136223846793005ULL + 1;
		free(mine[seed >> 58]);
		mine[seed >> 58] = opaque(malloc(seed >> 33 & ((seed >> 20 & 15) == 0 ? 0x3ffff : 0x3ff)));
	}
	for (int i = 0; i < 64; i++)
		free(mine[i]);
	return NULL;
}

static void use_everything(void *argument)
{
	void *more[100];

	(void)argument;
	free_all(NULL); /* blocks of a heap whose thread is not here */
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 100; i++)
			more[i] = opaque(calloc(1, i * i * 30));
		for (size_t i = 0; i < 100; i++)
			free(more[i]);
	}
	run(allocate_and_free, NULL);
	malloc_trim(0);
}

static void fork_amid_allocating_threads(void **state)
{
	pthread_t threads[3];
	char text[256];

	(void)state;
	run(allocate_all, NULL);
	stop = 0;
	for (uintptr_t i = 0; i < 3; i++)
		threads[i] = start(churn, (void *)(i + 1));
	for (int i = 0; i < 100; i++) {
		assert_int_equal(run_in_child(use_everything, NULL, text, sizeof(text)), 0);
		assert_string_equal(text, "");
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	free_all(NULL);
}

static void check_frozen(void *argument)
{
	int frozen = 0;

	(void)argument;
	for (struct heap *heap = thread_known_heaps(); heap != NULL; heap = heap->next_known)
		frozen += heap->state == HEAP_FROZEN;
	fprintf(stderr, "%d frozen\n", frozen);
	/* Never taken over: a new thread gets another heap. */
	run(allocate_and_free, NULL);
	for (struct heap *heap = thread_known_heaps(); heap != NULL; heap = heap->next_known)
		frozen -= heap->state == HEAP_FROZEN;
	fprintf(stderr, "%d thawed\n", frozen);
}

static void other_threads_heaps_freeze_in_a_child(void **state)
{
	pthread_t threads[2];
	char text[256];

	(void)state;
	stop = 0;
	for (uintptr_t i = 0; i < 2; i++)
		threads[i] = start(churn, (void *)(i + 1));
	usleep(20000); /* both have allocated by then */
	assert_int_equal(run_in_child(check_frozen, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "2 frozen\n0 thawed\n");
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remote_frees_come_back),
	    cmocka_unit_test(thousands_of_threads_reuse_heaps),
	    cmocka_unit_test(blocks_outlive_their_thread),
	    cmocka_unit_test(producers_and_consumers),
	    cmocka_unit_test(allocation_works_after_the_heap_is_gone),
	    cmocka_unit_test(fork_amid_allocating_threads),
	    cmocka_unit_test(other_threads_heaps_freeze_in_a_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
