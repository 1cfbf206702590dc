// SPDX-License-Identifier: MIT
/*
 * large: mappings of whole chunks and a small cache of freed ones. The lock guards the cache and the descriptors;
 * system calls are made without it. A freed mapping is dirty unless its purge succeeded.
 */
#include "large.h"

#include <string.h>

#include "huge.h"
#include "lock.h"
#include "metadata.h"
#include "os.h"
#include "publish.h"
#include "purge.h"

#define CACHE_BLOCKS_MAX 64 /* bounds the search, not the memory */

struct large {
	struct chunk chunk;
	size_t size;   /* usable: what was asked for, in whole pages */
	size_t mapped; /* whole chunks */
	size_t dirty;  /* bytes from the start that may not be zero; known while the program does not have the block */
	enum huge_advice advice;
	struct large *next;
};

static COMPACT struct lock lock;
static COMPACT struct large *cached; /* most recently freed first */
static COMPACT struct large *spares;
static COMPACT struct large_totals totals;

static struct large *take_descriptor(void)
{
	struct large *large;

	lock_take(&lock);
	large = spares;
	if (large != NULL)
		spares = large->next;
	lock_give(&lock);
	if (large == NULL)
		large = metadata_allocate(sizeof(*large));
	if (large != NULL)
		large->chunk.kind = CHUNK_LARGE;
	return large;
}

static void give_descriptor(struct large *large)
{
	lock_take(&lock);
	large->next = spares;
	spares = large;
	lock_give(&lock);
}

static void count_live(size_t added, size_t removed, int blocks)
{
	lock_take(&lock);
	totals.live_bytes += added - removed;
	totals.blocks += (size_t)blocks;
	lock_give(&lock);
}

static void count_mapped(size_t added, size_t removed)
{
	lock_take(&lock);
	totals.mapped_bytes += added - removed;
	lock_give(&lock);
}

static void unmap(struct large *large)
{
	count_mapped(0, large->mapped);
	publish_retire_range(large->chunk.base, large->mapped, HAKMEM_RANGE_LARGE);
	os_unmap(large->chunk.base, large->mapped);
	give_descriptor(large);
}

/* The mapping itself grows or shrinks; published as it is at each moment, since no one may touch the block meanwhile.
 */
static enum os_resized resize_in_place(struct large *large, size_t mapped)
{
	enum os_resized result;

	if (mapped == large->mapped)
		return OS_RESIZED;
	publish_retire_range(large->chunk.base, large->mapped, HAKMEM_RANGE_LARGE);
	result = os_resize(large->chunk.base, large->mapped, mapped);
	if (result == OS_RESIZED)
		large->mapped = mapped;
	publish_range(large->chunk.base, large->mapped, HAKMEM_RANGE_LARGE);
	return result;
}

/* The pagemap is to know the block by another address; false, and nothing has changed, without memory. */
static bool enter_at(struct large *large, char *base)
{
	char *old = large->chunk.base;

	pagemap_remove(&large->chunk);
	large->chunk.base = base;
	if (pagemap_insert(&large->chunk))
		return true;
	large->chunk.base = old;
	pagemap_insert(&large->chunk);
	return false;
}

/* Only to grow. live: the program has the block, so the pagemap knows its address. */
static bool move(struct large *large, size_t mapped, bool live)
{
	char *old = large->chunk.base;
	char *target = os_map_aligned(mapped, CHUNK_SIZE);

	if (target == NULL)
		return false;
	if (live && !enter_at(large, target)) {
		os_unmap(target, mapped);
		return false;
	}
	large->chunk.base = target;
	publish_range(target, mapped, HAKMEM_RANGE_LARGE);
	publish_retire_range(old, large->mapped, HAKMEM_RANGE_LARGE);
	if (os_move(old, large->mapped, target, mapped)) {
		large->mapped = mapped;
		return true;
	}
	/* The target may be another thread's by now (os.h), so it is left alone. */
	publish_retire_range(target, mapped, HAKMEM_RANGE_LARGE);
	if (live)
		enter_at(large, old);
	large->chunk.base = old;
	publish_range(old, large->mapped, HAKMEM_RANGE_LARGE);
	return false;
}

static bool set_mapped(struct large *large, size_t mapped, bool live)
{
	size_t before = large->mapped;
	enum os_resized result = resize_in_place(large, mapped);

	if (result != OS_RESIZED && (result != OS_NO_ROOM || mapped < before || !move(large, mapped, live)))
		return false;
	count_mapped(mapped, before);
	return true;
}

/* How good a cached mapping is for a request: one that is large enough and wastes at most a quarter, the smaller the
 * better; else the nearest in size, which must grow or shrink least. 0: not at all. */
static size_t fitness(const struct large *large, size_t mapped, size_t alignment)
{
	if ((uintptr_t)large->chunk.base % alignment != 0)
		return 0;
	if (large->mapped >= mapped && large->mapped <= mapped + mapped / 4)
		return SIZE_MAX - large->mapped;
	/* Moving a mapping aligns it to a chunk only. */
	if (large->mapped < mapped)
		return alignment == CHUNK_SIZE ? SIZE_MAX / 4 - (mapped - large->mapped) : 0;
	return SIZE_MAX / 4 - (large->mapped - mapped);
}

/* The fittest cached mapping, taken out of the cache. */
static struct large *take_fittest(size_t mapped, size_t alignment)
{
	struct large **best = NULL;
	struct large *large = NULL;

