// SPDX-License-Identifier: MIT
/*
 * medium: page runs. `used` has a bit per page in a run, `dirty` a bit per page that may not be zero, and `state` the
 * length of the run that starts at a page and more. It is written under the pool's lock and read without it by the
 * block's owner, for whom it cannot change.
 */
#include "medium.h"

#include <string.h>

#include "assist.h"
#include "bitmap.h"
#include "costs.h"
#include "heap.h"
#include "huge.h"
#include "lock.h"
#include "metadata.h"
#include "os.h"
#include "publish.h"
#include "purge.h"
#include "runs.h"
#include "sites.h"
#include "superslab.h"

#define POOL_COUNT 8

struct medium {
	struct medium_head head;
	struct hakmem_map_slot *slot;
	struct medium *next; /* in the pool, or of the spares */
	struct medium *previous;
	uint32_t pool;
	uint32_t used_pages;
	uint32_t returned_pages; /* of it, ever, by those who had them */
	uint32_t longest;        /* no run longer than this is free: saves searching in vain */
	bool huge;               /* advised so, and nothing was given back */
	bool told;               /* what it costs is told from its beginning on */
	uint64_t used[BITMAP_WORDS];
	uint64_t dirty[BITMAP_WORDS];
};

/* Where a run of a certain length was freed last: taken again if all of it is still free, which fits exactly and saves
 * the search. Only a hint. */
struct recent {
	struct medium *medium;
	uint32_t page;
	uint32_t count;
};

#define RECENT_RUNS 32 /* by length modulo this */

static struct pool {
	struct lock lock;
	struct medium *first;
	struct recent recent[RECENT_RUNS];
} pools[POOL_COUNT];

static COMPACT struct lock spares_lock;
static COMPACT struct medium *spares;

static unsigned int pages_of(size_t size)
{
	return (unsigned int)(round_up(size, PAGE_SIZE) / PAGE_SIZE);
}

static char *page_address(const struct medium *medium, unsigned int page)
{
	return medium->head.chunk.base + page * PAGE_SIZE;
}

static void give_descriptor(struct medium *medium)
{
	lock_take(&spares_lock);
	medium->next = spares;
	spares = medium;
	lock_give(&spares_lock);
}

static struct medium *take_descriptor(void)
{
	struct medium *medium;

	lock_take(&spares_lock);
	medium = spares;
	if (medium != NULL)
		spares = medium->next;
	lock_give(&spares_lock);
	if (medium == NULL)
		medium = metadata_allocate(sizeof(*medium));
	return medium;
}

/* Who has a block need not have come to touch all of it. What nobody will touch any more is known only when blocks were
 * given back, and of a chunk when so many pages were. */
#define RETURNED_LEAST (BITMAP_BITS / 2)

static bool had_its_chance(const struct medium *medium)
{
	return medium->told && medium->returned_pages >= RETURNED_LEAST;
}

/* How much is used of the pool's chunks that were mapped last. */
static enum huge_advice advice_for_next(unsigned int pool)
{
	struct assist_chunks chunks = {.used = 0};

	for (struct medium *medium = pools[pool].first; medium != NULL && chunks.counted < HUGE_LATEST * CHUNK_SIZE;
	     medium = medium->next)
		assist_look_at(&chunks, medium->head.chunk.base, medium->used_pages * PAGE_SIZE, medium->huge,
		    had_its_chance(medium));
	return assist_advice(POLICY_MEDIUM, pool, &chunks);
}

/* A new chunk, first in the pool, whose lock is held. */
static struct medium *grow(unsigned int pool)
{
	struct medium *medium = take_descriptor();

	if (medium == NULL)
		return NULL;
	medium->head.chunk.kind = CHUNK_MEDIUM;
	medium->head.chunk.base = os_map_aligned(CHUNK_SIZE, CHUNK_SIZE);
	if (medium->head.chunk.base == NULL || !pagemap_insert(&medium->head.chunk)) {
		if (medium->head.chunk.base != NULL)
			os_unmap(medium->head.chunk.base, CHUNK_SIZE);
		give_descriptor(medium);
		return NULL;
	}
	medium->slot = publish_superslab(medium->head.chunk.base, HAKMEM_SLAB_MEDIUM);
	medium->huge =
	    huge_advise(medium->head.chunk.base, CHUNK_SIZE, advice_for_next(pool), HUGE_UNADVISED) == HUGE_WANTED;
	medium->told = costs_decisions() != NULL;
	medium->pool = pool;
	medium->used_pages = 0;
	medium->returned_pages = 0;
	medium->longest = BITMAP_BITS;
	medium->previous = NULL;
	medium->next = pools[pool].first;
	if (medium->next != NULL)
		medium->next->previous = medium;
	pools[pool].first = medium;
	return medium;
}

