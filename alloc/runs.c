// SPDX-License-Identifier: MIT
/*
 * runs: a small stack a bin, in memory that the heap gets with its first freed run.
 */
#include "runs.h"

#include "medium.h"
#include "metadata.h"
#include "options.h"
#include "os.h"
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

#define PAGES(bin) ((bin) < 16 ? (bin) + 1 : (9 + (bin) % 8) << ((bin) < 16 ? 0 : (bin) / 8 - 1))
#define EACH(MAKE, bin)                                                                                                \
	MAKE(bin), MAKE((bin) + 1), MAKE((bin) + 2), MAKE((bin) + 3), MAKE((bin) + 4), MAKE((bin) + 5),                \
	    MAKE((bin) + 6), MAKE((bin) + 7)

#define RANGE(bin) [(bin) == 0 ? 1 : PAGES((bin)-1) + 1 ... PAGES(bin)] = ((bin) + 1) * sizeof(struct run_bin)

const uint16_t run_places[RUN_PAGES_MAX + 1] = {
    EACH(RANGE, 0), EACH(RANGE, 8), EACH(RANGE, 16), EACH(RANGE, 24), EACH(RANGE, 32), EACH(RANGE, 40)};

_Static_assert(sizeof(struct run_bin) == 32, "a bin is found by a shift");

COMPACT uint32_t runs_passes;

/* How much the cache may have depends on how many there are. */
static void set_most(struct run_cache *cache)
{
	size_t share = CACHE_ALL / thread_heap_count();
	ptrdiff_t most = (ptrdiff_t)(share < CACHE_LEAST ? CACHE_LEAST : share < CACHE_MOST ? share : CACHE_MOST);

	cache->left += most - cache->most;
	cache->most = most;
}

/* Before the first run of each bin, one that has no start. */
static struct run *first_run(struct run_cache *cache, unsigned int bin)
{
	return &cache->run[bin][1];
}

void runs_missed(struct heap *heap)
{
	if (heap->runs != NULL)
		set_most(heap->runs);
}

#define IN_REACH(bin, further) ((bin) + (further) < RUN_BINS && PAGES((bin) + (further)) <= PAGES(bin) + PAGES(bin) / 4)
#define REACH(bin)             ((bin) + IN_REACH(bin, 1) + IN_REACH(bin, 2) + IN_REACH(bin, 3))

/* The last bin whose runs are taken instead. A dirty page too many costs nothing more, and a search of the pool much:
 * up to a quarter more. */
static const uint8_t reach[RUN_BINS] = {
    EACH(REACH, 0), EACH(REACH, 8), EACH(REACH, 16), EACH(REACH, 24), EACH(REACH, 32), EACH(REACH, 40)};

void *runs_take_longer(struct heap *heap, size_t size, bool aligned)
{
	unsigned int bin = run_bin((unsigned int)((size + PAGE_SIZE - 1) / PAGE_SIZE)), last = reach[bin];
	void *block = NULL;

	if (heap->runs == NULL)
		return NULL;
	while (block == NULL && bin++ < last)
		block = run_pop(heap, &heap->runs->bin[1 + bin], size, aligned, true);
	return block;
}

void *runs_claim(struct heap *heap, const struct run *run, unsigned int live)
{
	struct run_cache *cache = heap->runs;
	uint32_t passes = __atomic_load_n(&runs_passes, __ATOMIC_ACQUIRE);

	/* Then the helper is not at the pool's runs, and when it comes, it finds this one taken. */
	medium_wait(pagemap_find(run->start));
	/* Whether it was purged before its state was written is not known. */
	sites_untouched(heap);
	if (passes % 2 == 0)
		cache->passes = passes;
	return run->start + run_offset(live);
}

/* Otherwise freed pages are the kernel's business at once. */
static bool pages_are_kept(void)
{
	return option_value(OPTION_ZERO) == ZERO_KEEP && option_value(OPTION_DIRTY_MAX) != 0;
}

static struct run_cache *make_cache(struct heap *heap)
{
	static const struct run nothing;
	struct run_cache *cache;

	if (!heap_is_real(heap) || !pages_are_kept())
		return NULL;
	cache = metadata_allocate(sizeof(struct run_cache));
	if (cache == NULL)
		return NULL;
	set_most(cache);
	/* No pass that the owner does not know of: what it has not cached yet none has seen. */
	cache->passes = __atomic_load_n(&runs_passes, __ATOMIC_ACQUIRE) & ~(uint32_t)1;
	for (unsigned int number = 0; number <= RUN_BINS; number++) {
		cache->bin[number].top = (struct run *)&nothing + 1;
		cache->bin[number].end = cache->bin[number].top;
	}
	heap->runs = cache;
	return cache;
}

/* Not before it is used, so that no page is touched for it. */
static void begin_bin(struct run_cache *cache, unsigned int number)
{
	struct run_bin *bin = &cache->bin[1 + number];
	size_t bytes = run_pages(number) * PAGE_SIZE, fit = BIN_BYTES / bytes;

	bin->top = first_run(cache, number);
	bin->end = bin->top + (fit < BIN_RUNS ? fit : BIN_RUNS);
	bin->bytes = (ptrdiff_t)bytes;
	bin->live = run_live(run_pages(number), 0);
}

bool runs_begin(struct heap *heap, const uint32_t *state)
{
	struct run_cache *cache = heap->runs != NULL ? heap->runs : make_cache(heap);
	unsigned int number = (run_state(state) & RUN_BIN) >> RUN_BIN_SHIFT;

	if (cache == NULL || number == 0 || cache->bin[number].live != 0)
		return false;
	begin_bin(cache, number - 1);
	return true;
}

bool runs_flush(struct heap *heap)
{
	struct run_cache *cache = heap->runs;
	bool any = false;

	if (cache == NULL)
		return false;
	for (unsigned int number = 0; number < RUN_BINS; number++) {
		struct run_bin *bin = &cache->bin[1 + number];

		while (bin->top[-1].start != NULL) {
			const struct run *run = --bin->top;

			cache->left += bin->bytes;
			medium_give_back(pagemap_find(run->start), run->start + run_offset(run_state(run->state)));
			any = true;
		}
	}
	return any;
}

bool runs_begin_pass(void)
{
	__atomic_store_n(&runs_passes, runs_passes + 1, __ATOMIC_SEQ_CST);
	if (os_barrier())
		return true;
	runs_end_pass();
	return false;
}

void runs_end_pass(void)
{
	__atomic_store_n(&runs_passes, runs_passes + 1, __ATOMIC_RELEASE);
}

void runs_forget_pass(void)
{
	if (runs_passes % 2 != 0)
		runs_end_pass();
}
