/* SPDX-License-Identifier: MIT */
/*
 * A heap's cache of freed medium runs, so that a thread which frees and allocates medium blocks takes no lock, searches
 * nothing and executes no atomic read-modify-write. Runs are of a few lengths (bins); one in a cache is dirty, belongs
 * to its chunk still, and its state, which its chunk has, says that it is free. Only the thread that holds the heap
 * touches the cache; the states the helper changes, too.
 *
 * runs_take and runs_keep are what malloc and free of medium blocks mostly are; read them top to bottom.
 */
#ifndef HAKMEM_RUNS_H
#define HAKMEM_RUNS_H

#include "common.h"
#include "heap.h"
#include "sites.h"

/*
 * The state of a run: its length in pages, its bin (counted from 1; 0 when its length is no bin's), at which line of
 * its first page the block begins, and whether the run lies in a heap's cache, and of those: that it did when the
 * helper came by last; that it is purged. 0 where no run starts.
 *
 * The helper purges in passes, which it counts: the count is odd while one is under way. Once it has made it odd it has
 * the kernel run a barrier in every thread (os_barrier), and only then looks at states. The owner takes a run out of
 * the cache by writing its state, and looks at the count after that, without a barrier of its own. So either the write
 * comes before the kernel's barrier, and the helper sees that the run is taken; or the look comes after it, and the
 * owner sees that a pass is under way, or has been: then it waits for the pool's lock, which the helper holds while it
 * looks at the pool's runs and purges them (tests/model/runs.pml).
 */
#define RUN_LENGTH      0x000001ff
#define RUN_BIN         0x00007e00
#define RUN_BIN_SHIFT   9
#define RUN_CACHED      0x00008000
#define RUN_SEEN        0x00010000
#define RUN_PURGED      0x00020000
#define RUN_BEGIN       0xfff00000 /* the offset in bytes, of which the lowest six bits are 0 */
#define RUN_BEGIN_SHIFT 20

static inline unsigned int run_state(const uint32_t *state)
{
	return __atomic_load_n(state, __ATOMIC_RELAXED);
}

static inline void run_set(uint32_t *state, unsigned int value)
{
	__atomic_store_n(state, value, __ATOMIC_RELAXED);
}

