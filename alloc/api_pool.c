// SPDX-License-Identifier: MIT
/*
 * api_pool: hakmem.h's pools. A pool is a list of segments, each an extent, which begins with what is known of it;
 * blocks are carved from them in order of address. Resetting goes back to the first and leaves every page as it is.
 */
#include <errno.h>

#include "common.h"
#include "extents.h"
#include "hakmem.h"
#include "sites.h"
#include "startup.h"
#include "trim.h"

/* A pool doubles with each segment, up to this. */
#define SEGMENT_MAX (64 * MIB)

struct segment {
	struct extent *extent;
	struct segment *next;
};

struct hakmem_pool {
	struct segment first; /* the pool lies in it */
	struct segment *current;
	char *position; /* behind the last block */
	size_t mapped;
};

static char *end_of(const struct segment *segment)
{
	return segment->extent->chunk.base + segment->extent->mapped;
}

/* The first segment of a pool may stay nearly empty; another one comes when those before are full. */
static struct segment *map_segment(size_t mapped, enum huge_advice advice)
{
	struct extent *extent = extents_take(mapped, CHUNK_SIZE);
	struct segment *segment;

	if (extent == NULL && trim_everything())
		extent = extents_take(mapped, CHUNK_SIZE);
	if (extent == NULL)
		return NULL;
	extent->advice = huge_advise(extent->chunk.base, extent->mapped, advice, extent->advice);
	segment = (struct segment *)extent->chunk.base;
	segment->extent = extent;
	segment->next = NULL;
	return segment;
}

static void give_segment(struct segment *segment)
{
	struct extent *extent = segment->extent;

	if (!extents_keep(extent))
		extent_unmap(extent);
}

EXPORT struct hakmem_pool *hakmem_pool_create(void)
{
	struct hakmem_pool *pool;

	startup_ensure();
	pool = (struct hakmem_pool *)map_segment(CHUNK_SIZE, HUGE_FORBIDDEN);
	if (pool == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	pool->mapped = CHUNK_SIZE;
	hakmem_pool_reset(pool);
	return pool;
}

/* To the next segment, which there is from before a reset or is made with room for the block. */
static bool advance(struct hakmem_pool *pool, size_t size, size_t alignment)
{
	struct segment *next = pool->current->next;
	size_t mapped = pool->mapped < SEGMENT_MAX ? pool->mapped : SEGMENT_MAX;

	if (next == NULL) {
		size += sizeof(*next) + alignment;
		if (mapped < size)
			mapped = round_up(size, CHUNK_SIZE);
		next = map_segment(mapped, HUGE_WANTED);
		if (next == NULL)
			return false;
		pool->current->next = next;
		pool->mapped += mapped;
	}
	pool->current = next;
	pool->position = (char *)(next + 1);
	return true;
}

EXPORT void *hakmem_pool_allocate(struct hakmem_pool *pool, size_t size, size_t alignment)
{
	if (!is_power_of_two(alignment)) {
		errno = EINVAL;
		return NULL;
	}
	if (alignment < BLOCK_ALIGNMENT)
		alignment = BLOCK_ALIGNMENT;
	/* The bound leaves room for rounding up. */
	if (size > SIZE_LIMIT / 2 || alignment > SIZE_LIMIT / 2) {
		errno = ENOMEM;
		return NULL;
	}
	if (size == 0)
		size = 1;
	for (;;) {
		size_t skipped = -(uintptr_t)pool->position & (alignment - 1);
		size_t left = (size_t)(end_of(pool->current) - pool->position);

		if (skipped <= left && size <= left - skipped) {
			char *block = pool->position + skipped;

			if (UNLIKELY(sites_wanted()))
				sites_tell_pool(pool->position, block, size);
			pool->position = block + size;
			return block;
		}
		if (!advance(pool, size, alignment)) {
			errno = ENOMEM;
			return NULL;
		}
	}
}

EXPORT void hakmem_pool_reset(struct hakmem_pool *pool)
{
	pool->current = &pool->first;
	pool->position = (char *)(pool + 1);
}

EXPORT size_t hakmem_pool_mapped(const struct hakmem_pool *pool)
{
	return pool->mapped;
}

EXPORT void hakmem_pool_destroy(struct hakmem_pool *pool)
{
	struct segment *segment = pool == NULL ? NULL : &pool->first;

	while (segment != NULL) {
		struct segment *next = segment->next;

		give_segment(segment);
		segment = next;
	}
}
