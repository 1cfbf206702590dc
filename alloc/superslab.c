// SPDX-License-Identifier: MIT
/*
 * superslab: mapping SuperSlabs and the pool of unused slabs. For each length of slabs there are two lists of
 * SuperSlabs: with dirty unused slabs, or with clean ones only; full ones are on none. Those that are wholly unused are
 * on two lists for all lengths. Dirty lists are served first and most recently used first.
 */
#include "superslab.h"

#include "assist.h"
#include "huge.h"
#include "lock.h"
#include "metadata.h"
#include "options.h"
#include "os.h"
#include "prefault.h"
#include "publish.h"
#include "purge.h"

enum list {
	LIST_NONE,
	LIST_UNUSED_DIRTY,
	LIST_UNUSED_CLEAN,
	LIST_DIRTY, /* and so on, a list for each length */
	LIST_CLEAN = LIST_DIRTY + LENGTHS,
	LIST_COUNT = LIST_CLEAN + LENGTHS,
};

static COMPACT struct lock lock;
static COMPACT struct superslab *lists[LIST_COUNT];
static COMPACT struct superslab *known;
static COMPACT struct superslab *spares; /* descriptors whose memory has been unmapped */
static COMPACT size_t mapped_count;

static void unlink_from_list(struct superslab *superslab)
{
	if (superslab->list == LIST_NONE)
		return;
	if (superslab->previous != NULL)
		superslab->previous->next = superslab->next;
	else
		lists[superslab->list] = superslab->next;
	if (superslab->next != NULL)
		superslab->next->previous = superslab->previous;
	superslab->list = LIST_NONE;
}

static bool is_unused(const struct superslab *superslab)
{
	return (superslab->dirty | superslab->clean) == superslab_all[superslab->length];
}

static unsigned int right_list(const struct superslab *superslab)
{
	if (is_unused(superslab))
		return superslab->dirty != 0 ? LIST_UNUSED_DIRTY : LIST_UNUSED_CLEAN;
	if (superslab->dirty != 0)
		return LIST_DIRTY + superslab->length;
	return superslab->clean != 0 ? LIST_CLEAN + superslab->length : LIST_NONE;
}

static void put_on_right_list(struct superslab *superslab)
{
	unsigned int list = right_list(superslab);

	if (superslab->list == list)
		return;
	unlink_from_list(superslab);
	if (list == LIST_NONE)
		return;
	superslab->list = list;
	superslab->previous = NULL;
	superslab->next = lists[list];
	if (superslab->next != NULL)
		superslab->next->previous = superslab;
	lists[list] = superslab;
}

static size_t touched_bytes(const struct superslab *superslab)
{
	size_t pages = 0;

	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++)
		pages += __atomic_load_n(&superslab->slabs.slab[i].dirty_pages, __ATOMIC_RELAXED);
	return pages * PAGE_SIZE;
}

/* How much of a long slab is touched isn't known: blocks may be larger than what the program uses of them. So it takes
 * more of them to believe that they are filled. */
#define LONG_CHUNKS_LEAST 16

static enum huge_advice advice_for_long(const struct assist_chunks *chunks)
{
	return chunks->counted >= LONG_CHUNKS_LEAST * CHUNK_SIZE && chunks->used >= chunks->counted / 4 * 3
	           ? HUGE_WANTED
	           : HUGE_FORBIDDEN;
}

/* Spares and those with slabs of the other kind may be many. */
#define DESCRIPTORS_LOOKED_AT (4 * HUGE_LATEST)

/* How much is touched of the SuperSlabs with the newest descriptors, of those with long slabs or of the others. */
static enum huge_advice advice_for_next(bool are_long)
{
	struct assist_chunks chunks = {.used = 0};
	enum huge_advice advice;
	unsigned int left = DESCRIPTORS_LOOKED_AT;

	lock_take(&lock);
	for (struct superslab *superslab = known;
	     superslab != NULL && left-- > 0 && chunks.counted < HUGE_LATEST * CHUNK_SIZE;
	     superslab = superslab->next_known)
		if (superslab->mapped && (superslab->length != 0) == are_long) /* no spare */
			assist_look_at(
			    &chunks, superslab->chunk.base, touched_bytes(superslab), superslab->huge, false);
	advice = are_long ? advice_for_long(&chunks) : assist_advice(POLICY_SMALL, 0, &chunks);
	lock_give(&lock);
	return advice;
}

static struct superslab *new_descriptor(void)
{
	struct superslab *superslab;

