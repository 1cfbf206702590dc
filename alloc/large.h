/* SPDX-License-Identifier: MIT */
/*
 * Large blocks, above 1 MiB: a mapping each, which starts at a chunk of its own and takes whole chunks, so that no one
 * else's mapping shares one. realloc resizes them where they lie or moves their pages with mremap. Freed ones are kept
 * for reuse within HAKMEM_DIRTY_MAX.
 */
#ifndef HAKMEM_LARGE_H
#define HAKMEM_LARGE_H

#include "common.h"
#include "pagemap.h"

struct large_totals {
	size_t blocks;
	size_t live_bytes;
	size_t mapped_bytes; /* live and cached */
	size_t cached_blocks;
	size_t cached_bytes;
};

/* A block of at least `size` bytes at a multiple of `alignment` (a power of two); zeroed when `zero`. NULL without
 * memory. */
void *large_allocate(size_t size, size_t alignment, bool zero);
void large_free(struct chunk *chunk);
/* Bytes that the program may use. */
size_t large_size(const struct chunk *chunk);
/* Makes the block `size` bytes long (above MEDIUM_SIZE_MAX), in place or elsewhere; its address, or NULL with the block
 * unchanged. */
void *large_resize(struct chunk *chunk, size_t size);
/* Unmaps what is kept; true when there was anything. */
bool large_trim(size_t most);

void large_count(struct large_totals *totals);
void large_lock(void);
void large_unlock(void);
void large_reset_lock(void);

#endif
