// SPDX-License-Identifier: MIT
/*
 * heap: refilling the ready lists, what happens when a slab needs attention, and collecting remote frees.
 *
 * A class is refilled from, in this order: what other threads have freed, another slab with freed blocks, fresh blocks
 * of the current slab, a slab from the pool. Used pages come before untouched ones.
 */
#include "heap.h"

#include <string.h>

#include "foreign.h"
#include "helper.h"
#include "misuse.h"
#include "pagemap.h"
#include "runs.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"
#include "young.h"

/* All-zero: no block is ready, and none is near. */
const struct heap heap_none;
const struct heap heap_exited;
_Thread_local struct heap *heap_current = (struct heap *)&heap_none;

/*
 * How many slabs of a class are current at most: of these, a freed block is ready at once. Live blocks that are spread
 * over more slabs make the heap change slabs every few calls. What is wholly free among them is not seen before
 * settle().
 */
#define CURRENT_MOST 4

void heap_begin(struct heap *heap, uint32_t number)
{
	heap->number = number;
	young_begin(heap);
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
	slab_aside(slab)->next = *first;
	slab_aside(slab)->previous = NULL;
	if (*first != NULL)
		slab_aside(*first)->previous = slab;
	*first = slab;
}

static void unlink_partial(struct heap *heap, struct slab *slab)
{
	const struct slab_aside *links = slab_aside(slab);

	if (links->previous != NULL)
		slab_aside(links->previous)->next = links->next;
	else
		heap->partial[slab->class] = links->next;
	if (links->next != NULL)
		slab_aside(links->next)->previous = links->previous;
}

static void release(struct heap *heap, struct slab *slab)
{
	forget_near(heap, slab);
	superslab_give(slab);
}

/* The class has no ready block: what was freed of this slab becomes ready. */
static void make_current(struct heap *heap, struct slab *slab)
{
	unsigned int class = slab->class;

	heap->ready[class] = slab->freed;
	heap->handed_out[class] += slab->carved - slab->countdown;
	slab_aside(slab)->next = heap->current[class];
	heap->current[class] = slab;
	slab->freed = NULL;
	slab->list = &heap->ready[class];
	slab->state = SLAB_CURRENT;
	slab->countdown = CURRENT_COUNTDOWN;
}

/* None of its blocks is ready: all that were carved are out. */
static void end_current(struct heap *heap, struct slab *slab)
{
	heap->handed_out[slab->class] += CURRENT_COUNTDOWN - slab->countdown;
	slab->list = &slab->freed;
	slab->countdown = slab->carved;
}

/* Where a slab that is not current any more belongs. */
static void shelve(struct heap *heap, struct slab *slab)
{
	if (slab->freed != NULL || slab_has_room(slab)) {
		link_partial(heap, slab);
		return;
	}
	slab->state = SLAB_FULL;
	slab->beyond = (uint16_t)(slab->countdown - 1);
	slab->countdown = 1;
}

/* No block of the class is ready, and another slab is to become current. */
static void make_place(struct heap *heap, unsigned int class)
{
	struct slab **place = &heap->current[class];
	struct slab *slab;

	for (int i = 1; i < CURRENT_MOST && *place != NULL; i++)
		place = &slab_aside(*place)->next;
	slab = *place;
	*place = NULL;
	while (slab != NULL) {
		struct slab *next = slab_aside(slab)->next;

		end_current(heap, slab);
		shelve(heap, slab);
		slab = next;
	}
}

