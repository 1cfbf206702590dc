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

struct run_cache {
	size_t bytes;
	uint64_t filled; /* a bit a bin that has runs */
	uint8_t count[RUN_BINS];
	void *run[RUN_BINS][BIN_RUNS];
};

static size_t bin_bytes(unsigned int bin)
{
	return run_pages(bin) * PAGE_SIZE;
}

static void *pop(struct run_cache *cache, unsigned int bin)
{
	cache->bytes -= bin_bytes(bin);
	if (--cache->count[bin] == 0)
		cache->filled &= ~((uint64_t)1 << bin);
	return cache->run[bin][cache->count[bin]];
}

/* A dirty page too many costs nothing more, and a search of the pool much. */
#define LONGER_BY(pages) ((pages) / 4)

void *runs_take(struct heap *heap, unsigned int *bin)
{
	struct run_cache *cache = heap->runs;
	uint64_t enough = cache != NULL ? cache->filled >> *bin << *bin : 0;
	unsigned int found;

	if (enough == 0)
		return NULL;
	found = (unsigned int)__builtin_ctzl(enough);
	if (run_pages(found) > run_pages(*bin) + LONGER_BY(run_pages(*bin)))
		return NULL;
	*bin = found;
	return pop(cache, found);
}

/* Otherwise freed pages are the kernel's business at once. */
static bool pages_are_kept(void)
{
	return option_value(OPTION_ZERO) == ZERO_KEEP && option_value(OPTION_DIRTY_MAX) != 0;
}

static struct run_cache *cache_of(struct heap *heap)
{
	if (heap->runs == NULL && heap_is_real(heap) && pages_are_kept())
		heap->runs = metadata_allocate(sizeof(struct run_cache));
	return heap->runs;
}

static bool has_room(const struct run_cache *cache, unsigned int bin)
{
	size_t bytes = cache->bytes + bin_bytes(bin);

	if (cache->count[bin] == BIN_RUNS || (cache->count[bin] + 1) * bin_bytes(bin) > BIN_BYTES)
		return false;
	return bytes <= CACHE_LEAST || (bytes <= CACHE_MOST && bytes * thread_heap_count() <= CACHE_ALL);
}

bool runs_keep(struct heap *heap, unsigned int bin, void *run)
{
	struct run_cache *cache = cache_of(heap);

	if (cache == NULL || !has_room(cache, bin))
		return false;
	cache->run[bin][cache->count[bin]++] = run;
	cache->filled |= (uint64_t)1 << bin;
	cache->bytes += bin_bytes(bin);
	return true;
}

bool runs_flush(struct heap *heap)
{
	struct run_cache *cache = heap->runs;
	bool any = false;

	while (cache != NULL && cache->filled != 0) {
		void *run = pop(cache, (unsigned int)__builtin_ctzl(cache->filled));

		medium_give_back(pagemap_find(run), run);
		any = true;
	}
	return any;
}
