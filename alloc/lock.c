// SPDX-License-Identifier: MIT
/*
 * lock: the sleeping half of the one-word mutex, and who may pass while a fork is in progress.
 */
#include "lock.h"

#include "heap.h"
#include "os.h"

#define SPINS 100 /* a holder on another processor is usually gone within some hundred cycles */

COMPACT bool lock_fork_in_progress;
/* A thread is told by the address of its thread-local pointer: no system call, and no pthread_t. */
static COMPACT struct heap **forking_thread;

bool lock_is_forking_thread(void)
{
	return __atomic_load_n(&forking_thread, __ATOMIC_RELAXED) == &heap_current;
}

void lock_fork_begin(void)
{
	__atomic_store_n(&forking_thread, &heap_current, __ATOMIC_RELAXED);
	__atomic_store_n(&lock_fork_in_progress, true, __ATOMIC_SEQ_CST);
}

void lock_fork_end(void)
{
	__atomic_store_n(&lock_fork_in_progress, false, __ATOMIC_SEQ_CST);
	__atomic_store_n(&forking_thread, NULL, __ATOMIC_RELAXED);
}

void lock_take_slowly(struct lock *lock)
{
	for (int spin = 0; spin < SPINS; spin++) {
		uint32_t expected = 0;

		if (__atomic_compare_exchange_n(&lock->state, &expected, 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_ACQUIRE) != 0)
		os_wait(&lock->state, 2);
}

void lock_wake(struct lock *lock)
{
	os_wake(&lock->state);
}
