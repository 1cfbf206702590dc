/* SPDX-License-Identifier: MIT */
/*
 * The fast paths, shared by the C functions and the C++ operators. Read them top to bottom: nothing else is executed
 * when a block's class has a ready block and when a freed block's slab belongs to the thread's own heap.
 */
#ifndef HAKMEM_API_H
#define HAKMEM_API_H

#include <string.h>

#include "gate.h"
#include "heap.h"

static inline void *fast_allocate(size_t size)
{
	struct heap *heap = heap_current;

	if (LIKELY(size <= TABLE_SIZE_MAX)) {
		struct block *block = heap_pop(heap, heap->ready_word[size]);

		if (LIKELY(block != NULL))
			return block;
	}
	return gate_allocate(size);
}

/* The same for calloc: what is ready may hold anything. */
static inline void *fast_allocate_zeroed(size_t size)
{
	struct heap *heap = heap_current;

	if (LIKELY(size <= TABLE_SIZE_MAX)) {
		struct block *block = heap_pop(heap, heap->ready_word[size]);

		if (LIKELY(block != NULL))
			return memset(block, 0, size);
	}
	return gate_allocate_zeroed(size);
}

/* Inlined into the functions that programs call: their return address is looked at. False, and nothing is done, when it
 * is for the gate. */
static inline __attribute__((always_inline)) bool fast_free_own(void *pointer)
{
	struct slab *slab = heap_near_slab(heap_current, pointer);
	struct block *block = pointer;
	uint64_t key = slab->key;

	/* The start of a block of this heap's, one that was handed out, and not one that is free already? */
	if (UNLIKELY(!slab_is_block(slab, pointer) || block->key == key))
		return false;
	block->next = *slab->list;
	block->key = key;
	*slab->list = block;
	if (UNLIKELY(--slab->countdown == 0))
		heap_attend(slab, __builtin_return_address(0));
	return true;
}

static inline __attribute__((always_inline)) void fast_free(void *pointer)
{
	if (UNLIKELY(!fast_free_own(pointer)))
		gate_free(pointer, __builtin_return_address(0));
}

/* The same when the program says what it asked for. */
static inline __attribute__((always_inline)) void fast_free_given(
    const char *call, void *pointer, size_t size, size_t alignment)
{
	if (UNLIKELY(!fast_free_own(pointer)))
		gate_free_given(call, pointer, size, alignment, __builtin_return_address(0));
}

#endif