	lock_take(&lock);
	for (struct large **link = &cached; *link != NULL; link = &(*link)->next)
		if (fitness(*link, mapped, alignment) > (best == NULL ? 0 : fitness(*best, mapped, alignment)))
			best = link;
	if (best != NULL) {
		large = *best;
		__atomic_store_n(best, large->next, __ATOMIC_RELAXED); /* take_cached looks without the lock */
		totals.cached_blocks--;
		totals.cached_bytes -= large->mapped;
	}
	lock_give(&lock);
	if (large != NULL)
		purge_count_reused(large->dirty);
	return large;
}

/* A cached mapping made to fit: its dirty pages are used again, and only what it lacks is fresh. */
static struct large *take_cached(size_t mapped, size_t alignment)
{
	struct large *large;

	if (__atomic_load_n(&cached, __ATOMIC_RELAXED) == NULL)
		return NULL;
	large = take_fittest(mapped, alignment);
	if (large == NULL)
		return NULL;
	if ((large->mapped < mapped || large->mapped > mapped + mapped / 4) && !set_mapped(large, mapped, false)) {
		unmap(large);
		return NULL;
	}
	if (large->dirty > large->mapped)
		large->dirty = large->mapped;
	return large;
}

static struct large *map_fresh(size_t mapped, size_t alignment)
{
	struct large *large = take_descriptor();

	if (large == NULL)
		return NULL;
	large->chunk.base = os_map_aligned(mapped, alignment);
	if (large->chunk.base == NULL) {
		give_descriptor(large);
		return NULL;
	}
	large->mapped = mapped;
	large->dirty = 0;
	count_mapped(mapped, 0);
	publish_range(large->chunk.base, mapped, HAKMEM_RANGE_LARGE);
	large->advice = HUGE_UNADVISED;
	return large;
}

/*
 * A block that is asked for with zeroes, and whose memory is fresh, may well be touched here and there only (a table,
 * say); any other will be filled.
 */
static void advise(struct large *large, bool maybe_sparse)
{
	bool filled = large->size >= large->mapped / 8 * 5;
	enum huge_advice advice = HUGE_FORBIDDEN;

	if (filled && !maybe_sparse)
		advice = HUGE_WANTED;
	else if (filled && large->advice == HUGE_UNADVISED)
		advice = HUGE_UNADVISED;
	large->advice = huge_advise(large->chunk.base, large->mapped, advice, large->advice);
}

void *large_allocate(size_t size, size_t alignment, bool zero)
{
	size_t mapped = round_up(size, CHUNK_SIZE);
	struct large *large;

	if (alignment < CHUNK_SIZE)
		alignment = CHUNK_SIZE;
	large = take_cached(mapped, alignment);
	if (large == NULL)
		large = map_fresh(mapped, alignment);
	if (large == NULL)
		return NULL;
	large->size = round_up(size, PAGE_SIZE);
	advise(large, zero && large->dirty < large->size / 4);
	if (!pagemap_insert(&large->chunk)) {
		unmap(large);
		return NULL;
	}
	count_live(large->size, 0, 1);
	if (zero && large->dirty != 0)
		memset(large->chunk.base, 0, size < large->dirty ? size : large->dirty);
	return large->chunk.base;
}

static bool keep(struct large *large)
{
	bool kept = false;

	large->dirty = purge_freed(large->chunk.base, large->mapped) ? 0 : large->mapped;
	purge_count_kept(large->dirty);
	lock_take(&lock);
	if (!purge_over_limit() && totals.cached_blocks < CACHE_BLOCKS_MAX) {
		large->next = cached;
		__atomic_store_n(&cached, large, __ATOMIC_RELAXED);
		totals.cached_blocks++;
		totals.cached_bytes += large->mapped;
		kept = true;
	}
	lock_give(&lock);
	if (!kept)
		purge_count_reused(large->dirty);
	return kept;
}

void large_free(struct chunk *chunk)
{
	struct large *large = (struct large *)chunk;

	pagemap_remove(chunk);
	count_live(0, large->size, -1);
	if (!keep(large))
		unmap(large);
}

size_t large_size(const struct chunk *chunk)
{
	return ((const struct large *)chunk)->size;
}

void *large_resize(struct chunk *chunk, size_t size)
{
	struct large *large = (struct large *)chunk;
	size_t mapped = round_up(size, CHUNK_SIZE);
	size_t old_size = large->size;

	/* What cannot shrink stays as it is. */
	if (!set_mapped(large, mapped, true) && mapped > large->mapped)
		return NULL;
	large->size = round_up(size, PAGE_SIZE);
	advise(large, false);
	count_live(large->size, old_size, 0);
	return large->chunk.base;
}

/* Of the cache, the one that was freed first; NULL when it is empty. */
static struct large *take_oldest(void)
{
	struct large **link = &cached;
	struct large *large;

	lock_take(&lock);
	while (*link != NULL && (*link)->next != NULL)
		link = &(*link)->next;
	large = *link;
	__atomic_store_n(link, NULL, __ATOMIC_RELAXED);
	if (large != NULL) {
		totals.cached_blocks--;
		totals.cached_bytes -= large->mapped;
	}
	lock_give(&lock);
	return large;
}

bool large_trim(size_t most)
{
	bool released = false;
	struct large *large;

	while (!purge_is_enough(most) && (large = take_oldest()) != NULL) {
		purge_count_reused(large->dirty);
		unmap(large);
		released = true;
	}
	return released;
}

void large_count(struct large_totals *result)
{
	lock_take(&lock);
	*result = totals;
	lock_give(&lock);
}

void large_lock(void)
{
	lock_take(&lock);
}

void large_unlock(void)
{
	lock_give(&lock);
}

void large_reset_lock(void)
{
	lock_reset(&lock);
}
