// SPDX-License-Identifier: MIT
/*
 * Hard conditions: locked memory, the smallest stacks, thousands of threads, signal handlers that allocate beside
 * threads that do, and threads that end while others free their blocks. Contents are checked throughout.
 */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "hakmem.h"

#define SMALLEST_STACK ((size_t)16 * KIB)

static pthread_t start(void *(*body)(void *), void *argument, size_t stack)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (stack != 0)
		assert_int_equal(pthread_attr_setstacksize(&attributes, stack), 0);
	assert_int_equal(pthread_create(&thread, &attributes, body, argument), 0);
	pthread_attr_destroy(&attributes);
	return thread;
}

static bool is_whole(const unsigned char *block, size_t size, unsigned char mark)
{
	return block[0] == mark && memcmp(block, block + 1, size - 1) == 0;
}

#define SIZES 40

static size_t size_of(size_t i)
{
	return i < 30 ? 1 + i * i * 20 : i < 37 ? (i - 29) * 60000 : (i - 36) * 1500000;
}

/* Every pool, and each way between them; false when any block is not what it must be. */
static bool use_every_pool(void)
{
	unsigned char *blocks[SIZES];
	bool well = true;

	for (size_t i = 0; i < SIZES; i++) {
		blocks[i] = opaque(calloc(1, size_of(i)));
		well &= blocks[i] != NULL && is_whole(blocks[i], size_of(i), 0);
		memset(blocks[i], (int)i + 1, size_of(i));
	}
	for (size_t i = 0; i < SIZES; i++) {
		size_t wanted = size_of((i + 7) % SIZES), kept = wanted < size_of(i) ? wanted : size_of(i);

		blocks[i] = opaque(realloc(blocks[i], wanted));
		well &= blocks[i] != NULL && is_whole(blocks[i], kept, (unsigned char)(i + 1));
		memset(blocks[i], 0xee, wanted);
	}
	for (size_t i = 0; i < SIZES; i++)
		free(blocks[i]);
	malloc_trim(0);
	return well;
}

static void lock_all_and_use(void *argument)
{
	(void)argument;
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		_exit(77);
	for (int round = 0; round < 4; round++)
		if (!use_every_pool())
			fprintf(stderr, "round %d: damaged\n", round);
}

static void all_memory_locked(void **state)
{
	char text[256];
	int status;

	(void)state;
#ifdef UNDER_THREAD_SANITIZER
	skip(); /* its shadow would be locked, too */
#endif
	status = run_in_child(lock_all_and_use, NULL, text, sizeof(text));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* no right to lock so much */
	assert_int_equal(status, 0);
	assert_string_equal(text, "");
}

static void *use_twice(void *argument)
{
	return use_every_pool() && use_every_pool() ? NULL : argument;
}

static void the_smallest_stacks(void **state)
{
	static int damaged;
	pthread_t threads[4];
	void *result;

	(void)state;
#ifdef UNDER_THREAD_SANITIZER
	skip(); /* it needs more stack than that */
#endif
	if (sysconf(_SC_THREAD_STACK_MIN) > (long)SMALLEST_STACK)
		skip(); /* the processor's registers alone take more */
	for (int i = 0; i < 4; i++)
		threads[i] = start(use_twice, &damaged, SMALLEST_STACK);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		assert_null(result);
	}
}

#define GENERATIONS 50
#define TOGETHER    200

static unsigned char *left[TOGETHER];
static pthread_barrier_t together;

/* Frees what another thread of the generation before has left, and leaves something itself. */
static void *take_and_leave(void *argument)
{
	unsigned char **mine = argument, *block = *mine;
	bool well = block == NULL || is_whole(block, 3000, 7);

	pthread_barrier_wait(&together); /* all are there, each with a heap */
	free(block);
	*mine = opaque(malloc(3000));
	memset(*mine, 7, 3000);
	free(opaque(malloc(100)));
	return well ? NULL : argument;
}

