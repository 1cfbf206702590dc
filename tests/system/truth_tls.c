/* SPDX-License-Identifier: MIT */
/*
 * Static thread-local storage of known size. A program of its own, for every thread that it creates pays for the
 * arrays below. See truth.h.
 *
 * Nothing has to touch them: whoever lays out a block fills all of it. For the main thread that is the dynamic loader,
 * before the program's first instruction, so that case has nothing to subtract; for a created thread it is the
 * creating thread, before the clone.
 */
#include <pthread.h>

#include "truth.h"

#define INITIALISED_PAGES 128L
#define ZEROED_PAGES      384L
#define TLS_PAGES         (INITIALISED_PAGES + ZEROED_PAGES)
#define THREADS           4

static __thread char initialised[INITIALISED_PAGES * PAGE] = {1};
static __thread char zeroed[ZEROED_PAGES * PAGE];

static pthread_barrier_t all_started;

static void *thread(void *touches)
{
	if (touches) {
		touch(initialised, INITIALISED_PAGES);
		touch(zeroed, ZEROED_PAGES);
	}
	pthread_barrier_wait(&all_started);
	return NULL;
}

static void main_thread(long pages)
{
	(void)pages;
	touch(initialised, INITIALISED_PAGES);
	touch(zeroed, ZEROED_PAGES);
	expect("tls", "main", TLS_PAGES);
}

/* All alive at once: glibc would give the second thread the first one's stack again. */
static void start_threads(int count, void *touches)
{
	pthread_t threads[THREADS];

	if (pthread_barrier_init(&all_started, NULL, count))
		fail("pthread_barrier_init");
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, thread, touches))
			fail("pthread_create");
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	/* The page where TLS ends and the stack begins may count as either. */
	allow("stack", count);
	allow("libc", 8);
	/* What the initialised part is copied from: the kernel maps pages of the file in batches that vary. */
	allow("program", 8);
}

static void created_thread(long pages)
{
	(void)pages;
	start_threads(1, NULL);
	expect("tls", "thread", TLS_PAGES);
}

static void created_threads(long pages)
{
	(void)pages;
	start_threads(THREADS, NULL);
	expect("tls", "thread", THREADS * TLS_PAGES);
}

static void threads_that_touch(long pages)
{
	(void)pages;
	start_threads(1, &all_started);
	expect("tls", "thread", TLS_PAGES);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"tls-main", "none", main_thread, true},
    {"tls-thread", "baseline", created_thread, false},
    {"tls-threads", "baseline", created_threads, false},
    {"tls-thread-touched", "baseline", threads_that_touch, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
