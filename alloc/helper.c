// SPDX-License-Identifier: MIT
/*
 * helper: looks at each tick how little dirty memory was kept at any moment of the last second. So much nobody needed,
 * and so much is given back; what a program frees and takes again within the second stays.
 */
#include "helper.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>

#include "lock.h"
#include "medium.h"
#include "options.h"
#include "os.h"
#include "trim.h"

#define TICK_NS      100000000
#define WINDOW_TICKS 10 /* a second */
#define CACHED_TICKS 5  /* what threads have set aside is purged between this and twice this */
#define LEAST        (1 * MIB)
/* It ends when little was kept for so long: ending and starting again costs some 50 us. */
#define IDLE_TICKS 30

/* Besides what the C library and thread-local variables take of it, which it adds up by itself or refuses. */
#define STACK_SIZE ((size_t)128 << 10)

enum helper_state {
	HELPER_NONE,
	HELPER_RUNS,
	HELPER_REFUSED,
};

static COMPACT uint32_t state;

bool helper_is_impossible(void)
{
	return option_value(OPTION_HELPER) == 0 || __atomic_load_n(&state, __ATOMIC_RELAXED) == HELPER_REFUSED;
}

void helper_forget(void)
{
	__atomic_store_n(&state, HELPER_NONE, __ATOMIC_RELAXED);
}

static bool become(enum helper_state from, enum helper_state to)
{
	uint32_t expected = from;

	return __atomic_compare_exchange_n(&state, &expected, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* The least that was kept at any moment since the window began. */
static size_t least(const size_t window[WINDOW_TICKS])
{
	size_t result = SIZE_MAX;

	for (unsigned int i = 0; i < WINDOW_TICKS; i++)
		if (window[i] < result)
			result = window[i];
	return result;
}

static void give_back(size_t unused)
{
	size_t kept = purge_kept_bytes();

	trim_to(kept > unused ? kept - unused : 0);
	purge_lowest(); /* what was before does not count any more */
}

static void look_until_idle(void)
{
	size_t window[WINDOW_TICKS] = {0};
	unsigned int idle = 0;

	for (unsigned int tick = 0; idle < IDLE_TICKS; tick++) {
		size_t unused;

		os_sleep(TICK_NS);
		window[tick % WINDOW_TICKS] = purge_lowest();
		unused = least(window);
		if (unused >= LEAST) {
			give_back(unused);
			for (unsigned int i = 0; i < WINDOW_TICKS; i++)
				window[i] -= unused;
		}
		if (tick % CACHED_TICKS == 0)
			medium_purge_cached();
		idle = purge_kept_bytes() < HELPER_BOUND ? idle + 1 : 0;
	}
}

static void *run(void *argument)
{
	do {
		look_until_idle();
		become(HELPER_RUNS, HELPER_NONE);
		/* Whoever freed much just now may have seen this thread still running. */
	} while (purge_kept_bytes() > HELPER_BOUND && become(HELPER_NONE, HELPER_RUNS));
	return argument;
}

static int create(void)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

void helper_start(void)
{
	int saved = errno;

	if (__atomic_load_n(&state, __ATOMIC_RELAXED) != HELPER_NONE || option_value(OPTION_HELPER) == 0 ||
	    __atomic_load_n(&lock_fork_in_progress, __ATOMIC_RELAXED) || !become(HELPER_NONE, HELPER_RUNS))
		return;
	if (create() != 0)
		become(HELPER_RUNS, HELPER_REFUSED);
	errno = saved;
}