static unsigned int count_dirty(const struct medium *medium, unsigned int page, unsigned int count)
{
	return bitmap_count(medium->dirty, page, count);
}

/* Pages go from unused to used. */
static void occupy(struct medium *medium, unsigned int page, unsigned int count)
{
	unsigned int dirty = count_dirty(medium, page, count);

	bitmap_fill(medium->used, page, count, true);
	medium->used_pages += count;
	purge_count_reused(dirty * PAGE_SIZE);
	assist_count_touched(POLICY_MEDIUM, count - dirty, medium->huge);
}

/* Pages go from used to unused; the program may have written to all of them. */
static void vacate(struct medium *medium, unsigned int page, unsigned int count)
{
	bool zero = purge_freed(page_address(medium, page), count * PAGE_SIZE);

	if (!zero && purge_over_limit())
		zero = purge_now(page_address(medium, page), count * PAGE_SIZE);
	bitmap_fill(medium->dirty, page, count, !zero);
	bitmap_fill(medium->used, page, count, false);
	medium->used_pages -= count;
	if (medium->returned_pages < RETURNED_LEAST)
		medium->returned_pages += count;
	medium->longest = BITMAP_BITS;
	if (!zero)
		purge_count_kept(count * PAGE_SIZE);
}

static struct medium *take_recent(unsigned int pool, unsigned int count, unsigned int *page)
{
	struct recent *recent = &pools[pool].recent[count % RECENT_RUNS];
	struct medium *medium = recent->medium;

	if (medium == NULL || recent->count != count)
		return NULL;
	recent->medium = NULL;
	*page = recent->page;
	return bitmap_next(medium->used, recent->page, true) >= recent->page + count ? medium : NULL;
}

static void forget_recent(const struct medium *medium)
{
	for (unsigned int i = 0; i < RECENT_RUNS; i++)
		if (pools[medium->pool].recent[i].medium == medium)
			pools[medium->pool].recent[i].medium = NULL;
}

static struct medium *find_room(unsigned int pool, unsigned int count, unsigned int step, unsigned int *page)
{
	struct medium *recent = step == 1 ? take_recent(pool, count, page) : NULL;

	if (recent != NULL)
		return recent;
	for (struct medium *medium = pools[pool].first; medium != NULL; medium = medium->next) {
		if (medium->longest < count || medium->used_pages + count > BITMAP_BITS)
			continue;
		*page = bitmap_find_clear(medium->used, count, step);
		if (*page != BITMAP_BITS)
			return medium;
		if (step == 1)
			medium->longest = count - 1;
	}
	*page = 0;
	return grow(pool);
}

/* Clears those pages of a run that may not be zero, and no others: the rest need not be touched. */
static void clear_dirty(const uint64_t *dirty, char *base, unsigned int page, unsigned int count)
{
	unsigned int end = page + count;

	for (page = bitmap_next(dirty, page, true); page < end; page = bitmap_next(dirty, page, true)) {
		unsigned int stop = bitmap_next(dirty, page, false);

		if (stop > end)
			stop = end;
		memset(base + page * PAGE_SIZE, 0, (stop - page) * PAGE_SIZE);
		page = stop;
	}
}

static unsigned int page_of(const struct medium *medium, const void *pointer)
{
	return (unsigned int)(((const char *)pointer - medium->head.chunk.base) / (ptrdiff_t)PAGE_SIZE);
}

/* size: of a block that may begin at any line of its first page, or 0. */
static char *allocate_from_pool(struct heap *heap, unsigned int count, unsigned int step, size_t size, bool zero)
{
	uint64_t dirty[BITMAP_WORDS];
	unsigned int number = heap->number % POOL_COUNT;
	struct pool *pool = &pools[number];
	struct medium *medium;
	unsigned int page, offset;

	lock_take(&pool->lock);
	medium = find_room(number, count, step, &page);
	if (medium == NULL) {
		lock_give(&pool->lock);
		return NULL;
	}
	occupy(medium, page, count);
	offset = size != 0 ? run_spread(size, page_address(medium, page)) : 0;
	run_set(&medium->head.state[page], run_live(count, offset));
	/* Other threads may change bits of the same words once the lock is given back. */
	memcpy(dirty, medium->dirty, sizeof(dirty));
	lock_give(&pool->lock);
	if (UNLIKELY(sites_wanted()) && bitmap_count(dirty, page, count) < count)
		sites_untouched(heap);
	if (zero)
		clear_dirty(dirty, medium->head.chunk.base, page, count);
	return page_address(medium, page) + offset;
}

