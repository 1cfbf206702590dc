/* SPDX-License-Identifier: MIT */
/*
 * What hardened mode keeps about its blocks: all of it apart from the memory that the program has, where no overflow
 * and no write to a freed block reaches it. A shard is a whole allocator of its own under one lock; threads are spread
 * over a few, and a block goes back to the one that it came from.
 *
 *     a chunk of 2 MiB, of which nothing can be touched but the pages of spans
 *     +-------+-------------------+-------+----------+-------+------------------+-- ... --+-------+
 *     | guard | a slab's 15 pages | guard | a block  | guard | a slab ...       |         | guard |
 *     +-------+-------------------+-------+----------+-------+------------------+-- ... --+-------+
 */
#ifndef HAKMEM_HARDENED_SHARD_H
#define HAKMEM_HARDENED_SHARD_H

#include "bitmap.h"
#include "classes.h"
#include "common.h"
#include "lock.h"
#include "misuse.h"
#include "pagemap.h"

/* Behind each block in a slab are at least so many marks. */
#define HARDENED_MARKS_LEAST 8

enum block_state {
	BLOCK_FRESH, /* never handed out since its pages were last zero */
	BLOCK_LIVE,
	BLOCK_QUARANTINED, /* freed; its memory is not used again for a while */
	BLOCK_FREE,
};

/* A slot's record: its state above, in the low bits how many bytes were asked for. */
#define RECORD_SIZE_BITS 14
#define RECORD_SIZE_MASK ((1u << RECORD_SIZE_BITS) - 1)
_Static_assert(SINGLE_SIZE_MAX - HARDENED_MARKS_LEAST <= RECORD_SIZE_MASK, "a record has room for a slot's size");

/* A block that has pages to itself. */
struct pages_block {
	char *pages;
	size_t length;
	char *start; /* what the program has; the block ends with its pages, but for what alignment takes */
	size_t size;
	enum block_state state;
	bool forbidden; /* freed, and nobody can touch the pages */
};

/* Pages of a chunk that belong together: a slab, or a block of its own. */
struct span {
	uint16_t first; /* page of the chunk: a guard */
	uint16_t guards;
	uint16_t pages; /* behind the guards; 0: there is no span */
	uint8_t class;  /* CLASS_COUNT: one block */
	uint16_t slots;
	uint16_t room; /* slots that may be handed out */
	bool listed;   /* among the slabs of the class that have room to choose from */
	struct hardened_chunk *chunk;
	struct span *next, *previous;
	struct pages_block block;
};

/* The head of both descriptors below. */
struct hardened_head {
	struct chunk chunk;
	struct shard *shard;
};

struct hardened_chunk {
	struct hardened_head head;
	struct hakmem_map_slot *slot; /* in the shared map */
	struct hardened_chunk *next, *previous;
	bool unguarded;       /* there were no more ranges to be had, so all of the chunk can be touched */
	unsigned int guarded; /* else: its spans */
	uint64_t used[BITMAP_WORDS];
	uint16_t span_of_page[BITMAP_BITS];           /* 1 + the first page of its span, 0: none */
	struct span span[BITMAP_BITS];                /* by first page */
	uint16_t record[BITMAP_BITS][PAGE_SIZE / 16]; /* a slab's records begin in its first page's row */
};

struct hardened_large {
	struct hardened_head head;
	size_t mapped;
	bool guarded;
	struct pages_block block;
	struct hardened_large *next, *previous;
};

/* A ring of freed blocks. */
struct quarantine {
	char **ring;
	unsigned int most, first, count;
	size_t bytes_most, bytes;
};

struct hardened_totals {
	size_t chunks;
	size_t large_mapped;
	size_t blocks[CLASS_COUNT], slabs[CLASS_COUNT];
	uint64_t total[CLASS_COUNT];
	size_t medium_blocks, medium_bytes, large_blocks, large_bytes;
};

struct shard {
	struct lock lock;
	uint64_t random;
	struct hardened_chunk *chunks, *spare_chunks;
	struct hardened_large *large, *spare_large; /* with a mapping; without */
	struct span *with_room[CLASS_COUNT];
	struct quarantine slots, pages;
	struct hardened_totals totals;
};

/* A block as its owner knows it, whatever kind it is of: what the functions below hand each other. */
struct hardened_block {
	char *low, *high; /* memory that is the block's alone: outside of [start, start + size) there are marks */
	char *start;
	size_t size;
	enum block_state state;
	struct span *span; /* NULL: a large mapping */
	uint16_t *record;  /* NULL: pages of its own */
	struct pages_block *pages;
	struct hardened_large *large;
};

static inline void shard_random_step(struct shard *shard)
{
	shard->random += 0x9e3779b97f4a7c15ULL; /* odd, so that all 2^64 values come by */
}

/* SplitMix64 (Steele, Lea and Flood, 2014): a counter, well mixed. */
static inline uint64_t shard_random(struct shard *shard)
{
	uint64_t value;

	shard_random_step(shard);
	value = shard->random;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

#endif
