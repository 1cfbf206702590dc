// SPDX-License-Identifier: MIT
/*
 * large: an extent a block, advised by how far the block fills it.
 */
#include "large.h"

#include <string.h>

#include "assist.h"
#include "extents.h"
#include "huge.h"

static COMPACT struct large_totals totals;

static void count_live(size_t added, size_t removed, int blocks)
{
	__atomic_fetch_add(&totals.live_bytes, added - removed, __ATOMIC_RELAXED);
	__atomic_fetch_add(&totals.blocks, (size_t)blocks, __ATOMIC_RELAXED);
}

/*
 * A block that is asked for with zeroes, and whose memory is fresh, may well be touched here and there only (a table,
 * say), unless the latest such blocks were not; any other will be filled.
 */
static void advise(struct extent *extent, bool maybe_sparse)
{
	bool filled = extent->size >= extent->mapped / 8 * 5;
	enum huge_advice advice = HUGE_FORBIDDEN;

	if (filled && !maybe_sparse)
		advice = HUGE_WANTED;
	else if (filled && extent->advice == HUGE_UNADVISED)
		advice = HUGE_UNADVISED;
	extent->advice = huge_advise(extent->chunk.base, extent->mapped, advice, extent->advice);
}

/* What of a block is going to be touched for the first time. */
static void count_fresh(const struct extent *extent)
{
	size_t pages = extent->size > extent->dirty ? (extent->size - extent->dirty) / PAGE_SIZE : 0;

	assist_count_touched(POLICY_LARGE, pages, extent->advice == HUGE_WANTED);
}

void *large_allocate(size_t size, size_t alignment, bool zero)
{
	size_t mapped = round_up(size, CHUNK_SIZE);
	struct extent *extent;

	if (alignment < CHUNK_SIZE)
		alignment = CHUNK_SIZE;
	assist_look();
	extent = extents_take(mapped, alignment);
	if (extent == NULL)
		return NULL;
	extent->size = round_up(size, PAGE_SIZE);
	advise(extent, zero && extent->dirty < extent->size / 4 && !huge_zeroes_get_filled());
	if (!pagemap_insert(&extent->chunk)) {
		extent_unmap(extent);
		return NULL;
	}
	count_live(extent->size, 0, 1);
	count_fresh(extent);
	if (zero && extent->dirty != 0)
		memset(extent->chunk.base, 0, size < extent->dirty ? size : extent->dirty);
	return extent->chunk.base;
}

void large_free(struct chunk *chunk)
{
	struct extent *extent = (struct extent *)chunk;

	pagemap_remove(chunk);
	count_live(0, extent->size, -1);
	if (extent->advice == HUGE_UNADVISED)
		huge_look_back(chunk->base, extent->size);
	if (!extents_keep(extent))
		extent_unmap(extent);
}

size_t large_size(const struct chunk *chunk)
{
	return ((const struct extent *)chunk)->size;
}

void *large_resize(struct chunk *chunk, size_t size)
{
	struct extent *extent = (struct extent *)chunk;
	size_t mapped = round_up(size, CHUNK_SIZE);
	size_t old_size = extent->size;

	/* What cannot shrink stays as it is. */
	if (!extent_resize(extent, mapped, true) && mapped > extent->mapped)
		return NULL;
	extent->size = round_up(size, PAGE_SIZE);
	advise(extent, false);
	count_live(extent->size, old_size, 0);
	return extent->chunk.base;
}

void large_count(struct large_totals *result)
{
	result->blocks = __atomic_load_n(&totals.blocks, __ATOMIC_RELAXED);
	result->live_bytes = __atomic_load_n(&totals.live_bytes, __ATOMIC_RELAXED);
}