void *medium_allocate(struct heap *heap, size_t size, size_t alignment, bool zero)
{
	bool aligned = alignment > RUN_LINE;
	void *run;

	if (alignment > PAGE_SIZE)
		return allocate_from_pool(heap, pages_of(size), (unsigned int)(alignment / PAGE_SIZE), 0, zero);
	run = runs_take(heap, size, aligned, true);
	if (run == NULL)
		run = runs_take_longer(heap, size, aligned);
	if (run != NULL)
		return zero ? memset(run, 0, size) : run;
	runs_missed(heap);
	assist_look();
	return allocate_from_pool(heap, run_pages(run_bin(pages_of(size))), 1, aligned ? 0 : size, zero);
}

size_t medium_size(struct chunk *chunk, const void *pointer)
{
	unsigned int state = run_state(medium_state(chunk, pointer));

	return run_is_start(state, pointer) && !(state & RUN_CACHED)
	           ? (state & RUN_LENGTH) * PAGE_SIZE - run_offset(state)
	           : 0;
}

bool medium_is_cached(struct chunk *chunk, const void *pointer)
{
	unsigned int state = run_state(medium_state(chunk, pointer));

	return run_is_start(state, pointer) && state & RUN_CACHED;
}

/* The pool's lock is held; the chunk is unused. */
static void discard(struct medium *medium)
{
	forget_recent(medium);
	if (medium->previous != NULL)
		medium->previous->next = medium->next;
	else
		pools[medium->pool].first = medium->next;
	if (medium->next != NULL)
		medium->next->previous = medium->previous;
	purge_count_reused(count_dirty(medium, 0, BITMAP_BITS) * PAGE_SIZE);
	bitmap_fill(medium->dirty, 0, BITMAP_BITS, false);
	pagemap_remove(&medium->head.chunk);
	publish_retire_superslab(medium->slot);
	os_unmap(medium->head.chunk.base, CHUNK_SIZE);
	give_descriptor(medium);
}

/* False when no run starts there that is in a cache, or not, as is said. */
static bool give_back(struct medium *medium, void *pointer, bool cached)
{
	struct pool *pool = &pools[medium->pool];
	unsigned int page = page_of(medium, pointer), state, count;
	bool found;

	lock_take(&pool->lock);
	state = medium->head.state[page];
	count = state & RUN_LENGTH;
	found = run_is_start(state, pointer) && (state & RUN_CACHED) / RUN_CACHED == cached;
	if (found) {
		run_set(&medium->head.state[page], 0);
		vacate(medium, page, count);
		pool->recent[count % RECENT_RUNS] = (struct recent){medium, page, count};
		if (medium->used_pages == 0 && purge_over_limit())
			discard(medium);
	}
	lock_give(&pool->lock);
	return found;
}

bool medium_free(struct heap *heap, struct chunk *chunk, void *pointer)
{
	uint32_t *state = medium_state(chunk, pointer);

	return runs_keep(heap, pointer, state) || (runs_begin(heap, state) && runs_keep(heap, pointer, state)) ||
	       give_back((struct medium *)chunk, pointer, false);
}

void medium_give_back(struct chunk *chunk, void *pointer)
{
	give_back((struct medium *)chunk, pointer, true);
}

bool medium_resize(struct chunk *chunk, void *pointer, size_t size)
{
	struct medium *medium = (struct medium *)chunk;
	struct pool *pool = &pools[medium->pool];
	unsigned int page = page_of(medium, pointer);
	unsigned int wanted, state, count;
	bool fits;

	lock_take(&pool->lock);
	state = medium->head.state[page];
	wanted = pages_of(size + run_offset(state));
	count = state & RUN_LENGTH;
	fits = page + wanted <= BITMAP_BITS &&
	       (wanted <= count || bitmap_next(medium->used, page + count, true) >= page + wanted);
	if (fits && wanted > count)
		occupy(medium, page + count, wanted - count);
	else if (fits && wanted < count)
		vacate(medium, page + wanted, count - wanted);
	if (fits)
		run_set(&medium->head.state[page], run_live(wanted, run_offset(state)));
	lock_give(&pool->lock);
	return fits;
}

