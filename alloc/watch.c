// SPDX-License-Identifier: MIT
/*
 * watch: when a current slab may be free, its heap's ready list is walked to see whether it is.
 */
#include "watch.h"

#include "current.h"
#include "foreign.h"
#include "share.h"

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
void watch_slab(struct heap *heap, struct slab *slab, unsigned int out)
{
	bool may = class_is_single(slab->class) ? heap->number > FEW_HEAPS && heap->looks < LOOKS_MOST
	                                        : heap->long_looks < LONG_LOOKS_MOST;
	bool watched = may && out != 0;

	slab->beyond = (uint16_t)(watched ? out : 0);
	slab->countdown = watched ? out : CURRENT_COUNTDOWN;
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
	if (heap->classes[slab->class].current == NULL)
		foreign_forget(heap, slab->class);
	heap->classes[slab->class].handed_out -= slab->carved;
	heap->long_bytes -= share_of(slab);
	current_release(heap, slab);
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
		watch_slab(heap, slab, out);
		empty += out == 0 ? slab->carved * (size_t)class_table[class].size : 0;
		if (out == 0 && give_up)
			end_empty(heap, slab);
	}
	return empty;
}

void watch_class(struct heap *heap, unsigned int class)
{
	look_at_current(heap, class, false);
}

static size_t look_at_long(struct heap *heap, bool give_up)
{
	size_t empty = 0;

	for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++)
		empty += look_at_current(heap, class, give_up);
	return empty;
}

static void bound_empty(struct heap *heap)
{
	if (!share_of_empty_is_exceeded(heap))
		return;
	look_at_long(heap, true);
	heap->empty_bytes = 0;
}

/*
 * A slab has come or gone. Where looks were too many there may be long slabs at which nobody looks any more, and the
 * program may have ended what it did with these. So a class of them is looked at, each in its turn; then all are looked
 * at again, and it is known what is free.
 */
void watch_next(struct heap *heap)
{
	if (heap->long_bytes == 0)
		return;
	if (heap->long_looks > 0)
		heap->long_looks--;
	if (heap->look_turn < SINGLE_CLASSES)
		heap->look_turn = SINGLE_CLASSES;
	heap->empty_seen += look_at_current(heap, heap->look_turn, false);
	if (++heap->look_turn < CLASS_COUNT)
		return;
	heap->look_turn = SINGLE_CLASSES;
	heap->empty_bytes = heap->empty_seen;
	heap->empty_seen = 0;
	bound_empty(heap);
}

/* A current long slab is free. Those that were found to be so before may be in use again. */
static void keep_empty(struct heap *heap, const struct slab *slab)
{
	heap->empty_bytes += slab->carved * (size_t)class_table[slab->class].size;
	if (!share_of_empty_is_exceeded(heap))
		return;
	heap->empty_bytes = look_at_long(heap, false);
	heap->long_looks = LONG_LOOKS_MOST;
	bound_empty(heap);
}

void watch_attend(struct heap *heap, struct slab *slab)
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
		watch_slab(heap, slab, out);
	else if (is_long)
		keep_empty(heap, slab);
	else
		end_empty(heap, slab);
}
