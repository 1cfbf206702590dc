/* SPDX-License-Identifier: MIT */
/*
 * A heap's cache of freed medium runs, so that a thread which frees and allocates medium blocks takes no lock and
 * searches nothing. Runs are of a few lengths (bins); one in a cache is dirty, belongs to its chunk still, and its
 * state, which its chunk has, says that it is free. Only the thread that holds the heap touches the cache; the states
 * the helper changes, too.
 */
#ifndef HAKMEM_RUNS_H
#define HAKMEM_RUNS_H

#include "common.h"

struct heap;

/*
 * The state of a run: its length, and whether it lies in a heap's cache, and of those: that it did when the helper came
 * by last; that the helper is purging it now; that it is purged. The owner takes it out of the cache by changing its
 * state; so does the helper before it purges, and holds the pool's lock meanwhile.
 */
#define RUN_CACHED  0x8000
#define RUN_SEEN    0x4000
#define RUN_PURGING 0x2000
#define RUN_PURGED  0x1000
#define RUN_LENGTH  0x01ff

static inline unsigned int run_state(const uint16_t *state)
{
	return __atomic_load_n(state, __ATOMIC_RELAXED);
}

static inline void run_set(uint16_t *state, unsigned int value)
{
	__atomic_store_n(state, (uint16_t)value, __ATOMIC_RELAXED);
}

static inline bool run_change(uint16_t *state, unsigned int from, unsigned int to)
{
	uint16_t expected = (uint16_t)from;

	return __atomic_compare_exchange_n(state, &expected, (uint16_t)to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Pages 1 to 16, then eight lengths a doubling up to 256 pages: an eighth is waste at most. */
#define RUN_BINS 48

static inline unsigned int run_bin(unsigned int pages)
{
	unsigned int last = pages - 1, logarithm;

	if (last < 16)
		return last;
	logarithm = 31 - (unsigned int)__builtin_clz(last);
	return 8 * (logarithm - 2) + (last >> (logarithm - 3) & 7);
}

static inline unsigned int run_pages(unsigned int bin)
{
	return bin < 16 ? bin + 1 : (9 + bin % 8) << (bin / 8 - 1);
}

/* A run for `size` bytes (1 to MEDIUM_SIZE_MAX), of the fitting bin or one whose length is not much more; or NULL. */
void *runs_take(struct heap *heap, size_t size);
/* Keeps a freed run with its state, which becomes RUN_CACHED. False when the cache has enough of these, or keeps none.
 */
bool runs_keep(struct heap *heap, void *start, uint16_t *state);
/* Gives all back to their chunks; true when there were any. */
bool runs_flush(struct heap *heap);

#endif
