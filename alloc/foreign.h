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

/* The class has no ready block: none is to be sent home any more. */
static inline void foreign_ran_out(struct heap *heap, unsigned int class)
{
	heap->classes[class].foreign_sending = 0;
	heap->classes[class].foreign_sent = 0;
}

/* No slab of the class is current any more: whether its blocks are of use is thought over. */
static inline void foreign_forget(struct heap *heap, unsigned int class)
{
	foreign_ran_out(heap, class);
	heap->classes[class].foreign_keeping = 0;
	heap->classes[class].foreign_kept = 0;
}

/* A block that lies in a SuperSlab is freed: if it is another heap's, and there is nothing to think over. The rest of a
 * long slab has no limit, so nothing there is a block; it takes the longer way. */
static inline bool foreign_free(struct heap *heap, struct slab *slab, struct block *block)
{
	struct heap_class *of;

	if (UNLIKELY(!slab_is_any_block(slab, block) || block->key == slab->key || slab->heap_number == heap->number))
		return false;
	of = &heap->classes[slab->class];
	if (UNLIKELY(of->foreign_keeping == 0))
		return false;
	of->foreign_keeping--;
	foreign_push(heap, slab, block);
	return true;
}

/* The same of one that goes home. A thread that only frees has no heap. */
static inline bool foreign_free_home(struct heap *heap, struct slab *slab, struct block *block)
{
	struct heap_class *of = &heap->classes[slab->class];

	if (slab->heap_number == heap->number)
		return false;
	if (heap_is_real(heap)) {
		if (of->foreign_keeping != 0 || of->foreign_sending == 0)
			return false;
		of->foreign_sending--;
	}
	foreign_send_home(slab, block);
	return true;
}

#endif
