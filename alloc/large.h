/* SPDX-License-Identifier: MIT */
/*
 * Large blocks, above 1 MiB: whole chunks each, so that no one else's memory shares one. realloc resizes them where
 * they lie or moves their pages with mremap. Freed ones are kept (extents.h) within HAKMEM_DIRTY_MAX.
 */
#ifndef HAKMEM_LARGE_H
#define HAKMEM_LARGE_H

#include "common.h"
#include "pagemap.h"

struct large_totals {
	size_t blocks;
	size_t live_bytes;
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
void large_count(struct large_totals *totals);

#endif
