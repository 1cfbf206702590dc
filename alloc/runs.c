// SPDX-License-Identifier: MIT
/*
 * runs: a small stack a bin, in memory that the heap gets with its first freed run.
 */
#include "runs.h"

#include "medium.h"
#include "metadata.h"
#include "options.h"
#include "pagemap.h"
#include "sites.h"
#include "thread.h"

/*
 * What a thread may hold back from the others: the more it is, the more often it finds what it needs, and the fewer
 * pages it touches. So a few threads may have much and many little.
 */
#define CACHE_MOST  (8 * MIB)
#define CACHE_LEAST (256 * KIB)
#define CACHE_ALL   (16 * MIB)
#define BIN_BYTES   (2 * MIB)

#define PAGES(bin) ((bin) < 16 ? (bin) + 1 : (9 + (bin) % 8) << ((bin) < 16 ? 0 : (bin) / 8 - 1))
#define EACH(MAKE, bin)                                                                                                \
	MAKE(bin), MAKE((bin) + 1), MAKE((bin) + 2), MAKE((bin) + 3), MAKE((bin) + 4), MAKE((bin) + 5),                \
	    MAKE((bin) + 6), MAKE((bin) + 7)

#define RANGE(bin) [(bin) == 0 ? 1 : PAGES((bin)-1) + 1 ... PAGES(bin)] = (bin)

const uint8_t run_bins[RUN_PAGES_MAX + 1] = {
    EACH(RANGE, 0), EACH(RANGE, 8), EACH(RANGE, 16), EACH(RANGE, 24), EACH(RANGE, 32), EACH(RANGE, 40)};

#define IN_REACH(bin, further) ((bin) + (further) < RUN_BINS && PAGES((bin) + (further)) <= PAGES(bin) + PAGES(bin) / 4)
#define REACH(bin)             ((bin) + IN_REACH(bin, 1) + IN_REACH(bin, 2) + IN_REACH(bin, 3))

const uint8_t run_reach[RUN_BINS] = {
    EACH(REACH, 0), EACH(REACH, 8), EACH(REACH, 16), EACH(REACH, 24), EACH(REACH, 32), EACH(REACH, 40)};

/* How much the cache may have depends on how many there are. */
static void set_most(struct run_cache *cache)
{
	size_t share = CACHE_ALL / thread_heap_count();

	cache->most = share < CACHE_LEAST ? CACHE_LEAST : share < CACHE_MOST ? share : CACHE_MOST;
}

void runs_missed(struct heap *heap)
{
	if (heap->runs != NULL)
		set_most(heap->runs);
}

void *runs_claim(struct heap *heap, const struct run *run, unsigned int was, size_t offset)
{
	if (was & RUN_PURGING) {
		/* The helper has seen to the run, and set its state, when it lets go of the lock. */
		medium_wait(pagemap_find(run->start));
		run_set(run->state, run_live(was & RUN_LENGTH, offset));
	}
	sites_untouched(heap);
	return run->start + offset;
}

/* Otherwise freed pages are the kernel's business at once. */
static bool pages_are_kept(void)
{
	return option_value(OPTION_ZERO) == ZERO_KEEP && option_value(OPTION_DIRTY_MAX) != 0;
}

static struct run_cache *make_cache(struct heap *heap)
{
	struct run_cache *cache;

	if (!heap_is_real(heap) || !pages_are_kept())
		return NULL;
	cache = metadata_allocate(sizeof(struct run_cache));
	if (cache != NULL)
		set_most(cache);
	heap->runs = cache;
	return cache;
}

/* Not before it is used, so that no page is touched for it. */
static void begin_bin(struct run_cache *cache, unsigned int number)
{
	struct run_bin *bin = &cache->bin[number];
	size_t fit;

	bin->top = cache->run[number];
	bin->bytes = (uint32_t)(run_pages(number) * PAGE_SIZE);
	bin->live = run_live(run_pages(number), 0);
	fit = BIN_BYTES / bin->bytes;
	bin->most = fit < BIN_RUNS ? (uint32_t)fit : BIN_RUNS;
}

bool runs_begin(struct heap *heap, const uint32_t *state)
{
	struct run_cache *cache = heap->runs != NULL ? heap->runs : make_cache(heap);
	unsigned int number = (run_state(state) & RUN_BIN) >> RUN_BIN_SHIFT;

	if (cache == NULL || number == RUN_BINS || cache->bin[number].most != 0)
		return false;
	begin_bin(cache, number);
	return true;
}

bool runs_flush(struct heap *heap)
{
	struct run_cache *cache = heap->runs;
	bool any = false;

	while (cache != NULL && cache->filled != 0) {
		unsigned int number = (unsigned int)__builtin_ctzl(cache->filled);
		struct run_bin *bin = &cache->bin[number];
		const struct run *run = --bin->top;

		if (--bin->count == 0)
			cache->filled &= ~((uint64_t)1 << number);
		cache->bytes -= bin->bytes;
		medium_give_back(pagemap_find(run->start), run->start + run_offset(run_state(run->state)));
		any = true;
	}
	return any;
}
