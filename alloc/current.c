// SPDX-License-Identifier: MIT
/*
 * current: near entries, lists of partial and current slabs, and moving slabs between them and the pool.
 */
#include "current.h"

#include "assist.h"
#include "foreign.h"
#include "share.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"
#include "watch.h"

/*
 * How many slabs of a class are current at most: of these, a freed block is ready at once. Live blocks that are spread
 * over more slabs make the heap change slabs every few calls. What is wholly free among them is not seen before
 * settle().
 */
#define CURRENT_MOST 4

void heap_remember_near(struct heap *heap, struct slab *slab, const void *address)
{
	*heap_near_entry(heap, address) = (char *)slab - (char *)heap;
}

static void forget_near(struct heap *heap, const struct slab *slab)
{
	const char *end = slab->base + class_slab_size(slab->class);

	for (const char *part = slab->base; part < end; part += SLAB_SIZE)
		if (heap_near_slab(heap, part) == slab)
			*heap_near_entry(heap, part) = 0;
}

static void link_partial(struct heap *heap, struct slab *slab)
{
	struct slab **first = &heap->classes[slab->class].partial;

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
		heap->classes[slab->class].partial = links->next;
	if (links->next != NULL)
		slab_aside(links->next)->previous = links->previous;
}

void current_release(struct heap *heap, struct slab *slab)
{
	if (!class_is_single(slab->class))
		heap->long_looks = 0;
	forget_near(heap, slab);
	superslab_give(slab);
}

void current_carved(struct heap *heap, struct slab *slab, bool first)
{
	if (first) {
		watch_slab(heap, slab, 1);
	} else if (slab->beyond != 0) {
		slab->beyond++;
		slab->countdown++;
	}
}

/* The class has no ready block: what was freed of this slab becomes ready. */
static void make_current(struct heap *heap, struct slab *slab)
{
	unsigned int class = slab->class;

	heap->ready[class] = slab->freed;
	heap->classes[class].handed_out += slab->carved - slab->countdown;
	slab_aside(slab)->next = heap->classes[class].current;
	heap->classes[class].current = slab;
	slab->freed = NULL;
	slab->list = &heap->ready[class];
	slab->state = SLAB_CURRENT;
	heap->long_bytes += share_of(slab);
	watch_slab(heap, slab, slab->countdown);
}

/* None of its blocks is ready: all that were carved are out. */
static void end_current(struct heap *heap, struct slab *slab)
{
	heap->classes[slab->class].handed_out += slab_frees(slab);
	heap->long_bytes -= share_of(slab);
	slab->list = &slab->freed;
	slab->countdown = slab->carved;
	slab->beyond = 0;
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
	struct slab **place = &heap->classes[class].current;
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

/* A block that was ready goes back to where it came from. */
static void put_back(struct heap *heap, struct block *block)
{
	struct slab *slab = heap_slab_of(heap, block);

	if (slab->heap_number != heap->number) {
		foreign_send_home(slab, block);
		return;
	}
	block->next = slab->freed;
	block->key = slab->key;
	slab->freed = block;
	slab->countdown--;
}

void current_settle(struct heap *heap, unsigned int class, bool keep_one)
{
	struct block *block = heap->ready[class];
	struct slab *slab = heap->classes[class].current, *kept = NULL;

	heap->ready[class] = NULL;
	heap->classes[class].current = NULL;
	heap->classes[class].released = 0;
	foreign_forget(heap, class);
	for (struct slab *ending = slab; ending != NULL; ending = slab_aside(ending)->next)
		end_current(heap, ending);
	while (block != NULL) {
		struct block *next = block->next;

		heap->classes[class].handed_out--;
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
			current_release(heap, slab);
		slab = next;
	}
	if (kept != NULL)
		make_current(heap, kept);
}

void current_attend(struct slab *slab)
{
	struct heap *heap = slab_owner(slab);
	unsigned int class = slab->class;

	if (slab->state == SLAB_CURRENT) {
		watch_attend(heap, slab);
	} else if (slab->beyond != 0) {
		/* The first free in a full slab. */
		slab->countdown = slab->beyond;
		slab->beyond = 0;
		link_partial(heap, slab);
	} else {
		if (slab->state == SLAB_PARTIAL)
			unlink_partial(heap, slab);
		current_release(heap, slab);
		if (!class_is_single(class))
			watch_class(heap, class);
		else if (++heap->classes[class].released >= CURRENT_MOST)
			current_settle(heap, class, true);
		watch_next(heap);
	}
}

/* Another slab is current: if that is too much of long ones, those of other classes are current no more, of each class
 * in its turn. */
static void bound_long(struct heap *heap, unsigned int class)
{
	for (unsigned int i = SINGLE_CLASSES; i < CLASS_COUNT && share_is_exceeded(heap); i++) {
		heap->long_turn = (uint8_t)(heap->long_turn + 1u < CLASS_COUNT ? heap->long_turn + 1u : SINGLE_CLASSES);
		if (heap->long_turn != class && heap->classes[heap->long_turn].current != NULL)
			current_settle(heap, heap->long_turn, false);
	}
}

static void become_current(struct heap *heap, struct slab *slab)
{
	make_place(heap, slab->class);
	make_current(heap, slab);
	if (!class_is_single(slab->class))
		bound_long(heap, slab->class);
}

struct slab *current_promote(struct heap *heap, unsigned int class, bool freed_only)
{
	struct slab *slab = heap->classes[class].partial;

	while (slab != NULL && freed_only && slab->freed == NULL)
		slab = slab_aside(slab)->next;
	if (slab == NULL)
		return NULL;
	unlink_partial(heap, slab);
	become_current(heap, slab);
	return slab;
}

struct slab *current_fresh(struct heap *heap, unsigned int class)
{
	struct slab *slab;

	assist_look();
	watch_next(heap);
	slab = superslab_take(class, heap);
	if (slab == NULL && thread_reclaim_abandoned())
		slab = superslab_take(class, heap);
	/* Another thread may take all of a new SuperSlab's slabs before we get one. */
	while (slab == NULL && (superslab_grow(class) || (trim_everything() && superslab_grow(class))))
		slab = superslab_take(class, heap);
	if (slab == NULL)
		return NULL;
	slab->heap_number = heap->number;
	heap_remember_near(heap, slab, slab->base);
	if (!class_is_single(class))
		heap->long_looks = 0;
	become_current(heap, slab);
	return slab;
}

struct slab *current_with_room(struct heap *heap, unsigned int class)
{
	struct slab *slab = heap->classes[class].current;

	while (slab != NULL && !slab_has_room(slab))
		slab = slab_aside(slab)->next;
	return slab;
}
