/* SPDX-License-Identifier: MIT */
/*
 * The two fast paths, shared by the C functions and the C++ operators. Read them top to bottom: nothing else is
 * executed when a block's class has a ready block and when a freed block's slab belongs to the thread's own heap.
 */
#ifndef HAKMEM_API_H
#define HAKMEM_API_H

#include "gate.h"
#include "heap.h"

static inline void *fast_allocate(size_t size)
{
	struct heap *heap = heap_current;

	if (LIKELY(size <= STEP_SIZE_MAX)) {
		struct block *block = heap_pop(heap, heap->class_of_step[(size + 15) / 16]);

		if (LIKELY(block != NULL))
			return block;
	}
	return gate_allocate(size);
}

static inline void fast_free(void *pointer)
{
	struct heap *heap = heap_current;
	uintptr_t number = (uintptr_t)pointer >> HAKMEM_SLAB_SHIFT;
	struct slab *slab = heap_near_slab(heap, number);
	struct block *block = pointer;
	uint32_t offset = (uint16_t)(uintptr_t)pointer;
	uint64_t key;

	/* A slab of this heap's? */
	if (UNLIKELY(slab->number != (uint32_t)number)) {
		gate_free(pointer);
		return;
	}
	/* The start of a block, one that was handed out, and not one that is free already? */
	key = slab->key;
	if (UNLIKELY(!class_divides(offset, slab->reciprocal) || offset >= slab->carved_end || block->key == key)) {
		gate_free(pointer);
		return;
	}
	block->next = slab->freed;
	block->key = key;
	slab->freed = block;
	if (UNLIKELY(--slab->countdown == 0))
		heap_attend(heap, slab);
}

#endif
