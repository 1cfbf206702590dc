/* SPDX-License-Identifier: MIT */
/*
 * Medium blocks, above 113 KiB (below those whose alignment no class has) and up to 1 MiB: runs of pages in chunks of
 * their own, first fit, lowest address first, so that used pages are used again before untouched ones. Chunks belong to
 * one of a few pools, each with a lock; a thread allocates from the pool of its heap, and whoever frees takes the lock
 * of the pool that the chunk belongs to, unless the heap keeps the run for itself (runs.h).
 */
#ifndef HAKMEM_MEDIUM_H
#define HAKMEM_MEDIUM_H

#include "bitmap.h"
#include "common.h"
#include "pagemap.h"

struct heap;

#define MEDIUM_SIZE_MAX      (1 * MIB)
#define MEDIUM_ALIGNMENT_MAX (512 * KIB)

/* How a chunk's descriptor begins. */
struct medium_head {
	struct chunk chunk;
	uint32_t state[BITMAP_BITS]; /* of the run that starts at a page, see runs.h; 0 where none does */
};

/* Of the run that may start in the page of a pointer into the chunk. */
static inline uint32_t *medium_state(struct chunk *chunk, const void *pointer)
{
	return &((struct medium_head *)chunk)->state[(uintptr_t)pointer / PAGE_SIZE % BITMAP_BITS];
}

struct medium_totals {
	size_t chunks;
	size_t blocks;
	size_t live_bytes;
};

/* A run that holds `size` bytes at a multiple of `alignment` (at most MEDIUM_ALIGNMENT_MAX); zeroed when `zero`, for
 * which only pages that may not be zero are touched. NULL without memory. */
void *medium_allocate(struct heap *heap, size_t size, size_t alignment, bool zero);
/* Frees a block, into the heap's cache if it can; false when no live block starts there. */
bool medium_free(struct heap *heap, struct chunk *chunk, void *pointer);
/* A run that lies in a heap's cache: freed, but not given back. */
bool medium_is_cached(struct chunk *chunk, const void *pointer);
/* Such a run is given back to its chunk. */
void medium_give_back(struct chunk *chunk, void *pointer);
/* Bytes of the run, 0 when none starts there. */
size_t medium_size(struct chunk *chunk, const void *pointer);
/* Makes the run hold `size` bytes where it lies; false when its neighbour is in use. */
bool medium_resize(struct chunk *chunk, void *pointer, size_t size);
/* Unmaps unused chunks and purges unused pages; true when anything was released. */
bool medium_trim(size_t most);

/* Gives back the pages of runs that have lain in heaps' caches since it was called last. */
void medium_purge_cached(void);
/* Returns when no run of the chunk is being purged any more that was. */
void medium_wait(struct chunk *chunk);

void medium_count(struct medium_totals *totals);
void medium_lock(void);
void medium_unlock(void);
void medium_reset_lock(void);

#endif
