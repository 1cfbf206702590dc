/* SPDX-License-Identifier: MIT */
/*
 * SuperSlabs: 2 MiB-aligned mappings of 32 parts of 64 KiB, in which lie slabs of one part, or long ones of some
 * neighbouring parts, and the pool of unused parts, shared by all heaps under one lock. Dirty ones are handed out
 * before ones that were never touched, so that the kernel clears as few pages as possible, and a slab comes to lie
 * where the fewest neighbours are unused, so that room for long ones stays. A SuperSlab's descriptor lies in metadata
 * and is reused, never freed.
 */
#ifndef HAKMEM_SUPERSLAB_H
#define HAKMEM_SUPERSLAB_H

#include "common.h"
#include "huge.h"
#include "pagemap.h"
#include "slab.h"

struct superslab {
	struct chunk chunk;
	struct hakmem_map_slot *slot; /* in the shared map; NULL when it was full */
	struct superslab *next;       /* in one of the lists of those with unused slabs, or of spares */
	struct superslab *previous;
	struct superslab *next_known; /* all descriptors ever made */
	uint32_t dirty;               /* bit per unused part whose memory may not be zero */
	uint32_t clean;               /* bit per unused part that is all the kernel's zeroes */
	uint32_t list;
	bool mapped;   /* no spare */
	bool huge;     /* its next pages are huge: it was advised so, and nothing was given back */
	bool has_long; /* a long slab lay in it since it was mapped */
	uint8_t padding;
	struct slabs slabs;
};

struct superslab_totals {
	size_t superslabs;
	size_t slabs_used;
};

/* The descriptor of the part that an address in the SuperSlab lies in: one shift, one mask, one addition. */
static inline struct slab *superslab_part_of(struct chunk *chunk, const void *address)
{
	size_t offset = (uintptr_t)address >> (HAKMEM_SLAB_SHIFT - 6) & (HAKMEM_CHUNK_SLABS - 1) << 6;

	return (struct slab *)((char *)chunk + offsetof(struct superslab, slabs.slab) + offset);
}

/* That of the slab; of a long one the first. */
static inline struct slab *superslab_slab(struct chunk *chunk, const void *address)
{
	struct slab *slab = superslab_part_of(chunk, address);

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

/* The length (see class_info) of what would fill a SuperSlab. */
#define SUPERSLAB_WHOLE 5
_Static_assert(1 << SUPERSLAB_WHOLE == HAKMEM_CHUNK_SLABS && LENGTHS <= SUPERSLAB_WHOLE, "two slabs at least");

/* A bit for each part of a slab. */
static inline uint32_t superslab_bits(unsigned int first, unsigned int length)
{
	return ((1u << (1u << length)) - 1) << first;
}

/* The length of the longest slab that has room where these parts are unused, of which there is one. */
unsigned int superslab_room(uint32_t unused);
/* Where in a SuperSlab that has room for it a slab is to lie: its first part. */
unsigned int superslab_place(uint32_t dirty, uint32_t clean, unsigned int length);
/* What is known of the parts' pages is the slab's from now on, and the other way round. Both return how many pages
 * of the unused parts are dirty. */
unsigned int superslab_join(struct slab *slab, unsigned int length);
unsigned int superslab_part(struct slab *slab, unsigned int length);

/* Bit per part that is in no slab. */
static inline uint32_t superslab_unused(const struct superslab *superslab)
{
	return superslab->dirty | superslab->clean;
}

/* On which list a SuperSlab is, by what of it is unused, all under the lock: moves it to the right one; to none. */
void superslab_list(struct superslab *superslab);
void superslab_unlist(struct superslab *superslab);
/* One with room for a slab of the length, NULL when there is none; the first that has dirty parts and just that room,
 * others follow it by `next`. */
struct superslab *superslab_with_room(unsigned int length);
struct superslab *superslab_dirty_with_room(unsigned int room);

/* Of the descriptors from the newest on, under the lock: whether another one, wanted for a long slab or not, is to have
 * huge pages. */
enum huge_advice superslab_advice(const struct superslab *newest, bool is_long);

/* A slab of unused parts, one of `class` for `owner`, published; NULL when the pool has no room for it. */
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
