// SPDX-License-Identifier: MIT
/*
 * heap: refilling the ready lists, and collecting remote frees.
 *
 * A class is refilled from, in this order: what other threads have freed, another slab with freed blocks, fresh blocks
 * of the current slab, a slab from the pool. Used pages come before untouched ones.
 */
#include "heap.h"

#include <string.h>

#include "current.h"
#include "foreign.h"
#include "helper.h"
#include "misuse.h"
#include "pagemap.h"
#include "runs.h"
#include "sites.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"
#include "young.h"

/* All-zero: no block is ready, and none is near. */
const struct heap heap_none;
const struct heap heap_exited;
_Thread_local struct heap *heap_current = (struct heap *)&heap_none;

void heap_begin(struct heap *heap, uint32_t number)
{
	heap->number = number;
	young_begin(heap);
}

struct slab *heap_slab_of(struct heap *heap, const struct block *block)
{
	struct slab *slab = heap_near_slab(heap, block);

	return slab_covers(slab, block) ? slab : superslab_slab(pagemap_find(block), block);
}

static bool is_listed(const struct block *list, const struct block *block)
{
	for (; list != NULL; list = list->next)
		if (list == block)
			return true;
	return false;
}

/* A block may be ready in another heap, whose lists only its thread can walk. */
bool heap_may_be_free(struct heap *heap, struct slab *slab, const struct block *block)
{
	return foreign_ever_kept() || slab->heap_number != heap->number || is_listed(slab->freed, block) ||
	       is_listed(heap->ready[slab->class], block) ||
	       is_listed(__atomic_load_n(&heap->remote, __ATOMIC_ACQUIRE), block);
}

void heap_attend(struct slab *slab, const void *caller)
{
	current_attend(slab);
	helper_look(caller);
}

void heap_free_local(struct slab *slab, struct block *block)
{
	block->next = *slab->list;
	block->key = slab->key;
	*slab->list = block;
	if (--slab->countdown == 0)
		current_attend(slab);
}

void heap_free_foreign(struct heap *heap, struct slab *slab, struct block *block)
{
	if (heap_is_real(heap) && foreign_keeps(heap, slab->class))
		foreign_push(heap, slab, block);
	else
		foreign_send_home(slab, block);
}

void heap_collect(struct heap *heap)
{
	struct block *block;

	if (__atomic_load_n(&heap->remote, __ATOMIC_RELAXED) == NULL)
		return;
	block = __atomic_exchange_n(&heap->remote, NULL, __ATOMIC_ACQUIRE);
	while (block != NULL) {
		struct block *next = block->next;

		heap_free_local(heap_slab_of(heap, block), block);
		block = next;
	}
}

static void *carve(struct heap *heap, struct slab *slab, bool *zeroed)
{
	unsigned int carved = slab->carved, dirty = slab->dirty_pages;
	struct block *block;

	young_count(heap, slab);
	block = slab_carve(slab, &heap->ready[slab->class], zeroed);
	heap->classes[slab->class].handed_out += slab->carved - carved;
	current_carved(heap, slab, carved == 0);
	/* Were there others in the page, it is touched: they are on a list. */
	if (UNLIKELY(sites_wanted()))
		heap->untouched = slab->dirty_pages != dirty && slab->carved == carved + 1;
	if (!*zeroed)
		block->key = 0;
	return block;
}

void *heap_refill(struct heap *heap, unsigned int class, bool exact, bool *zeroed)
{
	struct slab *slab;
	struct block *block;

	*zeroed = false;
	foreign_ran_out(heap, class);
	heap_collect(heap);
	if (heap->ready[class] == NULL)
		current_promote(heap, class, true);
	if (heap->ready[class] != NULL)
		return heap_pop(heap, HEAP_READY_WORD + class);
	slab = current_with_room(heap, class);
	block = exact ? NULL : young_borrow(heap, class, slab);
	if (block != NULL)
		return block;
	if (slab == NULL)
		slab = current_promote(heap, class, false);
	if (slab == NULL)
		slab = current_fresh(heap, class);
	return slab != NULL ? carve(heap, slab, zeroed) : NULL;
}

bool heap_flush_large(struct heap *heap)
{
	bool any = runs_flush(heap);

	for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++) {
		if (heap->classes[class].current == NULL && heap->ready[class] == NULL)
			continue;
		current_settle(heap, class, false);
		heap->empty_bytes = 0;
		any = true;
	}
	return any;
}

void heap_flush(struct heap *heap)
{
	heap_collect(heap);
	heap_flush_large(heap);
	for (unsigned int class = 0; class < SINGLE_CLASSES; class ++)
		current_settle(heap, class, false);
}