static bool purge_unused(struct medium *medium)
{
	bool any = false;

	for (unsigned int page = bitmap_next(medium->used, 0, false); page < BITMAP_BITS;) {
		unsigned int end = bitmap_next(medium->used, page, true);
		unsigned int dirty = count_dirty(medium, page, end - page);

		if (dirty != 0 && purge_now(page_address(medium, page), (end - page) * PAGE_SIZE)) {
			bitmap_fill(medium->dirty, page, end - page, false);
			purge_count_reused(dirty * PAGE_SIZE);
			medium->huge = false; /* a huge page comes back in small ones */
			any = true;
		}
		page = bitmap_next(medium->used, end, false);
	}
	return any;
}

static bool trim_pool(struct pool *pool, size_t most)
{
	struct medium *next;
	bool released = false;

	for (struct medium *medium = pool->first; medium != NULL && !purge_is_enough(most); medium = next) {
		next = medium->next;
		if (medium->used_pages == 0) {
			discard(medium);
			released = true;
		} else {
			released |= purge_unused(medium);
		}
	}
	return released;
}

/* Returns whether the run is idle and not purged. Its owner may take it meanwhile, and write its state: then that
 * stands. */
static bool purge_cached(struct medium *medium, unsigned int page, bool in_pass)
{
	uint32_t *state = &medium->head.state[page];
	unsigned int was = run_state(state);

	if (!(was & RUN_CACHED) || was & RUN_PURGED)
		return false;
	if (!(was & RUN_SEEN)) {
		run_change(state, was, was | RUN_SEEN);
		return true;
	}
	if (!in_pass)
		return true;
	purge_now(page_address(medium, page), (was & RUN_LENGTH) * PAGE_SIZE);
	run_change(state, was, (was & ~RUN_SEEN) | RUN_PURGED);
	return false;
}

void medium_wait(struct chunk *chunk)
{
	struct pool *pool = &pools[((struct medium *)chunk)->pool];

	lock_take(&pool->lock);
	lock_give(&pool->lock);
}

/* A pass costs others something, so there is none unless the last call saw a run that may be idle. */
void medium_purge_cached(void)
{
	static COMPACT bool idle;
	bool in_pass = idle && runs_begin_pass();

	idle = false;
	for (unsigned int i = 0; i < POOL_COUNT; i++) {
		lock_take(&pools[i].lock);
		for (struct medium *medium = pools[i].first; medium != NULL; medium = medium->next)
			for (unsigned int page = 0; page < BITMAP_BITS; page++)
				idle |= purge_cached(medium, page, in_pass);
		lock_give(&pools[i].lock);
	}
	if (in_pass)
		runs_end_pass();
}

bool medium_trim(size_t most)
{
	bool released = false;

	for (unsigned int i = 0; i < POOL_COUNT && !purge_is_enough(most); i++) {
		lock_take(&pools[i].lock);
		released |= trim_pool(&pools[i], most);
		lock_give(&pools[i].lock);
	}
	return released;
}

static void count_run(struct medium_totals *totals, unsigned int state)
{
	if (state == 0 || state & RUN_CACHED)
		return;
	totals->blocks++;
	totals->live_bytes += (state & RUN_LENGTH) * PAGE_SIZE;
}

void medium_count(struct medium_totals *totals)
{
	*totals = (struct medium_totals){.chunks = 0};
	for (unsigned int i = 0; i < POOL_COUNT; i++) {
		lock_take(&pools[i].lock);
		for (struct medium *medium = pools[i].first; medium != NULL; medium = medium->next) {
			totals->chunks++;
			for (unsigned int page = 0; page < BITMAP_BITS; page++)
				count_run(totals, run_state(&medium->head.state[page]));
		}
		lock_give(&pools[i].lock);
	}
}

void medium_lock(void)
{
	for (unsigned int i = 0; i < POOL_COUNT; i++)
		lock_take(&pools[i].lock);
	lock_take(&spares_lock);
}

void medium_unlock(void)
{
	lock_give(&spares_lock);
	for (unsigned int i = POOL_COUNT; i-- > 0;)
		lock_give(&pools[i].lock);
}

void medium_reset_lock(void)
{
	runs_forget_pass();
	lock_reset(&spares_lock);
	for (unsigned int i = 0; i < POOL_COUNT; i++)
		lock_reset(&pools[i].lock);
}