	lock_take(&lock);
	superslab = spares;
	if (superslab != NULL)
		spares = superslab->next;
	lock_give(&lock);
	if (superslab != NULL)
		return superslab;
	superslab = metadata_allocate(sizeof(*superslab));
	if (superslab == NULL)
		return NULL;
	superslab->chunk.kind = CHUNK_SUPERSLAB;
	lock_take(&lock);
	superslab->next_known = known;
	known = superslab;
	lock_give(&lock);
	return superslab;
}

static void give_descriptor(struct superslab *superslab)
{
	lock_take(&lock);
	superslab->next = spares;
	spares = superslab;
	lock_give(&lock);
}

bool superslab_grow(unsigned int class)
{
	struct superslab *superslab = new_descriptor();
	char *base = superslab != NULL ? os_map_aligned(CHUNK_SIZE, CHUNK_SIZE) : NULL;

	if (base == NULL) {
		if (superslab != NULL)
			give_descriptor(superslab);
		return false;
	}
	superslab->chunk.base = base;
	if (!pagemap_insert(&superslab->chunk)) {
		os_unmap(base, CHUNK_SIZE);
		give_descriptor(superslab);
		return false;
	}
	superslab->slot = publish_superslab(base, HAKMEM_SLAB_FREE);
	superslab->huge =
	    huge_advise(base, CHUNK_SIZE, advice_for_next(!class_is_single(class)), HUGE_UNADVISED) == HUGE_WANTED;
	prefault_superslab(base);
	lock_take(&lock);
	superslab->mapped = true;
	superslab->dirty = 0;
	superslab->clean = superslab_all[0];
	superslab->length = 0;
	put_on_right_list(superslab);
	mapped_count++;
	lock_give(&lock);
	return true;
}

/* A SuperSlab with an unused slab of the length, or one that can be cut so; NULL when there is none. */
static struct superslab *find_unused(unsigned int length)
{
	const unsigned int order[] = {LIST_DIRTY + length, LIST_UNUSED_DIRTY, LIST_CLEAN + length, LIST_UNUSED_CLEAN};

	for (unsigned int i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (lists[order[i]] != NULL)
			return lists[order[i]];
	return NULL;
}

/* The unused slab becomes one of the class. */
static struct slab *begin(struct superslab *superslab, unsigned int index, unsigned int class, struct heap *owner)
{
	struct slab *slab = &superslab->slabs.slab[index];

	publish_slab_class(superslab->slot, index, 1u << superslab->length, (uint8_t) class);
	slab->base = superslab->chunk.base + index * SLAB_SIZE;
	slab_begin(slab, class, owner);
	for (unsigned int part = 1; part < 1u << superslab->length; part++) {
		slab[part].reciprocal = 0;
		slab[part].beyond = (uint16_t)part;
		slab[part].state = SLAB_REST;
	}
	return slab;
}

struct slab *superslab_take(unsigned int class, struct heap *owner)
{
	unsigned int length = class_table[class].length, index;
	struct superslab *superslab;
	struct slab *slab;

	lock_take(&lock);
	superslab = find_unused(length);
	if (superslab == NULL) {
		lock_give(&lock);
		return NULL;
	}
	if (superslab->length != length)
		superslab_cut(superslab, length);
	index = (unsigned int)__builtin_ctz(superslab->dirty != 0 ? superslab->dirty : superslab->clean);
	superslab->dirty &= ~(1u << index);
	superslab->clean &= ~(1u << index);
	put_on_right_list(superslab);
	assist_slab_taken(class);
	lock_give(&lock);
	slab = begin(superslab, index, class, owner);
	if (slab->dirty_pages != 0)
		purge_count_reused(slab->dirty_pages * PAGE_SIZE);
	return slab;
}

/* The dirty part of an unused slab, and what was made present, in the kernel's pages: no block is live there, so a
 * little more may go. */
static size_t purge_size(const struct slab *slab)
{
	unsigned int pages = slab->present_pages > slab->dirty_pages ? slab->present_pages : slab->dirty_pages;

	return round_up(pages * PAGE_SIZE, os_page_size());
}

/* They are the kernel's zeroes again. What is given back of a huge page comes back in small ones. */
static void forget_pages(struct slab *slab)
{
	__atomic_store_n(&superslab_of(slab)->huge, false, __ATOMIC_RELAXED);
	prefault_forget(slab);
	slab->dirty_pages = 0;
}

/* Both under the lock, which is what keeps the SuperSlab from being handed out meanwhile. */
static void unmap_unused(struct superslab *superslab)
{
	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++) {
		purge_count_reused(superslab->slabs.slab[i].dirty_pages * PAGE_SIZE);
		if (superslab->slabs.slab[i].base != NULL)
			forget_pages(&superslab->slabs.slab[i]);
	}
	unlink_from_list(superslab);
	superslab->dirty = 0;
	superslab->clean = 0;
	pagemap_remove(&superslab->chunk);
	publish_retire_superslab(superslab->slot);
	os_unmap(superslab->chunk.base, CHUNK_SIZE);
	superslab->next = spares;
	spares = superslab;
	superslab->mapped = false;
	mapped_count--;
}

