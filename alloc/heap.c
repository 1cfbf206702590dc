// SPDX-License-Identifier: MIT
/*
 * heap: refilling the ready lists, what happens when a slab needs attention, and collecting remote frees.
 *
 * A class is refilled from, in this order: what the current slab has had freed, what other threads have freed, another
 * slab with freed blocks, fresh blocks of the current slab, a slab from the pool. Used pages come before untouched
 * ones.
 */
#include "heap.h"

#include <string.h>

#include "helper.h"
#include "misuse.h"
#include "pagemap.h"
#include "runs.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"

/* All-zero: no block is ready, and none is near. */
const struct heap heap_none;
const struct heap heap_exited;
_Thread_local struct heap *heap_current = (struct heap *)&heap_none;

/*
 * Thrift while a heap is young. Every class in use touches pages of its own, for its own peak; in a small program that,
 * and not the blocks' size, decides how many pages the kernel must clear. So a heap that has touched less than
 * YOUNG_PAGES pages takes MERGED_CLASSES classes as one, the largest, and lets a class that would touch another page
 * borrow free blocks from larger ones first. random_mixed 1000000 256 42 so touches 63 pages instead of 97.
 */
#define YOUNG_PAGES    128
#define MERGED_CLASSES 4
/* Merging wastes most in the smallest classes, below 128 bytes: there it ends after this many pages of a class. */
#define YOUNG_TINY_PAGES 2
#define TINY_CLASSES     8
/* How many classes further up a class may borrow, and how often before it gets a page of its own: what was spent by
 * then is about what a page costs the kernel. */
#define BORROW_CLASSES 8
#define RENT_MAX       100

static void set_class(struct heap *heap, size_t size, unsigned int class)
{
	heap->ready_word[size] = (uint8_t)(HEAP_READY_WORD + class);
}

/* The sizes that a merged class serves get their own classes, now that it has touched some pages. */
static void refine_class(struct heap *heap, unsigned int class)
{
	for (size_t size = 0; size <= TABLE_SIZE_MAX; size++)
		if (heap_class(heap, size) == class)
			set_class(heap, size, class_of_size(size));
}

static void count_fresh_page(struct heap *heap, const struct slab *slab)
{
	heap->rent[slab->class] = 0;
	heap->fresh_pages++;
	if (slab->class < TINY_CLASSES && slab->dirty_pages >= YOUNG_TINY_PAGES)
		refine_class(heap, slab->class);
	if (heap->fresh_pages == YOUNG_PAGES)
		for (unsigned int class = 0; class < CLASS_COUNT; class ++)
			refine_class(heap, class);
}

void heap_begin(struct heap *heap, uint16_t index)
{
	heap->index = index;
	for (size_t size = 0; size <= TABLE_SIZE_MAX; size++)
		set_class(heap, size, class_of_size(size) | (MERGED_CLASSES - 1));
}

void heap_remember_near(struct heap *heap, struct slab *slab)
{
	*heap_near_entry(heap, slab->base) = (char *)slab - (char *)heap;
}

static void forget_near(struct heap *heap, const struct slab *slab)
{
	if (heap_near_slab(heap, slab->base) == slab)
		*heap_near_entry(heap, slab->base) = 0;
}

static void link_partial(struct heap *heap, struct slab *slab)
{
	struct slab **first = &heap->partial[slab->class];

	slab->state = SLAB_PARTIAL;
	*slab_links(slab) = (struct slab_links){.next = *first};
	if (*first != NULL)
		slab_links(*first)->previous = slab;
	*first = slab;
}

static void unlink_partial(struct heap *heap, struct slab *slab)
{
	const struct slab_links *links = slab_links(slab);

	if (links->previous != NULL)
		slab_links(links->previous)->next = links->next;
	else
		heap->partial[slab->class] = links->next;
	if (links->next != NULL)
		slab_links(links->next)->previous = links->previous;
}

static void release(struct heap *heap, struct slab *slab)
{
	forget_near(heap, slab);
	superslab_give(slab);
}

