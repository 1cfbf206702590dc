/* SPDX-License-Identifier: MIT */
/*
 * A mutex of one word, all zero when free, for the paths that leave a thread's own heap. Uncontended it costs one
 * compare-and-swap; waiters sleep on a futex. While a thread forks it holds every lock of the allocator, and other
 * libraries' fork handlers that run in it meanwhile may allocate: for that thread the locks are then open.
 *
 * Rank, outermost first: costs, threads, medium pool, extents, hardened mode's shards, superslab, metadata. A lock is
 * only taken under one of lower rank.
 */
#ifndef HAKMEM_LOCK_H
#define HAKMEM_LOCK_H

#include "common.h"

struct lock {
	uint32_t state; /* 0 free, 1 held, 2 held and waited for */
};

void lock_take_slowly(struct lock *lock);
void lock_wake(struct lock *lock);

/* The thread in fork() holds all locks (see fork.c). */
extern HIDDEN bool lock_fork_in_progress;
bool lock_is_forking_thread(void);
void lock_fork_begin(void);
void lock_fork_end(void);

static inline void lock_take(struct lock *lock)
{
	uint32_t expected = 0;

	if (UNLIKELY(__atomic_load_n(&lock_fork_in_progress, __ATOMIC_RELAXED)) && lock_is_forking_thread())
		return;
	if (!__atomic_compare_exchange_n(&lock->state, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		lock_take_slowly(lock);
}

/* False when somebody has it. */
static inline bool lock_try(struct lock *lock)
{
	uint32_t expected = 0;

	return (UNLIKELY(lock_fork_in_progress) && lock_is_forking_thread()) ||
	       __atomic_compare_exchange_n(&lock->state, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void lock_give(struct lock *lock)
{
	if (UNLIKELY(__atomic_load_n(&lock_fork_in_progress, __ATOMIC_RELAXED)) && lock_is_forking_thread())
		return;
	if (UNLIKELY(__atomic_exchange_n(&lock->state, 0, __ATOMIC_RELEASE) == 2))
		lock_wake(lock);
}

/* For a forked child, where the holder does not exist. */
static inline void lock_reset(struct lock *lock)
{
	lock->state = 0;
}

#endif
