/* SPDX-License-Identifier: MIT */
/*
 * A heap's cache of freed medium runs, so that a thread which frees and allocates medium blocks takes no lock and
 * searches nothing. Runs are of a few lengths (bins); one in a cache is dirty, belongs to its chunk still, and its
 * state, which its chunk has, says that it is free. Only the thread that holds the heap touches the cache; the states
 * the helper changes, too.
 *
 * runs_take and runs_keep are what malloc and free of medium blocks mostly are; read them top to bottom.
 */
#ifndef HAKMEM_RUNS_H
#define HAKMEM_RUNS_H

#include "common.h"
#include "heap.h"

/*
 * The state of a run: its length in pages, its bin, at which line of its first page the block begins, and whether the
 * run lies in a heap's cache, and of those: that it did when the helper came by last; that the helper is purging it
 * now; that it is purged. The owner takes it out of the cache by changing its state; so does the helper before it
 * purges, and holds the pool's lock meanwhile.
 */
#define RUN_LENGTH      0x000001ff
#define RUN_PURGED      0x00001000
#define RUN_PURGING     0x00002000
#define RUN_SEEN        0x00004000
#define RUN_CACHED      0x00008000
#define RUN_BIN         0x003f0000
#define RUN_BIN_SHIFT   16
#define RUN_BEGIN       0x0fc00000
#define RUN_BEGIN_SHIFT 16 /* from the offset in bytes, of which the lowest six bits are 0 */

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
	return (state & RUN_BEGIN) >> RUN_BEGIN_SHIFT;
}

static inline bool run_is_start(unsigned int state, const void *pointer)
{
	return ((uintptr_t)pointer & (PAGE_SIZE - 1)) == run_offset(state) && (state & RUN_LENGTH) != 0;
}

/*
 * Were all blocks to begin at a page, their first lines, which programs touch most, would share a sixty-fourth of the
 * processor's first cache and little of its second. So each begins at another line of its first page, as far as that
 * lets it end in the page that it would end in anyway. A block that is to be aligned to more than a line begins at the
 * page.
 */
#define RUN_LINE ((size_t)64)

/* An offset; `turn` counts blocks. Some bits of what is spare: never more than that. */
static inline unsigned int run_spread(size_t size, unsigned int turn)
{
	return (unsigned int)(-size & (PAGE_SIZE - RUN_LINE)) & turn * (29 * RUN_LINE);
}

/* Pages 1 to 16, then eight lengths a doubling up to 256 pages: an eighth is waste at most. */
#define RUN_BINS      48
#define RUN_PAGES_MAX 256

/* The bin of the shortest runs that have `pages` (1 to RUN_PAGES_MAX). A table, for a branch on the length of a random
 * block would be predicted badly. */
extern const uint8_t run_bins[RUN_PAGES_MAX + 1];
/* The last bin whose runs may be taken instead. A dirty page too many costs nothing more, and a search of the pool
 * much: up to a quarter more. */
extern const uint8_t run_reach[RUN_BINS];

static inline unsigned int run_bin(unsigned int pages)
{
	return run_bins[pages];
}

static inline unsigned int run_pages(unsigned int bin)
{
	return bin < 16 ? bin + 1 : (9 + bin % 8) << (bin / 8 - 1);
}

/* Of a live run. One whose length is no bin's has bin RUN_BINS, of which none is kept. */
static inline unsigned int run_live(unsigned int pages, size_t offset)
{
	unsigned int bin = pages <= RUN_PAGES_MAX ? run_bin(pages) : 0;

	if (run_pages(bin) != pages)
		bin = RUN_BINS;
	return pages | bin << RUN_BIN_SHIFT | (unsigned int)offset << RUN_BEGIN_SHIFT;
}

struct run {
	char *start; /* a page */
	uint32_t *state;
};

/* A stack, empty and without room until it is begun. */
struct run_bin {
	struct run *top;
	uint32_t bytes; /* of each */
	uint32_t live;  /* the state of one that is taken, but for the offset */
	uint32_t count;
	uint32_t most;
};

#define BIN_RUNS 64

struct run_cache {
	size_t bytes;
	size_t most;
	uint64_t filled; /* a bit a bin that has runs */
	uint32_t turn;
	struct run_bin bin[RUN_BINS + 1];
	struct run run[RUN_BINS][BIN_RUNS];
};

/* Of a run whose state `was` that it is purged; waits for the helper if that is purging it now. Returns where the block
 * begins. */
void *runs_claim(struct heap *heap, const struct run *run, unsigned int was, size_t offset)
    __attribute__((returns_nonnull));

/* A block of `size` bytes (1 to MEDIUM_SIZE_MAX) in a run of the fitting bin, or one whose length is not much more; or
 * NULL. aligned: to more than a line. */
static inline void *runs_take(struct heap *heap, size_t size, bool aligned)
{
	struct run_cache *cache = heap->runs;
	unsigned int wanted = run_bin((unsigned int)((size + PAGE_SIZE - 1) / PAGE_SIZE)), found, offset, was;
	struct run_bin *bin;
	struct run *run;
	uint64_t enough;

	if (UNLIKELY(cache == NULL))
		return NULL;
	enough = cache->filled >> wanted;
	if (UNLIKELY(enough == 0))
		return NULL;
	found = wanted + (unsigned int)__builtin_ctzl(enough);
	if (UNLIKELY(found > run_reach[wanted]))
		return NULL;
	bin = &cache->bin[found];
	run = --bin->top;
	cache->filled &= ~((uint64_t)(--bin->count == 0) << found);
	cache->bytes -= bin->bytes;
	offset = aligned ? 0 : run_spread(size, cache->turn++);
	/* From here on the helper does not touch it, unless it has begun to. */
	was = __atomic_exchange_n(run->state, bin->live | offset << RUN_BEGIN_SHIFT, __ATOMIC_ACQ_REL);
	if (UNLIKELY(was & (RUN_PURGING | RUN_PURGED)))
		return runs_claim(heap, run, was, offset);
	return run->start + offset;
}

/* Keeps the run of a block that is freed; its state becomes RUN_CACHED. False when no live block begins there, when the
 * cache has enough of these, or keeps none. */
static inline bool runs_keep(struct heap *heap, char *block, uint32_t *state)
{
	struct run_cache *cache = heap->runs;
	unsigned int was = run_state(state), number = (was & RUN_BIN) >> RUN_BIN_SHIFT;
	struct run_bin *bin;

	if (UNLIKELY(!run_is_start(was, block) || was & RUN_CACHED || cache == NULL))
		return false;
	bin = &cache->bin[number];
	if (UNLIKELY(bin->count >= bin->most || cache->bytes + bin->bytes > cache->most))
		return false;
	*bin->top++ = (struct run){block - run_offset(was), state};
	bin->count++;
	cache->filled |= (uint64_t)1 << number;
	cache->bytes += bin->bytes;
	run_set(state, was | RUN_CACHED);
	return true;
}

/* Nothing was found in the cache: how much it may have is thought over. */
void runs_missed(struct heap *heap);
/* A run was not kept. True when its bin has just been begun: then it may be now. */
bool runs_begin(struct heap *heap, const uint32_t *state);
/* Gives all back to their chunks; true when there were any. */
bool runs_flush(struct heap *heap);

#endif