static void send_home(struct slab *slab, struct block *block)
{
	/* The slab cannot change hands while this block counts as live, which it does until its owner collects it. */
	struct heap *owner = slab_owner(slab);
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

/* A block that was ready goes back to where it came from. */
static void put_back(struct heap *heap, struct block *block)
{
	struct slab *slab = slab_of(heap, block);

	if (slab->heap_number != heap->number) {
		send_home(slab, block);
		return;
	}
	block->next = slab->freed;
	block->key = slab->key;
	slab->freed = block;
	slab->countdown--;
}

/* Ends current slabs with their ready blocks. Those that are wholly free return to the pool, but for one if so asked,
 * which is current again. */
static void settle(struct heap *heap, unsigned int class, bool keep_one)
{
	struct block *block = heap->ready[class];
	struct slab *slab = heap->current[class], *kept = NULL;

	heap->ready[class] = NULL;
	heap->current[class] = NULL;
	heap->released[class] = 0;
	for (struct slab *ending = slab; ending != NULL; ending = slab_aside(ending)->next)
		end_current(heap, ending);
	while (block != NULL) {
		struct block *next = block->next;

		heap->handed_out[class]--;
		put_back(heap, block);
		block = next;
	}
	while (slab != NULL) {
		struct slab *next = slab_aside(slab)->next;

		if (slab->countdown > 0)
			shelve(heap, slab);
		else if (keep_one && kept == NULL)
			kept = slab;
		else
			release(heap, slab);
		slab = next;
	}
	if (kept != NULL)
		make_current(heap, kept);
}

static void attend(struct slab *slab)
{
	struct heap *heap = slab_owner(slab);
	unsigned int class;

	if (slab->beyond != 0) {
		/* The first free in a full slab. */
		slab->countdown = slab->beyond;
		slab->beyond = 0;
		link_partial(heap, slab);
	} else if (slab->state == SLAB_CURRENT) {
		heap->handed_out[slab->class] += CURRENT_COUNTDOWN;
		slab->countdown = CURRENT_COUNTDOWN;
	} else {
		if (slab->state == SLAB_PARTIAL)
			unlink_partial(heap, slab);
		class = slab->class;
		release(heap, slab);
		if (++heap->released[class] >= CURRENT_MOST)
			settle(heap, class, true);
	}
}

void heap_attend(struct slab *slab, const void *caller)
{
	attend(slab);
	helper_look(caller);
}

void heap_free_local(struct slab *slab, struct block *block)
{
	block->next = *slab->list;
	block->key = slab->key;
	*slab->list = block;
	if (--slab->countdown == 0)
		attend(slab);
}

void heap_free_foreign(struct heap *heap, struct slab *slab, struct block *block)
{
	if (heap_is_real(heap) && foreign_keeps(heap, slab->class))
		foreign_push(heap, slab, block);
	else
		send_home(slab, block);
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

/* Makes a partial slab current, only one with freed blocks if so asked. */
static struct slab *promote(struct heap *heap, unsigned int class, bool freed_only)
{
	struct slab *slab = heap->partial[class];

	while (slab != NULL && freed_only && slab->freed == NULL)
		slab = slab_aside(slab)->next;
	if (slab == NULL)
		return NULL;
	unlink_partial(heap, slab);
	make_place(heap, class);
	make_current(heap, slab);
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
	slab->heap_number = heap->number;
	heap_remember_near(heap, slab);
	make_place(heap, class);
	make_current(heap, slab);
	return slab;
}

/* A current slab with room to carve; NULL when there is none. */
static struct slab *current_with_room(struct heap *heap, unsigned int class)
{
	struct slab *slab = heap->current[class];

	while (slab != NULL && !slab_has_room(slab))
		slab = slab_aside(slab)->next;
	return slab;
}

static void *carve(struct heap *heap, struct slab *slab, bool *zeroed)
{
	unsigned int carved = slab->carved;
	struct block *block;

	young_count(heap, slab);
	block = slab_carve(slab, &heap->ready[slab->class], zeroed);
	heap->handed_out[slab->class] += slab->carved - carved;
	if (!*zeroed)
		block->key = 0;
	return block;
}

void *heap_refill(struct heap *heap, unsigned int class, bool exact, bool *zeroed)
{
	struct slab *slab;
	struct block *block;

	*zeroed = false;
	heap->foreign_left[class] = 0;
	heap->foreign_sending[class] = 0;
	heap_collect(heap);
	if (heap->ready[class] == NULL)
		promote(heap, class, true);
	if (heap->ready[class] != NULL)
		return heap_pop(heap, HEAP_READY_WORD + class);
	slab = current_with_room(heap, class);
	block = exact ? NULL : young_borrow(heap, class, slab);
	if (block != NULL)
		return block;
	if (slab == NULL)
		slab = promote(heap, class, false);
	if (slab == NULL)
		slab = fresh_slab(heap, class);
	return slab != NULL ? carve(heap, slab, zeroed) : NULL;
}

void heap_flush(struct heap *heap)
{
	heap_collect(heap);
	runs_flush(heap);
	for (unsigned int class = 0; class < CLASS_COUNT; class ++)
		settle(heap, class, false);
}
