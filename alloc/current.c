// SPDX-License-Identifier: MIT
/*
 * current: near entries, lists of partial and current slabs, and moving slabs between them and the pool.
 */
#include "current.h"

#include "foreign.h"
#include "share.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"

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

static void release(struct heap *heap, struct slab *slab)
{
	if (!class_is_single(slab->class))
		heap->long_looks = 0;
	forget_near(heap, slab);
	superslab_give(slab);
}

/*
 * Where threads are many, most of them allocate a little, free it and wait. So that what is wholly free then does not
 * stay with them, a heap looks at its current slabs, so often: enough for some blocks of each size, little enough that
 * a thread which goes on allocating pays nothing for it. The first heaps don't: few threads hold little.
 */
#define LOOKS_MOST 64
#define FEW_HEAPS  4

/*
 * Of long slabs much memory is at stake, so every heap looks at these. A look that found blocks out is one of so many
 * in vain, until a long slab comes or goes: what that takes anyway is more than the looks. So where blocks are freed
 * and allocated in turns, and slabs stay, nobody looks.
 */
#define LONG_LOOKS_MOST 8

/* A current slab of which so many blocks are out: it can't be empty before so many were freed. */
static void watch(struct heap *heap, struct slab *slab, unsigned int out)
{
	bool may = class_is_single(slab->class) ? heap->number > FEW_HEAPS && heap->looks < LOOKS_MOST
	                                        : heap->long_looks < LONG_LOOKS_MOST;
	bool watched = may && out != 0;

	slab->beyond = (uint16_t)(watched ? out : 0);
	slab->countdown = watched ? out : CURRENT_COUNTDOWN;
}

void current_carved(struct heap *heap, struct slab *slab, bool first)
{
	if (first) {
		watch(heap, slab, 1);
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
	watch(heap, slab, slab->countdown);
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
			release(heap, slab);
		slab = next;
	}
	if (kept != NULL)
		make_current(heap, kept);
}

static unsigned int count_ready(const struct heap *heap, const struct slab *slab)
{
	unsigned int count = 0;

	for (const struct block *block = heap->ready[slab->class]; block != NULL; block = block->next)
		count += slab_covers(slab, block);
	return count;
}

/* All blocks of a current slab are ready: they, and the slab, are it no more. */
static void end_empty(struct heap *heap, struct slab *slab)
{
	struct block **ready = &heap->ready[slab->class];
	struct slab **current = &heap->classes[slab->class].current;

	while (*ready != NULL)
		if (slab_covers(slab, *ready))
			*ready = (*ready)->next;
		else
			ready = &(*ready)->next;
	while (*current != slab)
		current = &slab_aside(*current)->next;
	*current = slab_aside(slab)->next;
	heap->classes[slab->class].handed_out -= slab->carved;
	heap->long_bytes -= share_of(slab);
	release(heap, slab);
}

/* How many blocks are out of the class's current slabs is found out anew. Returns how much of those that are free was
 * carved; they go if so asked. */
static size_t look_at_current(struct heap *heap, unsigned int class, bool give_up)
{
	size_t empty = 0;
	struct slab *next;

	for (struct slab *slab = heap->classes[class].current; slab != NULL; slab = next) {
		unsigned int out = slab->carved - count_ready(heap, slab);

		next = slab_aside(slab)->next;
		heap->classes[class].handed_out += slab_frees(slab);
		watch(heap, slab, out);
		empty += out == 0 ? slab->carved * (size_t)class_table[class].size : 0;
		if (out == 0 && give_up)
			end_empty(heap, slab);
	}
	return empty;
}

static size_t look_at_long(struct heap *heap, bool give_up)
{
	size_t empty = 0;

	for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++)
		empty += look_at_current(heap, class, give_up);
	return empty;
}

/* A current long slab is free. Those that were found to be so before may be in use again. */
static void keep_empty(struct heap *heap, const struct slab *slab)
{
	heap->empty_bytes += slab->carved * (size_t)class_table[slab->class].size;
	if (!share_of_empty_is_exceeded(heap))
		return;
	heap->empty_bytes = look_at_long(heap, false);
	if (share_of_empty_is_exceeded(heap)) {
		look_at_long(heap, true);
		heap->empty_bytes = 0;
	} else {
		heap->long_looks = LONG_LOOKS_MOST;
	}
}

static void attend_current(struct heap *heap, struct slab *slab)
{
	bool watched = slab->beyond != 0, is_long = !class_is_single(slab->class);
	unsigned int out;

	heap->classes[slab->class].handed_out += slab_frees(slab);
	slab->countdown = CURRENT_COUNTDOWN;
	slab->beyond = 0;
	if (!watched)
		return;
	out = slab->carved - count_ready(heap, slab);
	if (is_long)
		heap->long_looks += out != 0;
	else
		heap->looks++;
	if (out != 0)
		watch(heap, slab, out);
	else if (is_long)
		keep_empty(heap, slab);
	else
		end_empty(heap, slab);
}

void current_attend(struct slab *slab)
{
	struct heap *heap = slab_owner(slab);
	unsigned int class = slab->class;

	if (slab->state == SLAB_CURRENT) {
		attend_current(heap, slab);
	} else if (slab->beyond != 0) {
		/* The first free in a full slab. */
		slab->countdown = slab->beyond;
		slab->beyond = 0;
		link_partial(heap, slab);
	} else {
		if (slab->state == SLAB_PARTIAL)
			unlink_partial(heap, slab);
		release(heap, slab);
		if (!class_is_single(class))
			look_at_current(heap, class, false);
		else if (++heap->classes[class].released >= CURRENT_MOST)
			current_settle(heap, class, true);
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
	struct slab *slab = superslab_take(class, heap);

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
