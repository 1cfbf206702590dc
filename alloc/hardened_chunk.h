/* SPDX-License-Identifier: MIT */
/*
 * Hardened mode's chunks, and spans of pages in them with guards around. Outside of spans all pages are zero and can't
 * be touched. The caller holds the shard's lock.
 */
#ifndef HAKMEM_HARDENED_CHUNK_H
#define HAKMEM_HARDENED_CHUNK_H

#include "hardened_shard.h"

#define SLAB_PAGES (SLAB_SIZE / PAGE_SIZE)
/* Slabs lie where the shared map's do, so that it can tell each one's class. */
#define SLAB_SPAN_PAGES (SLAB_PAGES - 1)

/* Decided at start: how many ranges of different rights the kernel lets a process have. */
void chunk_start(size_t ranges_most);
/* Whether one more span, or mapping, may have guards; then it counts until it has none any more. */
bool chunk_may_guard(void);
void chunk_unguard(unsigned int count);
/* A span of so many pages behind so many guards, starting at a multiple of `step` pages; NULL without memory. */
struct span *chunk_take_span(
    struct shard *shard, unsigned int guards, unsigned int pages, unsigned int step, uint8_t map_class);
/* Its pages are dirty. */
void chunk_give_span(struct shard *shard, struct span *span);
/* The span that a page belongs to, or NULL. */
struct span *chunk_find_span(struct hardened_chunk *chunk, const void *address);

static inline char *span_pages(const struct span *span)
{
	return span->chunk->head.chunk.base + (span->first + span->guards) * PAGE_SIZE;
}

/* Gives the pages' memory back: they read as zero from now on. */
void chunk_clear(char *pages, size_t length);
/* Unmaps chunks without spans; true when there were any. */
bool chunk_trim(struct shard *shard);

#endif
