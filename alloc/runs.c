// SPDX-License-Identifier: MIT
/*
 * runs: a small stack a bin, in memory that the heap gets with its first freed run.
 */
#include "runs.h"

#include "heap.h"
#include "medium.h"
#include "metadata.h"
#include "options.h"
#include "pagemap.h"
#include "thread.h"

/*
 * What a thread may hold back from the others: the more it is, the more often it finds what it needs, and the fewer
 * pages it touches. So a few threads may have much and many little.
 */
#define CACHE_MOST  (8 * MIB)
#define CACHE_LEAST (256 * KIB)
#define CACHE_ALL   (16 * MIB)
#define BIN_BYTES   (2 * MIB)
#define BIN_RUNS    64

struct run {
	void *start;
	uint16_t *state;
};

struct run_cache {
	size_t bytes;
	uint64_t filled; /* a bit a bin that has runs */
	uint8_t count[RUN_BINS];
	struct run run[RUN_BINS][BIN_RUNS];
};

/* What malloc and free would have to compute each time. */
struct bin {
	uint16_t pages;
	uint8_t most;  /* runs kept */
	uint8_t reach; /* the last bin whose runs may be taken instead */
};

#define PAGES(bin) ((bin) < 16 ? (bin) + 1 : (9 + (bin) % 8) << ((bin) < 16 ? 0 : (bin) / 8 - 1))
#define FIT(bin)   (BIN_BYTES / PAGE_SIZE / PAGES(bin))
/* A dirty page too many costs nothing more, and a search of the pool much: up to a quarter more. */
#define IN_REACH(bin, further) ((bin) + (further) < RUN_BINS && PAGES((bin) + (further)) <= PAGES(bin) + PAGES(bin) / 4)
#define REACH(bin)             ((bin) + IN_REACH(bin, 1) + IN_REACH(bin, 2) + IN_REACH(bin, 3))
#define BIN(bin)                                                                                                       \
	{                                                                                                              \
		PAGES(bin), (uint8_t)(FIT(bin) < BIN_RUNS ? FIT(bin) : BIN_RUNS), REACH(bin)                           \
	}
#define EIGHT(bin)                                                                                                     \
	BIN(bin), BIN((bin) + 1), BIN((bin) + 2), BIN((bin) + 3), BIN((bin) + 4), BIN((bin) + 5), BIN((bin) + 6),      \
	    BIN((bin) + 7)

static const struct bin bins[RUN_BINS] = {EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24), EIGHT(32), EIGHT(40)};

static struct run *pop(struct run_cache *cache, unsigned int bin)
{
	unsigned int left = --cache->count[bin];

	cache->bytes -= bins[bin].pages * PAGE_SIZE;
	if (left == 0)
		cache->filled &= ~((uint64_t)1 << bin);
	return &cache->run[bin][left];
}

/* Takes a run out of the helper's reach. */
static void claim(const struct run *run)
{
	unsigned int state = run_state(run->state);

	while (UNLIKELY(state & RUN_PURGING) || UNLIKELY(!run_change(run->state, state, state & RUN_LENGTH))) {
		if (state & RUN_PURGING)
			medium_wait(pagemap_find(run->start));
		state = run_state(run->state);
	}
}

void *runs_take(struct heap *heap, size_t size)
{
	struct run_cache *cache = heap->runs;
	unsigned int bin = run_bin((unsigned int)(round_up(size, PAGE_SIZE) / PAGE_SIZE)), found;
	struct run *run;
	uint64_t enough;

	if (cache == NULL)
		return NULL;
	enough = cache->filled >> bin;
	if (enough == 0)
		return NULL;
	found = bin + (unsigned int)__builtin_ctzl(enough);
	if (found > bins[bin].reach)
		return NULL;
	run = pop(cache, found);
	claim(run);
	return run->start;
}

/* Otherwise freed pages are the kernel's business at once. */
static bool pages_are_kept(void)
{
	return option_value(OPTION_ZERO) == ZERO_KEEP && option_value(OPTION_DIRTY_MAX) != 0;
}

static NOINLINE struct run_cache *make_cache(struct heap *heap)
{
	if (heap_is_real(heap) && pages_are_kept())
		heap->runs = metadata_allocate(sizeof(struct run_cache));
	return heap->runs;
}

static bool has_room(const struct run_cache *cache, unsigned int bin)
{
	size_t bytes = cache->bytes + bins[bin].pages * PAGE_SIZE;

	return cache->count[bin] < bins[bin].most &&
	       (bytes <= CACHE_LEAST || (bytes <= CACHE_MOST && bytes * thread_heap_count() <= CACHE_ALL));
}

bool runs_keep(struct heap *heap, void *start, uint16_t *state)
{
	struct run_cache *cache = heap->runs != NULL ? heap->runs : make_cache(heap);
	unsigned int pages = run_state(state), bin = run_bin(pages);

	if (cache == NULL || bins[bin].pages != pages || !has_room(cache, bin))
		return false;
	cache->run[bin][cache->count[bin]++] = (struct run){start, state};
	cache->filled |= (uint64_t)1 << bin;
	cache->bytes += pages * PAGE_SIZE;
	run_set(state, pages | RUN_CACHED);
	return true;
}

bool runs_flush(struct heap *heap)
{
	struct run_cache *cache = heap->runs;
	bool any = false;

	while (cache != NULL && cache->filled != 0) {
		void *run = pop(cache, (unsigned int)__builtin_ctzl(cache->filled))->start;

		medium_give_back(pagemap_find(run), run);
		any = true;
	}
	return any;
}
