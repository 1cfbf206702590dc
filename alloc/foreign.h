/* SPDX-License-Identifier: MIT */
/*
 * Which blocks of other heaps a heap keeps when its thread frees them. A block goes home only when it is not wanted
 * here: a heap whose thread waits for a processor, or is idle, can't use it, and the block is in this processor's
 * cache. For its slab it counts as live meanwhile.
 */
#ifndef HAKMEM_FOREIGN_H
#define HAKMEM_FOREIGN_H

#include "heap.h"

/* Whether a block of the class that is being freed is to become ready in the heap. Only the heap's thread asks. */
bool foreign_keeps(struct heap *heap, unsigned int class);
/* Pushes a block on its owner's list. */
void foreign_send_home(struct slab *slab, struct block *block);
/* Whether any heap ever kept one. */
bool foreign_ever_kept(void);

/* A live block of a slab that another heap owns becomes ready in this one. */
static inline void foreign_push(struct heap *heap, struct slab *slab, struct block *block)
{
	unsigned int class = slab->class;

	heap->classes[class].handed_out++;
	block->next = heap->ready[class];
	block->key = slab->key;
	heap->ready[class] = block;
}

/* Becomes ready or goes home, if there is nothing to think over. False too when it isn't another heap's. */
static inline bool foreign_free(struct heap *heap, struct slab *slab, struct block *block)
{
	unsigned int class = slab->class;

	if (slab->heap_number == heap->number)
		return false;
	if (heap->classes[class].foreign_left == 0) {
		/* A thread that only frees has no heap. */
		if (heap_is_real(heap))
			return false;
		foreign_send_home(slab, block);
		return true;
	}
	if (heap->classes[class].foreign_sending != 0)
		foreign_send_home(slab, block);
	else if (heap->classes[class].current != NULL)
		foreign_push(heap, slab, block);
	else
		return false;
	heap->classes[class].foreign_left--;
	return true;
}

#endif