static void ten_thousand_threads(void **state)
{
	struct hakmem_statistics statistics;
	pthread_t threads[TOGETHER];
	void *result;

	(void)state;
	pthread_barrier_init(&together, NULL, TOGETHER);
	for (int generation = 0; generation < GENERATIONS; generation++) {
		for (int i = 0; i < TOGETHER; i++)
			threads[i] = start(take_and_leave, &left[(i + generation) % TOGETHER], 64 * KIB);
		for (int i = 0; i < TOGETHER; i++) {
			pthread_join(threads[i], &result);
			assert_null(result);
		}
	}
	for (int i = 0; i < TOGETHER; i++)
		free(left[i]);
	pthread_barrier_destroy(&together);
	hakmem_get_statistics(&statistics, sizeof(statistics));
	/* As many heaps as there were threads at once, here and before. */
	assert_true(statistics.heaps <= TOGETHER + 8);
}

static _Atomic bool enough, damaged;
static _Atomic int handled;

static void allocate_in_handler(int signal)
{
	unsigned char *block = opaque(malloc(700));

	(void)signal;
	memset(block, 9, 700);
	if (!is_whole(block, 700, 9))
		damaged = true;
	free(block);
	free(opaque(malloc(50000)));
	handled++;
}

/* Is interrupted anywhere but in the allocator. */
static void *be_interrupted(void *argument)
{
	sigset_t none;

	sigemptyset(&none);
	while (!enough)
		sigsuspend(&none);
	return argument;
}

static void *churn(void *argument)
{
	while (!enough)
		if (!use_every_pool())
			damaged = true;
	return argument;
}

static void handlers_on_other_threads(void **state)
{
	struct sigaction action = {.sa_handler = allocate_in_handler}, before;
	sigset_t user, old;
	pthread_t interrupted, other;

	(void)state;
	enough = damaged = false;
	sigemptyset(&user);
	sigaddset(&user, SIGUSR1);
	sigaction(SIGUSR1, &action, &before);
	pthread_sigmask(SIG_BLOCK, &user, &old);
	interrupted = start(be_interrupted, NULL, 0);
	other = start(churn, NULL, 0);
	for (int i = 0; i < 2000; i++) {
		pthread_kill(interrupted, SIGUSR1);
		free(opaque(malloc(700)));
		if (i % 20 == 0)
			usleep(1000);
	}
	while (handled < 20)
		usleep(1000);
	enough = true;
	pthread_kill(interrupted, SIGUSR1);
	pthread_join(interrupted, NULL);
	pthread_join(other, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGUSR1, &before, NULL);
	assert_false(damaged);
}

#define HANDED 400

static _Atomic(unsigned char *) handed[HANDED];

/* Hands out blocks and ends while they are still being freed. */
static void *hand_out_and_end(void *argument)
{
	for (int i = 0; i < HANDED; i++) {
		size_t size = i % 40 == 0 ? 30000 : 200;
		unsigned char *block = opaque(malloc(size));

		memset(block, 5, size);
		free(atomic_exchange_explicit(&handed[i], block, memory_order_acq_rel));
	}
	return argument;
}

static void *free_what_comes(void *argument)
{
	while (!enough)
		for (int i = 0; i < HANDED; i++) {
			unsigned char *block = atomic_exchange_explicit(&handed[i], NULL, memory_order_acq_rel);

			if (block != NULL && !is_whole(block, 200, 5))
				damaged = true;
			free(block);
		}
	return argument;
}

static void threads_end_while_others_free_their_blocks(void **state)
{
	pthread_t freeing[2], ending[2];

	(void)state;
	enough = damaged = false;
	for (int i = 0; i < 2; i++)
		freeing[i] = start(free_what_comes, NULL, 0);
	for (int round = 0; round < 1000; round++) {
		for (int i = 0; i < 2; i++)
			ending[i] = start(hand_out_and_end, NULL, 0);
		for (int i = 0; i < 2; i++)
			pthread_join(ending[i], NULL);
	}
	enough = true;
	for (int i = 0; i < 2; i++)
		pthread_join(freeing[i], NULL);
	for (int i = 0; i < HANDED; i++)
		free(handed[i]);
	assert_false(damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_memory_locked),
	    cmocka_unit_test(the_smallest_stacks),
	    cmocka_unit_test(ten_thousand_threads),
	    cmocka_unit_test(handlers_on_other_threads),
	    cmocka_unit_test(threads_end_while_others_free_their_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