static void purge_slabs(struct superslab *superslab)
{
	for (uint32_t left = superslab->dirty; left != 0; left &= left - 1) {
		unsigned int index = (unsigned int)__builtin_ctz(left);
		struct slab *slab = &superslab->slabs.slab[index];

		if (!purge_now(superslab->chunk.base + index * SLAB_SIZE, purge_size(slab)))
			continue;
		purge_count_reused(slab->dirty_pages * PAGE_SIZE);
		forget_pages(slab);
		superslab->dirty &= ~(1u << index);
		superslab->clean |= 1u << index;
	}
	put_on_right_list(superslab);
}

/* The pages that the slab's blocks reached, none before them further; 0 when that isn't known, or it was filled. */
static unsigned int own_pages(const struct slab *slab)
{
	size_t pages = round_up(slab->carved * (size_t)class_table[slab->class].size, PAGE_SIZE) / PAGE_SIZE;

	return slab_has_room(slab) && pages == slab->dirty_pages ? slab->dirty_pages : 0;
}

void superslab_give(struct slab *slab)
{
	struct superslab *superslab = (struct superslab *)pagemap_find(slab->base);
	unsigned int index = slab_index(slab), touched;

	for (unsigned int part = 0; part < 1u << superslab->length; part++) {
		slab[part].state = SLAB_UNUSED;
		slab[part].beyond = 0;
		slab[part].key = slab->key; /* by which a second free is still known */
	}
	slab_aside(slab)->owner = NULL;
	slab->limit = 0;
	touched = own_pages(slab);
	if (purge_freed(slab->base, purge_size(slab)))
		forget_pages(slab);
	purge_count_kept(slab->dirty_pages * PAGE_SIZE);
	publish_slab_class(superslab->slot, index, 1u << superslab->length, HAKMEM_SLAB_FREE);
	lock_take(&lock);
	if (touched != 0)
		assist_slab_ended(slab->class, touched);
	if (slab->dirty_pages != 0)
		superslab->dirty |= 1u << index;
	else
		superslab->clean |= 1u << index;
	put_on_right_list(superslab);
	if (is_unused(superslab) && purge_over_limit())
		unmap_unused(superslab);
	lock_give(&lock);
}

/* One at a time, for system calls are made under the lock. True when anything was released. */
static bool trim_one(struct superslab *superslab)
{
	bool released = true;

	lock_take(&lock);
	if (is_unused(superslab))
		unmap_unused(superslab);
	else if (superslab->dirty != 0)
		purge_slabs(superslab);
	else
		released = false;
	lock_give(&lock);
	return released;
}

bool superslab_trim(size_t most)
{
	struct superslab *superslab;
	bool released = false;

	lock_take(&lock);
	superslab = known;
	lock_give(&lock);
	/* Descriptors stay, and the list only grows at its head. */
	for (; superslab != NULL && !purge_is_enough(most); superslab = superslab->next_known)
		released |= trim_one(superslab);
	return released;
}

void superslab_count(struct superslab_totals *totals)
{
	*totals = (struct superslab_totals){.superslabs = 0};
	lock_take(&lock);
	totals->superslabs = mapped_count;
	for (struct superslab *superslab = known; superslab != NULL; superslab = superslab->next_known)
		for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++)
			totals->slabs_used += superslab->slabs.slab[i].state != SLAB_UNUSED;
	lock_give(&lock);
}

void superslab_each_slab(void (*visit)(struct slab *slab, void *argument), void *argument)
{
	lock_take(&lock);
	for (struct superslab *superslab = known; superslab != NULL; superslab = superslab->next_known)
		for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++)
			if (superslab->slabs.slab[i].state != SLAB_UNUSED &&
			    superslab->slabs.slab[i].state != SLAB_REST)
				visit(&superslab->slabs.slab[i], argument);
	lock_give(&lock);
}

void superslab_lock(void)
{
	lock_take(&lock);
}

void superslab_unlock(void)
{
	lock_give(&lock);
}

void superslab_reset_lock(void)
{
	lock_reset(&lock);
}
