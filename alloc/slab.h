/* SPDX-License-Identifier: MIT */
/*
 * A slab: 64 KiB of blocks of one size class, owned by one heap, or more of them where blocks are large (class_info):
 * then a power of two times as much, at a multiple of that. Its descriptor fits one cache line and lies in its
 * SuperSlab's metadata, the links of lists apart. There is one for every 64 KiB; a long slab's is its first, and the
 * others say so.
 *
 * Blocks are carved in address order, a page's worth at a time, so no page is touched before a block in it is handed
 * out. A block is: not yet carved; ready (on a heap's list for the class); out (the program's, or freed by another
 * thread and not yet collected); or freed (on the slab's list).
 *
 * `list` is where a free puts a block. Of the slab that its heap allocates from, the current one, that is the heap's
 * ready list: what was freed last is allocated first, while it is in the processor's cache. Of any other it is `freed`.
 *
 * `countdown` says how many more frees may go by before the owner must look at the slab: until all its blocks are free.
 * A full slab, which is on no list, asks to be looked at upon the first free: it counts 1, and `beyond` has the rest.
 * A current slab need not be looked at, and its frees are counted from CURRENT_COUNTDOWN for statistics; but while its
 * heap watches for it to become empty, from `beyond`, which is how many were out then.
 */
#ifndef HAKMEM_SLAB_H
#define HAKMEM_SLAB_H

#include "classes.h"
#include "common.h"

struct heap;

/* What a free block holds. A block is never smaller than this. */
struct block {
	struct block *next;
	uint64_t key; /* the slab's key while the block is free: how a second free is noticed */
};

enum slab_state {
	SLAB_UNUSED,  /* in the pool of free slabs */
	SLAB_CURRENT, /* the one that its heap allocates from */
	SLAB_PARTIAL, /* on its heap's list: has freed blocks or room to carve */
	SLAB_FULL,    /* on no list */
	SLAB_REST,    /* no slab, but a part of the long one that begins `beyond` descriptors before */
};

struct slab {
	char *base;
	uint64_t reciprocal; /* of the block size (0: see SLAB_REST), and the bound for blocks that were carved: see
	                        class_limit */
	uint64_t limit;      /* 0 while unused: nothing is a block then */
	uint64_t key;        /* new with each use of the slab, so that old contents never look like it */
	struct block *freed;
	struct block **list;
	uint32_t countdown;
	uint16_t carved;
	uint16_t beyond;
	uint8_t class;
	uint8_t state;
	uint8_t dirty_pages;   /* pages from the start that may not be zero; the rest are the kernel's zeroes */
	uint8_t present_pages; /* pages from the start that were made present ahead of use, whoever used the slab */
	uint32_t heap_number;  /* of its owner */
};

#define CURRENT_COUNTDOWN UINT32_MAX

/* What is counted in 8 bits. The longest slabs have one page more, which no block of theirs reaches, but one of a
 * shorter slab may have before. So where so many are dirty, that page counts as dirty, too. */
#define SLAB_PAGES_MOST UINT8_MAX

/* What malloc and free hardly ever need. */
struct slab_aside {
	struct heap *owner;
	struct slab *next; /* in the heap's list of partial slabs, or of current ones */
	struct slab *previous;
};

/* The descriptors of a SuperSlab's slabs, and what is aside of them. */
struct slabs {
	struct slab slab[HAKMEM_CHUNK_SLABS];
	struct slab_aside aside[HAKMEM_CHUNK_SLABS];
};

_Static_assert(sizeof(struct slab) == 64, "a slab's descriptor is one cache line");

static inline unsigned int slab_index(const struct slab *slab)
{
	return (uintptr_t)slab->base >> HAKMEM_SLAB_SHIFT & (HAKMEM_CHUNK_SLABS - 1);
}

static inline struct slab_aside *slab_aside(struct slab *slab)
{
	unsigned int index = slab_index(slab);

	return &((struct slabs *)(slab - index))->aside[index];
}

static inline struct heap *slab_owner(struct slab *slab)
{
	return slab_aside(slab)->owner;
}

static inline bool slab_covers(const struct slab *slab, const void *address)
{
	return (uintptr_t)address - (uintptr_t)slab->base < class_slab_size(slab->class);
}

/* Whether a pointer, anywhere, is the start of a block that was ever handed out: of a slab of the calling thread's. */
static inline bool slab_is_block(const struct slab *slab, const void *pointer)
{
	return class_is_block((uintptr_t)pointer - (uintptr_t)slab->base, slab->reciprocal, slab->limit);
}

/* The same of any slab. Its owner may be carving. */
static inline bool slab_is_any_block(const struct slab *slab, const void *pointer)
{
	return class_is_block((uintptr_t)pointer - (uintptr_t)slab->base, slab->reciprocal,
	    __atomic_load_n(&slab->limit, __ATOMIC_RELAXED));
}

static inline bool slab_has_room(const struct slab *slab)
{
	return slab->carved < class_table[slab->class].capacity;
}

/* Blocks that are out; of a current slab those that are ready, too. */
static inline unsigned int slab_live(const struct slab *slab)
{
	return slab->state == SLAB_CURRENT ? slab->carved : slab->countdown + slab->beyond;
}

/* Frees of a current slab since it was made that, or looked at. */
static inline uint32_t slab_frees(const struct slab *slab)
{
	return (slab->beyond != 0 ? slab->beyond : CURRENT_COUNTDOWN) - slab->countdown;
}

/* Makes an unused slab one of `class`, owned by `owner`, current for nobody yet; its base and dirty_pages are set
 * already. */
void slab_begin(struct slab *slab, unsigned int class, struct heap *owner);

/*
 * Carves at least one block and returns it; the others that end in the same page follow on *rest. The slab must have
 * room. *zeroed says whether the returned block, its first word included, is still the kernel's zeroes.
 */
struct block *slab_carve(struct slab *slab, struct block **rest, bool *zeroed);

#endif