static inline bool run_change(uint32_t *state, unsigned int from, unsigned int to)
{
	return __atomic_compare_exchange_n(state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Where in its first page the block begins. */
static inline size_t run_offset(unsigned int state)
{
	return state >> RUN_BEGIN_SHIFT;
}

static inline unsigned int run_begin(const void *block)
{
	return (unsigned int)(uintptr_t)block << RUN_BEGIN_SHIFT;
}

static inline bool run_is_start(unsigned int state, const void *pointer)
{
	return ((state ^ run_begin(pointer)) & RUN_BEGIN) == 0 && (state & RUN_LENGTH) != 0;
}

/*
 * Were all blocks to begin at a page, their first lines, which programs touch most, would share a sixty-fourth of the
 * processor's first cache and little of its second. So each begins at another line of its first page, as far as that
 * lets it end in the page that it would end in anyway. A block that is to be aligned to more than a line begins at the
 * page.
 */
#define RUN_LINE ((size_t)64)

/* An offset, by the run's address, a few bits above the page's: those next to it are alike for runs whose lengths are
 * multiples of 64 KiB. Some bits of what is spare: never more than that. */
static inline unsigned int run_spread(size_t size, const char *start)
{
	return (unsigned int)(-size & (PAGE_SIZE - RUN_LINE)) & (unsigned int)((uintptr_t)start >> 8);
}

/* Pages 1 to 16, then eight lengths a doubling up to 256 pages: an eighth is waste at most. */
#define RUN_BINS      48
#define RUN_PAGES_MAX 256

/* A stack, empty and without room until it is begun. */
struct run_bin {
	struct run *top; /* behind the last; what lies before the first has no start */
	struct run *end; /* of what the bin may have */
	ptrdiff_t bytes; /* of each */
	uint32_t live;   /* the state of one that is taken, but for the offset */
	uint32_t padding;
};

struct run {
	char *start; /* a page */
	uint32_t *state;
};

#define BIN_RUNS 64

struct run_cache {
	struct run_bin bin[1 + RUN_BINS]; /* the first is of runs whose length is no bin's: none is kept */
	ptrdiff_t most;                   /* bytes that the cache may have */
	ptrdiff_t left;                   /* of these, bytes that it hasn't */
	uint32_t passes;                  /* of the helper's that the owner knows of */
	struct run run[RUN_BINS][1 + BIN_RUNS];
};

/* Where in the cache the bin is of the shortest runs that have so many pages (1 to RUN_PAGES_MAX). A table, for a
 * branch on the length of a random block would be predicted badly. */
extern HIDDEN const uint16_t run_places[RUN_PAGES_MAX + 1];

static inline unsigned int run_bin(unsigned int pages)
{
	return run_places[pages] / (unsigned int)sizeof(struct run_bin) - 1;
}

static inline unsigned int run_pages(unsigned int bin)
{
	return bin < 16 ? bin + 1 : (9 + bin % 8) << (bin / 8 - 1);
}

/* Of a live run. */
static inline unsigned int run_live(unsigned int pages, size_t offset)
{
	unsigned int bin = pages <= RUN_PAGES_MAX ? run_bin(pages) : 0;
	unsigned int number = run_pages(bin) == pages ? bin + 1 : 0;

	return pages | number << RUN_BIN_SHIFT | (unsigned int)offset << RUN_BEGIN_SHIFT;
}

/* The helper's passes so far, twice; odd while one is under way. */
extern HIDDEN uint32_t runs_passes;

/* A run was taken, maybe during a pass: waits until it is not being purged, and returns the block. */
void *runs_claim(struct heap *heap, const struct run *run, unsigned int live) __attribute__((returns_nonnull));
/* The same from a bin whose runs are not much longer. */
void *runs_take_longer(struct heap *heap, size_t size, bool aligned);

static inline void *run_pop(struct heap *heap, struct run_bin *bin, size_t size, bool aligned, bool telling)
{
	struct run_cache *cache = heap->runs;
	struct run *run = bin->top - 1;
	unsigned int live = bin->live;
	char *start = run->start;
	size_t offset = 0;

	if (UNLIKELY(start == NULL))
		return NULL;
	bin->top = run;
	cache->left += bin->bytes;
	if (!aligned) {
		offset = run_spread(size, start);
		live |= (unsigned int)offset << RUN_BEGIN_SHIFT;
	}
	if (telling && run_state(run->state) & RUN_PURGED)
		sites_untouched(heap);
	run_set(run->state, live);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (UNLIKELY(__atomic_load_n(&runs_passes, __ATOMIC_RELAXED) != cache->passes))
		return runs_claim(heap, run, live);
	return start + offset;
}

/* A block of `size` bytes (1 to MEDIUM_SIZE_MAX) in a run of the fitting bin, or NULL. aligned: to more than a line;
 * telling: somebody may want to know whether its pages are untouched. */
static inline void *runs_take(struct heap *heap, size_t size, bool aligned, bool telling)
{
	struct run_cache *cache = heap->runs;

	if (UNLIKELY(cache == NULL))
		return NULL;
	return run_pop(heap, (struct run_bin *)((char *)cache + run_places[(size + PAGE_SIZE - 1) / PAGE_SIZE]), size,
	    aligned, telling);
}

/* Keeps the run of a block that is freed; its state becomes RUN_CACHED. False when no live block begins there, when the
 * cache has enough of these, or keeps none. */
static inline bool runs_keep(struct heap *heap, char *block, uint32_t *state)
{
	struct run_cache *cache = heap->runs;
	unsigned int was = run_state(state);
	struct run_bin *bin;
	struct run *run;
	ptrdiff_t left;

	/* Where no run starts the bin is none, too. */
	if (UNLIKELY(((was ^ run_begin(block)) & (RUN_BEGIN | RUN_CACHED)) != 0 || cache == NULL))
		return false;
	bin = &cache->bin[(was & RUN_BIN) >> RUN_BIN_SHIFT];
	run = bin->top;
	if (UNLIKELY(run == bin->end))
		return false;
	left = cache->left - bin->bytes;
	if (UNLIKELY(left < 0))
		return false;
	cache->left = left;
	bin->top = run + 1;
	run->start = (char *)((uintptr_t)block & ~(PAGE_SIZE - 1));
	run->state = state;
	run_set(state, was | RUN_CACHED);
	return true;
}

/* Nothing was found in the cache: how much it may have is thought over. */
void runs_missed(struct heap *heap);
/* A run was not kept. True when its bin has just been begun: then it may be now. */
bool runs_begin(struct heap *heap, const uint32_t *state);
/* Gives all back to their chunks; true when there were any. */
bool runs_flush(struct heap *heap);

/* A pass of the helper's begins: from now on who takes a run sees it, or is seen. False when it can't be had. */
bool runs_begin_pass(void);
void runs_end_pass(void);
/* In a forked child, where the helper is no more. */
void runs_forget_pass(void);

#endif
