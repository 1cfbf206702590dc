// SPDX-License-Identifier: MIT
/*
 * superslab: mapping SuperSlabs, handing out their parts as slabs and taking them back, purging and unmapping. One lock
 * guards it all, the lists (superslab_lists.c) too.
 */
#include "superslab.h"

#include "assist.h"
#include "lock.h"
#include "metadata.h"
#include "options.h"
#include "os.h"
#include "prefault.h"
#include "publish.h"
#include "purge.h"

static COMPACT struct lock lock;
static COMPACT struct superslab *known;
static COMPACT struct superslab *spares; /* descriptors whose memory has been unmapped */
static COMPACT size_t mapped_count;

static bool is_unused(const struct superslab *superslab)
{
	return superslab_unused(superslab) == UINT32_MAX;
}

static enum huge_advice advice_for_next(bool is_long)
{
	enum huge_advice advice;

	lock_take(&lock);
	advice = superslab_advice(known, is_long);
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

/* The unused parts become a slab of the class. */
static struct slab *begin(struct superslab *superslab, unsigned int index, unsigned int class, struct heap *owner)
{
	struct slab *slab = &superslab->slabs.slab[index];
	unsigned int length = class_table[class].length, dirty;

	publish_slab_class(superslab->slot, index, 1u << length, (uint8_t) class);
	dirty = superslab_join(slab, length);
	if (dirty != 0)
		purge_count_reused(dirty * PAGE_SIZE);
	slab->base = superslab->chunk.base + index * SLAB_SIZE;
	slab_begin(slab, class, owner);
	for (unsigned int part = 1; part < 1u << length; part++) {
		slab[part].base = slab->base + part * SLAB_SIZE;
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

	lock_take(&lock);
	superslab = superslab_with_room(length);
	if (superslab == NULL) {
		lock_give(&lock);
		return NULL;
	}
	index = superslab_place(superslab->dirty, superslab->clean, length);
	superslab->dirty &= ~superslab_bits(index, length);
	superslab->clean &= ~superslab_bits(index, length);
	superslab->has_long |= length != 0;
	superslab_list(superslab);
	assist_slab_taken(class);
	lock_give(&lock);
	return begin(superslab, index, class, owner);
}

/* The dirty part of an unused slab, and what was made present, in the kernel's pages: no block is live there, so a
 * little more may go. */
static size_t purge_size(const struct slab *slab)
{
	unsigned int pages = larger(slab->present_pages, slab->dirty_pages);

	if (pages == SLAB_PAGES_MOST)
		pages++;
	return round_up(pages * PAGE_SIZE, os_page_size());
}

/* They are the kernel's zeroes again. What is given back of a huge page comes back in small ones. */
static void forget_pages(struct slab *slab)
{
	__atomic_store_n(&superslab_of(slab)->huge, false, __ATOMIC_RELAXED);
	prefault_forget(slab);
	__atomic_store_n(&slab->dirty_pages, 0, __ATOMIC_RELAXED);
}

/* Both under the lock, which is what keeps the SuperSlab from being handed out meanwhile. */
static void unmap_unused(struct superslab *superslab)
{
	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++) {
		purge_count_reused(superslab->slabs.slab[i].dirty_pages * PAGE_SIZE);
		if (superslab->slabs.slab[i].base != NULL)
			forget_pages(&superslab->slabs.slab[i]);
	}
	superslab_unlist(superslab);
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

/* Of parts next to each other, which are unused and dirty. Returns how many pages they were. */
static unsigned int purge_parts(struct superslab *superslab, unsigned int first, unsigned int last)
{
	struct slab *slab = superslab->slabs.slab;
	char *base = superslab->chunk.base;
	unsigned int pages = 0;

	if (!purge_now(base + first * SLAB_SIZE, (last - first) * SLAB_SIZE + purge_size(&slab[last])))
		return 0;
	for (unsigned int part = first; part <= last; part++) {
		pages += slab[part].dirty_pages;
		purge_count_reused(slab[part].dirty_pages * PAGE_SIZE);
		forget_pages(&slab[part]);
		superslab->dirty &= ~(1u << part);
		superslab->clean |= 1u << part;
	}
	return pages;
}

static unsigned int purge_dirty(struct superslab *superslab)
{
	uint32_t left = superslab->dirty;
	unsigned int pages = 0;

	while (left != 0) {
		unsigned int first = (unsigned int)__builtin_ctz(left), last = first;

		for (left &= left - 1; last + 1 < HAKMEM_CHUNK_SLABS && left >> (last + 1) & 1; left &= left - 1)
			last++;
		pages += purge_parts(superslab, first, last);
	}
	superslab_list(superslab);
	return pages;
}

/* No room was long enough, so memory is going to be fresh, though some is kept in shorter rooms. As much of that goes
 * back, so that the peak is what it would be if nothing were kept in pieces: of the fullest SuperSlabs first. */
static void give_back_short_rooms(unsigned int length)
{
	unsigned int pages = 0;

	lock_take(&lock);
	for (unsigned int room = 0; room < length; room++) {
		struct superslab *superslab = superslab_dirty_with_room(room), *next;

		for (; superslab != NULL && pages < CHUNK_SIZE / PAGE_SIZE; superslab = next) {
			next = superslab->next;
			pages += purge_dirty(superslab);
		}
	}
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
	if (!class_is_single(class))
		huge_look_at_more();
	superslab->huge =
	    huge_advise(base, CHUNK_SIZE, advice_for_next(!class_is_single(class)), HUGE_UNADVISED) == HUGE_WANTED;
	prefault_superslab(base);
	lock_take(&lock);
	superslab->mapped = true;
	superslab->dirty = 0;
	superslab->clean = UINT32_MAX;
	superslab->has_long = false;
	superslab_list(superslab);
	mapped_count++;
	lock_give(&lock);
	give_back_short_rooms(class_table[class].length);
	return true;
}

/* The pages that the slab's blocks reached, none before them further; 0 when that isn't known, or it was filled. */
static unsigned int own_pages(const struct slab *slab)
{
	size_t pages = round_up(slab->carved * (size_t)class_table[slab->class].size, PAGE_SIZE) / PAGE_SIZE;

	return slab_has_room(slab) && pages == slab->dirty_pages ? slab->dirty_pages : 0;
}

/* Under the lock. */
static void put_back(struct superslab *superslab, unsigned int index, unsigned int length)
{
	for (unsigned int part = index; part < index + (1u << length); part++) {
		if (superslab->slabs.slab[part].dirty_pages != 0)
			superslab->dirty |= 1u << part;
		else
			superslab->clean |= 1u << part;
	}
	superslab_list(superslab);
	if (is_unused(superslab) && purge_over_limit())
		unmap_unused(superslab);
}

void superslab_give(struct slab *slab)
{
	struct superslab *superslab = (struct superslab *)pagemap_find(slab->base);
	unsigned int index = slab_index(slab), length = class_table[slab->class].length, touched, dirty;
	bool purged;

	for (unsigned int part = 0; part < 1u << length; part++) {
		slab[part].state = SLAB_UNUSED;
		slab[part].beyond = 0;
		slab[part].key = slab->key; /* by which a second free is still known */
	}
	slab_aside(slab)->owner = NULL;
	slab->limit = 0;
	touched = own_pages(slab);
	purged = purge_freed(slab->base, purge_size(slab));
	dirty = superslab_part(slab, length);
	if (!purged)
		purge_count_kept(dirty * PAGE_SIZE);
	for (unsigned int part = 0; purged && part < 1u << length; part++)
		forget_pages(&slab[part]);
	publish_slab_class(superslab->slot, index, 1u << length, HAKMEM_SLAB_FREE);
	lock_take(&lock);
	if (touched != 0)
		assist_slab_ended(slab->class, touched);
	put_back(superslab, index, length);
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
		purge_dirty(superslab);
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