/* The current slab's freed blocks become ready again; the ready list is empty. */
static void recycle(struct heap *heap, struct slab *slab)
{
	heap->ready[slab->class] = slab->freed;
	heap->handed_out[slab->class] += slab->carved - slab->countdown;
	slab->countdown = slab->carved;
	slab->freed = NULL;
}

static void attend(struct slab *slab)
{
	struct heap *heap = slab->owner;

	if (slab->beyond != 0) {
		/* The first free in a full slab. */
		slab->countdown = slab->beyond;
		slab->beyond = 0;
		link_partial(heap, slab);
	} else if (slab->state == SLAB_CURRENT) {
		/* All that was carved is free again, so none of it is ready. */
		recycle(heap, slab);
	} else {
		if (slab->state == SLAB_PARTIAL)
			unlink_partial(heap, slab);
		release(heap, slab);
	}
}

void heap_attend(struct slab *slab, const void *caller)
{
	attend(slab);
	helper_look(caller);
}

void heap_free_local(struct slab *slab, struct block *block)
{
	block->next = slab->freed;
	block->key = slab->key;
	slab->freed = block;
	if (--slab->countdown == 0)
		attend(slab);
}

void heap_free_remote(struct slab *slab, struct block *block)
{
	/* The slab cannot change hands while this block counts as live, which it does until its owner collects it. */
	struct heap *owner = slab->owner;
	struct block *first = __atomic_load_n(&owner->remote, __ATOMIC_RELAXED);

	block->key = slab->key;
	do
		block->next = first;
	while (!__atomic_compare_exchange_n(&owner->remote, &first, block, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static struct slab *slab_of(struct heap *heap, const struct block *block)
{
	struct slab *slab = heap_near_slab(heap, block);

	return slab_covers(slab, block) ? slab : superslab_slab(pagemap_find(block), block);
}

void heap_collect(struct heap *heap)
{
	struct block *block;

	if (__atomic_load_n(&heap->remote, __ATOMIC_RELAXED) == NULL)
		return;
	block = __atomic_exchange_n(&heap->remote, NULL, __ATOMIC_ACQUIRE);
	while (block != NULL) {
		struct block *next = block->next;

		heap_free_local(slab_of(heap, block), block);
		block = next;
	}
}

/* The current slab has nothing left: it has no freed block and no ready one. */
static void demote(struct heap *heap, struct slab *slab)
{
	heap->current[slab->class] = NULL;
	if (slab_has_room(slab)) {
		link_partial(heap, slab);
		return;
	}
	slab->state = SLAB_FULL;
	slab->beyond = (uint16_t)(slab->countdown - 1);
	slab->countdown = 1;
}

/* Makes a partial slab current, preferably one with freed blocks. */
static struct slab *promote(struct heap *heap, unsigned int class, bool freed_only)
{
	struct slab *slab = heap->partial[class];

	while (slab != NULL && freed_only && slab->freed == NULL)
		slab = slab_links(slab)->next;
	if (slab == NULL)
		return NULL;
	unlink_partial(heap, slab);
	slab->state = SLAB_CURRENT;
	heap->current[class] = slab;
	return slab;
}

static struct slab *fresh_slab(struct heap *heap, unsigned int class)
{
	struct slab *slab = superslab_take(class, heap);

	if (slab == NULL && thread_reclaim_abandoned())
		slab = superslab_take(class, heap);
	/* Another thread may take all of a new SuperSlab's slabs before we get one. */
	while (slab == NULL && (superslab_grow() || (trim_everything() && superslab_grow())))
		slab = superslab_take(class, heap);
	if (slab == NULL)
		return NULL;
	heap_remember_near(heap, slab);
	heap->current[class] = slab;
	return slab;
}

/* The current slab if it has freed blocks, else another with freed blocks, made current; NULL when there is none. */
static struct slab *slab_with_freed(struct heap *heap, unsigned int class)
{
	struct slab *slab = heap->current[class];
	struct slab *other;

	if (slab != NULL && slab->freed != NULL)
		return slab;
	other = promote(heap, class, true);
	if (other != NULL && slab != NULL) {
		demote(heap, slab);
		heap->current[class] = other;
	}
	return other;
}

/* A slab with room to carve, made current; none of the class has freed blocks. */
static struct slab *slab_with_room(struct heap *heap, unsigned int class)
{
	struct slab *slab = heap->current[class];

	if (slab != NULL && slab_has_room(slab))
		return slab;
	if (slab != NULL)
		demote(heap, slab);
	slab = promote(heap, class, false);
	return slab != NULL ? slab : fresh_slab(heap, class);
}

/* Whether carving from the slab would make the kernel clear another page. */
static bool carves_fresh_page(const struct slab *slab)
{
	return slab == NULL || (slab->carved + 1u) * class_table[slab->class].size > slab->dirty_pages * PAGE_SIZE;
}

/* A block of one of the next larger classes that is free already. */
static struct block *borrow(struct heap *heap, unsigned int class)
{
	if (heap->rent[class] >= RENT_MAX)
		return NULL;
	for (unsigned int other = class + 1; other <= class + BORROW_CLASSES && other < CLASS_COUNT; other++) {
		struct slab *slab = heap->current[other];

		if (heap->ready[other] == NULL && slab != NULL && slab->freed != NULL)
			recycle(heap, slab);
		if (heap->ready[other] == NULL)
			continue;
		heap->rent[class]++;
		return heap_pop(heap, HEAP_READY_WORD + other);
	}
	return NULL;
}

static void *carve(struct heap *heap, struct slab *slab, bool *zeroed)
{
	unsigned int carved = slab->carved;
	struct block *block;

	if (heap->fresh_pages < YOUNG_PAGES && carves_fresh_page(slab))
		count_fresh_page(heap, slab);
	block = slab_carve(slab, &heap->ready[slab->class], zeroed);
	heap->handed_out[slab->class] += slab->carved - carved;
	if (!*zeroed)
		block->key = 0;
	return block;
}

void *heap_refill(struct heap *heap, unsigned int class, bool exact, bool *zeroed)
{
	struct slab *slab = heap->current[class];
	struct block *block;

	*zeroed = false;
	if (slab == NULL || slab->freed == NULL)
		heap_collect(heap);
	/* Collecting may have recycled the current slab's blocks. */
	if (heap->ready[class] != NULL)
		return heap_pop(heap, HEAP_READY_WORD + class);
	slab = slab_with_freed(heap, class);
	if (slab != NULL) {
		recycle(heap, slab);
		return heap_pop(heap, HEAP_READY_WORD + class);
	}
	if (!exact && heap->fresh_pages < YOUNG_PAGES && carves_fresh_page(heap->current[class])) {
		block = borrow(heap, class);
		if (block != NULL)
			return block;
	}
	slab = slab_with_room(heap, class);
	return slab != NULL ? carve(heap, slab, zeroed) : NULL;
}

static bool is_listed(const struct block *list, const struct block *block)
{
	for (; list != NULL; list = list->next)
		if (list == block)
			return true;
	return false;
}

bool heap_is_free(struct heap *heap, struct slab *slab, const struct block *block)
{
	return is_listed(slab->freed, block) || is_listed(heap->ready[slab->class], block) ||
	       is_listed(__atomic_load_n(&heap->remote, __ATOMIC_ACQUIRE), block);
}

static void flush_class(struct heap *heap, unsigned int class)
{
	struct slab *slab = heap->current[class];
	struct block *block = heap->ready[class];

	if (slab == NULL)
		return;
	heap->ready[class] = NULL;
	while (block != NULL) {
		struct block *next = block->next;

		heap->handed_out[class]--;
		block->next = slab->freed;
		block->key = slab->key;
		slab->freed = block;
		slab->countdown--;
		block = next;
	}
	heap->current[class] = NULL;
	if (slab->countdown == 0)
		release(heap, slab);
	else if (slab->freed != NULL)
		link_partial(heap, slab);
	else
		demote(heap, slab);
}

void heap_flush(struct heap *heap)
{
	heap_collect(heap);
	runs_flush(heap);
	for (unsigned int class = 0; class < CLASS_COUNT; class ++)
		flush_class(heap, class);
}
