/* SPDX-License-Identifier: MIT */
/*
 * SuperSlabs: 2 MiB-aligned mappings of 32 slabs, or of fewer long ones, all of one length, and the pool of their
 * unused slabs, shared by all heaps under one lock. Dirty slabs are handed out before ones that were never touched, so
 * that the kernel clears as few pages as possible. One that is wholly unused may be cut anew. A SuperSlab's descriptor
 * lies in metadata and is reused, never freed.
 */
#ifndef HAKMEM_SUPERSLAB_H
#define HAKMEM_SUPERSLAB_H

#include "common.h"
#include "pagemap.h"
#include "slab.h"

struct superslab {
	struct chunk chunk;
	struct hakmem_map_slot *slot; /* in the shared map; NULL when it was full */
	struct superslab *next;       /* in one of the lists of those with unused slabs, or of spares */
	struct superslab *previous;
	struct superslab *next_known; /* all descriptors ever made */
	uint32_t dirty;               /* bit per unused slab whose memory may not be zero */
	uint32_t clean;               /* bit per unused slab that is all the kernel's zeroes */
	uint32_t list;
	bool mapped;    /* no spare */
	bool huge;      /* its next pages are huge: it was advised so, and nothing was given back */
	uint8_t length; /* of its slabs, see class_info: bits above are of every (1 << length)th */
	uint8_t padding;
	struct slabs slabs;
};

struct superslab_totals {
	size_t superslabs;
	size_t slabs_used;
};

/* The descriptor of the slab that an address in the SuperSlab lies in: one shift, one mask, one addition; of a long one
 * that leads to the first. */
static inline struct slab *superslab_slab(struct chunk *chunk, const void *address)
{
	size_t offset = (uintptr_t)address >> (HAKMEM_SLAB_SHIFT - 6) & (HAKMEM_CHUNK_SLABS - 1) << 6;
	struct slab *slab = (struct slab *)((char *)chunk + offsetof(struct superslab, slabs.slab) + offset);

	/* Not by its state, which its owner changes meanwhile. */
	return LIKELY(slab->reciprocal != 0) ? slab : slab - slab->beyond;
}

/* The SuperSlab of a slab in it. */
static inline struct superslab *superslab_of(const struct slab *slab)
{
	return (struct superslab *)((char *)(slab - slab_index(slab)) - offsetof(struct superslab, slabs));
}

/* Its next pages come as huge ones, as far as is known. */
static inline bool superslab_is_huge(const struct slab *slab)
{
	return __atomic_load_n(&superslab_of(slab)->huge, __ATOMIC_RELAXED);
}

/* A bit for each slab of the length. */
extern HIDDEN const uint32_t superslab_all[LENGTHS];
/* A wholly unused SuperSlab, which nobody else can reach, is to have slabs of another length. */
void superslab_cut(struct superslab *superslab, unsigned int length);

/* An unused slab, made one of `class` for `owner` and published; NULL when the pool has none of its length. */
struct slab *superslab_take(unsigned int class, struct heap *owner);
/* Maps another SuperSlab, for slabs of the class; false when there is no memory. */
bool superslab_grow(unsigned int class);
/* Gives back a slab of which no block is live. */
void superslab_give(struct slab *slab);
/* Unmaps SuperSlabs that are wholly unused and purges the other dirty unused slabs; true when anything was released. */
bool superslab_trim(size_t most);

void superslab_count(struct superslab_totals *totals);
/* Calls `visit` for every slab in use, under the lock. */
void superslab_each_slab(void (*visit)(struct slab *slab, void *argument), void *argument);

void superslab_lock(void);
void superslab_unlock(void);
void superslab_reset_lock(void);

#endif
