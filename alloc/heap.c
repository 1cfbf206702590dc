// SPDX-License-Identifier: MIT
/*
 * heap: refilling the ready lists, what happens when a slab needs attention, and collecting remote frees.
 *
 * A class is refilled from, in this order: what the current slab has had freed, what other threads have freed, another
 * slab with freed blocks, fresh blocks of the current slab, a slab from the pool. Used pages come before untouched ones.
 */
#include "heap.h"

#include <string.h>

#include "misuse.h"
#include "pagemap.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"

/* All-zero but for slab numbers, which no address has, so that even a wild pointer is not found near. */
#define NO_HEAP {.nowhere = {.number = UINT32_MAX}}

const struct heap heap_none = NO_HEAP;
const struct heap heap_exited = NO_HEAP;
_Thread_local struct heap *heap_current = (struct heap *)&heap_none;

void heap_begin(struct heap *heap, uint16_t index)
{
	heap->nowhere.number = UINT32_MAX;
	heap->index = index;
	memcpy(heap->class_of_step, class_of_step, sizeof(class_of_step));
}

void heap_remember_near(struct heap *heap, struct slab *slab)
{
	heap->near[slab->number & (NEAR_ENTRIES - 1)] = (char *)slab - (char *)heap;
}

static void forget_near(struct heap *heap, const struct slab *slab)
{
	if (heap_near_slab(heap, slab->number) == slab)
		heap->near[slab->number & (NEAR_ENTRIES - 1)] = 0;
}

static void link_partial(struct heap *heap, struct slab *slab)
{
	struct slab **first = &heap->partial[slab->class];

	slab->state = SLAB_PARTIAL;
	slab->previous = NULL;
	slab->next = *first;
	if (slab->next != NULL)
		slab->next->previous = slab;
	*first = slab;
}

static void unlink_partial(struct heap *heap, struct slab *slab)
{
	if (slab->previous != NULL)
		slab->previous->next = slab->next;
	else
		heap->partial[slab->class] = slab->next;
	if (slab->next != NULL)
		slab->next->previous = slab->previous;
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

void heap_attend(struct heap *heap, struct slab *slab)
{
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

void heap_free_local(struct heap *heap, struct slab *slab, struct block *block)
{
	block->next = slab->freed;
	block->key = slab->key;
	slab->freed = block;
	if (--slab->countdown == 0)
		heap_attend(heap, slab);
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

void heap_collect(struct heap *heap)
{
	struct block *block;

	if (__atomic_load_n(&heap->remote, __ATOMIC_RELAXED) == NULL)
		return;
	block = __atomic_exchange_n(&heap->remote, NULL, __ATOMIC_ACQUIRE);
	while (block != NULL) {
		struct block *next = block->next;
		uintptr_t number = (uintptr_t)block >> HAKMEM_SLAB_SHIFT;
		struct slab *slab = heap_near_slab(heap, number);

		if (slab->number != (uint32_t)number)
			slab = superslab_slab(pagemap_find(block), block);
		heap_free_local(heap, slab, block);
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
		slab = slab->next;
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

/* A slab with something to give, made current: the steps after "the current slab's own freed blocks". */
static struct slab *next_slab(struct heap *heap, unsigned int class)
{
	struct slab *slab = heap->current[class];
	struct slab *other = promote(heap, class, true);

	if (other != NULL) {
		/* promote() has made it current already. */
		if (slab != NULL) {
			demote(heap, slab);
			heap->current[class] = other;
		}
		return other;
	}
	if (slab != NULL && slab_has_room(slab))
		return slab;
	if (slab != NULL)
		demote(heap, slab);
	slab = promote(heap, class, false);
	return slab != NULL ? slab : fresh_slab(heap, class);
}

void *heap_refill(struct heap *heap, unsigned int class, bool *zeroed)
{
	struct slab *slab = heap->current[class];
	struct block *block, *rest;
	unsigned int carved;

	*zeroed = false;
	if (slab == NULL || slab->freed == NULL) {
		heap_collect(heap);
		/* Collecting may have recycled the current slab, or made others partial. */
		if (heap->ready[class] != NULL)
			return heap_pop(heap, class);
	}
	if (slab == NULL || slab->freed == NULL)
		slab = next_slab(heap, class);
	if (slab == NULL)
		return NULL;
	if (slab->freed != NULL) {
		recycle(heap, slab);
		return heap_pop(heap, class);
	}
	carved = slab->carved;
	block = slab_carve(slab, &rest, zeroed);
	heap->ready[class] = rest;
	heap->handed_out[class] += slab->carved - carved;
	if (!*zeroed)
		block->key = 0;
	return block;
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
	for (unsigned int class = 0; class < CLASS_COUNT; class++)
		flush_class(heap, class);
}
