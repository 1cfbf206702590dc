// SPDX-License-Identifier: MIT
/*
 * gate: up to 113 KiB a slab of the thread's heap, up to 1 MiB a medium run (from 16 KiB on where a block grows),
 * beyond that a mapping of its own. A pointer is looked up in the pagemap and must be the very start of a block there.
 */
#include "gate.h"

#include <errno.h>
#include <string.h>

#include "classes.h"
#include "foreign.h"
#include "hardened.h"
#include "heap.h"
#include "helper.h"
#include "huge.h"
#include "large.h"
#include "medium.h"
#include "misuse.h"
#include "pagemap.h"
#include "runs.h"
#include "sites.h"
#include "superslab.h"
#include "thread.h"
#include "trim.h"

/* The thread has none yet, none any more, or none ever: hardened mode. */
static NOINLINE void *small_without_heap(size_t size, size_t alignment, unsigned int class, bool *zeroed)
{
	if (thread_attach() == NULL)
		return NULL;
	if (hardened_is_on())
		return hardened_allocate(size, alignment, false);
	return thread_allocate(class, alignment > BLOCK_ALIGNMENT, zeroed);
}

/* A block of the class, which serves `size` and `alignment`. */
static void *small(size_t size, size_t alignment, unsigned int class, bool *zeroed)
{
	struct heap *heap = heap_current;
	struct block *block = heap_pop(heap, HEAP_READY_WORD + class);

	*zeroed = false;
	if (LIKELY(block != NULL))
		return block;
	if (UNLIKELY(!heap_is_real(heap)))
		return small_without_heap(size, alignment, class, zeroed);
	return heap_refill(heap, class, alignment > BLOCK_ALIGNMENT, zeroed);
}

static unsigned int class_for(size_t size)
{
	struct heap *heap = heap_current;

	return size <= TABLE_SIZE_MAX && heap_is_real(heap) ? heap_class(heap, size) : class_of_size(size);
}

static void *beyond_small_once(size_t size, size_t alignment, bool zero)
{
	if (size <= MEDIUM_SIZE_MAX && alignment <= MEDIUM_ALIGNMENT_MAX)
		return medium_allocate(heap_current, size, alignment, zero);
	return large_allocate(size, alignment, zero);
}

static NOINLINE void *beyond_small(size_t size, size_t alignment, bool zero)
{
	void *block;

	/* The bound leaves room for rounding up and for the alignment's excess. */
	if (size > SIZE_LIMIT - 2 * CHUNK_SIZE || alignment > SIZE_LIMIT || thread_attach() == NULL)
		return NULL;
	if (UNLIKELY(hardened_is_on()))
		return hardened_allocate(size, alignment, zero);
	if (size == 0)
		size = 1; /* aligned blocks of no size come here too */
	block = beyond_small_once(size, alignment, zero);
	if (block == NULL && trim_everything())
		block = beyond_small_once(size, alignment, zero);
	return block;
}

static void *or_no_memory(void *block)
{
	if (UNLIKELY(block == NULL))
		errno = ENOMEM;
	return block;
}

/* Of no heap, or when no block of the class is ready. */
static NOINLINE void *allocate_small_slowly(size_t size)
{
	bool zeroed;

	return or_no_memory(small(size, BLOCK_ALIGNMENT, class_for(size), &zeroed));
}

/* Of a class without a ready block, or of no heap, or of a size that has its place in the heap's own table. */
static inline __attribute__((always_inline)) void *allocate_small(size_t size)
{
	struct block *block;

	if (UNLIKELY(size <= TABLE_SIZE_MAX))
		return allocate_small_slowly(size);
	block = heap_pop(heap_current, HEAP_READY_WORD + class_of_size(size));
	return LIKELY(block != NULL) ? block : allocate_small_slowly(size);
}

static NOINLINE void *allocate_beyond(size_t size)
{
	return or_no_memory(beyond_small(size, BLOCK_ALIGNMENT, false));
}

static inline __attribute__((always_inline)) void *allocate(size_t size, bool telling)
{
	void *run;

	if (size <= SMALL_SIZE_MAX)
		return allocate_small(size);
	if (UNLIKELY(size > MEDIUM_SIZE_MAX))
		return allocate_beyond(size);
	run = runs_take(heap_current, size, false, telling);
	return LIKELY(run != NULL) ? run : allocate_beyond(size);
}

static void *allocate_zeroed(size_t size)
{
	bool zeroed;
	void *block;

	if (UNLIKELY(size > SMALL_SIZE_MAX))
		return or_no_memory(beyond_small(size, BLOCK_ALIGNMENT, true));
	block = small(size, BLOCK_ALIGNMENT, class_for(size), &zeroed);
	if (LIKELY(block != NULL && !zeroed))
		return memset(block, 0, size);
	return or_no_memory(block);
}

static void *allocate_aligned(size_t alignment, size_t size)
{
	unsigned int class;
	bool zeroed;

	if (alignment <= BLOCK_ALIGNMENT)
		return allocate(size, true);
	class = class_of_aligned(size, alignment);
	if (class < CLASS_COUNT)
		return or_no_memory(small(size, alignment, class, &zeroed));
	return or_no_memory(beyond_small(size, alignment, false));
}

/* A block that grew once grows again. In a slab it can't where it lies, so up to the size where a copy is cheap it is a
 * run, though a slab would do. */
static void *allocate_growing(size_t size)
{
	if (size > SINGLE_SIZE_MAX && size <= SMALL_SIZE_MAX)
		return allocate_beyond(size);
	return allocate(size, true);
}

enum purpose { ANY_PURPOSE, ZEROED, GROWING };

/* The program's call that asks for memory is the caller's caller of what is probed in here: this function has a frame
 * of its own, whatever led to it by jumps. */
static NOINLINE void *allocate_and_tell(size_t alignment, size_t size, enum purpose purpose)
{
	void *block;

	sites_begin(heap_current);
	if (purpose == ZEROED)
		block = allocate_zeroed(size);
	else
		block = purpose == GROWING ? allocate_growing(size) : allocate_aligned(alignment, size);
	if (block != NULL)
		sites_tell(heap_current, block, size, gate_usable_size("malloc", block));
	return block;
}

void *gate_allocate(size_t size)
{
	return UNLIKELY(sites_wanted()) ? allocate_and_tell(BLOCK_ALIGNMENT, size, ANY_PURPOSE) : allocate(size, false);
}

void *gate_allocate_zeroed(size_t size)
{
	return UNLIKELY(sites_wanted()) ? allocate_and_tell(BLOCK_ALIGNMENT, size, ZEROED) : allocate_zeroed(size);
}

void *gate_allocate_aligned(size_t alignment, size_t size)
{
	return UNLIKELY(sites_wanted()) ? allocate_and_tell(alignment, size, ANY_PURPOSE)
	                                : allocate_aligned(alignment, size);
}

/* The last block to be freed takes its slab with it. What is left of the blocks is there until others use it. */
static bool was_freed(const struct slab *slab, const void *pointer)
{
	return (uintptr_t)pointer % BLOCK_ALIGNMENT == 0 && ((const struct block *)pointer)->key == slab->key;
}

/* The slab of a pointer into a SuperSlab; ends the program unless the pointer is the start of a block. */
static struct slab *checked_slab(const char *call, struct chunk *chunk, const void *pointer)
{
	struct slab *slab = superslab_slab(chunk, pointer);

	/* Of an unused slab nothing is a block. */
	if (LIKELY(slab_is_any_block(slab, pointer)))
		return slab;
	if (slab->state == SLAB_UNUSED && was_freed(slab, pointer))
		misuse_double_free(call, pointer);
	misuse_invalid_pointer(call, pointer);
}

/* Ends the program when the block is free already. Only a free block bears the key: malloc clears it, and it is new
 * with each use of the slab. Where it can be looked for on the free lists, it is, before anybody is accused. */
static void check_live(const char *call, struct slab *slab, const struct block *block)
{
	if (UNLIKELY(block->key == slab->key) && heap_may_be_free(heap_current, slab, block))
		misuse_double_free(call, block);
}

static void free_small(const char *call, struct chunk *chunk, void *pointer)
{
	struct slab *slab = checked_slab(call, chunk, pointer);
	struct heap *heap = heap_current;
	struct block *block = pointer;

	check_live(call, slab, block);
	if (!class_is_single(slab->class) && UNLIKELY(huge_looks_at_freed()))
		huge_look_at_freed(pointer, class_table[slab->class].size);
	if (slab->heap_number != heap->number) {
		heap_free_foreign(heap, slab, block);
		return;
	}
	heap_remember_near(heap, slab, pointer);
	heap_free_local(slab, block);
}

static _Noreturn void refuse_medium(const char *call, struct chunk *chunk, const void *pointer)
{
	if (medium_is_cached(chunk, pointer))
		misuse_double_free(call, pointer);
	misuse_invalid_pointer(call, pointer);
}

void gate_free_for(const char *call, void *pointer)
{
	struct chunk *chunk;

	if (pointer == NULL)
		return;
	chunk = pagemap_find(pointer);
	if (UNLIKELY(chunk == NULL))
		misuse_invalid_pointer(call, pointer);
	switch (chunk->kind) {
	case CHUNK_SUPERSLAB:
		free_small(call, chunk, pointer);
		return;
	case CHUNK_MEDIUM:
		if (!medium_free(heap_current, chunk, pointer))
			refuse_medium(call, chunk, pointer);
		return;
	case CHUNK_LARGE:
		if (pointer != chunk->base)
			misuse_invalid_pointer(call, pointer);
		large_free(chunk);
		return;
	case CHUNK_HARDENED:
	case CHUNK_HARDENED_LARGE:
		hardened_free(call, chunk, pointer);
		return;
	}
}

static NOINLINE void free_and_look(void *pointer, const void *caller)
{
	gate_free_for("free", pointer);
	helper_look(caller);
}

/* Neither kept by the heap nor the start of a block that it may keep. */
static NOINLINE void free_else(struct chunk *chunk, void *pointer, const void *caller)
{
	struct block *block = pointer;
	struct slab *slab;

	if (chunk != NULL && chunk->kind == CHUNK_SUPERSLAB) {
		slab = superslab_slab(chunk, pointer);
		if (slab_is_any_block(slab, pointer) && block->key != slab->key &&
		    foreign_free_home(heap_current, slab, block))
			return;
	}
	free_and_look(pointer, caller);
}

/* What goes to a heap, this one or its own, is no reason for the helper to look. */
void gate_free(void *pointer, const void *caller)
{
	struct chunk *chunk = pagemap_find(pointer);

	if (LIKELY(chunk != NULL)) {
		if (chunk->kind == CHUNK_SUPERSLAB) {
			if (foreign_free(heap_current, superslab_part_of(chunk, pointer), pointer))
				return;
		} else if (chunk->kind == CHUNK_MEDIUM &&
		           runs_keep(heap_current, pointer, medium_state(chunk, pointer))) {
			return;
		}
	}
	free_else(chunk, pointer, caller);
}

void gate_free_given(const char *call, void *pointer, size_t size, size_t alignment, const void *caller)
{
	if (UNLIKELY(hardened_is_on())) {
		struct chunk *chunk = pagemap_find(pointer);

		if (chunk != NULL && chunk_is_hardened(chunk))
			hardened_check_given(call, chunk, pointer, size, alignment);
	}
	gate_free(pointer, caller);
}

size_t gate_usable_size(const char *call, void *pointer)
{
	struct chunk *chunk;
	size_t size = 0;

	if (pointer == NULL)
		return 0;
	chunk = pagemap_find(pointer);
	if (chunk == NULL)
		misuse_invalid_pointer(call, pointer);
	if (UNLIKELY(chunk_is_hardened(chunk)))
		return hardened_usable_size(call, chunk, pointer);
	if (chunk->kind == CHUNK_SUPERSLAB)
		size = class_table[checked_slab(call, chunk, pointer)->class].size;
	else if (chunk->kind == CHUNK_MEDIUM)
		size = medium_size(chunk, pointer);
	else if (pointer == chunk->base)
		size = large_size(chunk);
	if (size == 0)
		misuse_invalid_pointer(call, pointer);
	return size;
}

static void *gate_allocate_growing(size_t size)
{
	return UNLIKELY(sites_wanted()) ? allocate_and_tell(BLOCK_ALIGNMENT, size, GROWING) : allocate_growing(size);
}

static void *copy(void *pointer, size_t old_size, size_t size)
{
	void *block = size > old_size ? gate_allocate_growing(size) : gate_allocate(size);

	if (block == NULL)
		return NULL;
	memcpy(block, pointer, old_size < size ? old_size : size);
	gate_free_for("realloc", pointer);
	return block;
}

/* Of a block that grew without a copy: what it has more may be untouched, and who made it grow asked for it. */
static void *told_of_growth(void *block, size_t old_size, size_t size)
{
	if (UNLIKELY(sites_wanted()) && size > old_size)
		sites_tell_untouched(block, gate_usable_size("realloc", block));
	return block;
}

void *gate_resize(void *pointer, size_t size)
{
	struct chunk *chunk = pagemap_find(pointer);
	size_t old_size;
	void *block;

	if (UNLIKELY(chunk != NULL && chunk_is_hardened(chunk))) {
		block = or_no_memory(hardened_resize("realloc", chunk, pointer, size));
		return block != NULL && size > SINGLE_SIZE_MAX ? told_of_growth(block, 0, size) : block;
	}
	old_size = gate_usable_size("realloc", pointer);
	if (chunk->kind == CHUNK_SUPERSLAB)
		check_live("realloc", superslab_slab(chunk, pointer), pointer);
	if (size > SIZE_LIMIT - 2 * CHUNK_SIZE)
		return or_no_memory(NULL);
	/* Shrinking by less than half is not worth a copy. */
	if (chunk->kind == CHUNK_SUPERSLAB && size <= old_size && size >= old_size / 2)
		return pointer;
	if (chunk->kind == CHUNK_MEDIUM && size > SINGLE_SIZE_MAX && size <= MEDIUM_SIZE_MAX &&
	    medium_resize(chunk, pointer, size))
		return told_of_growth(pointer, old_size, size);
	if (chunk->kind == CHUNK_LARGE && size > MEDIUM_SIZE_MAX) {
		block = large_resize(chunk, size);
		if (block == NULL && trim_everything())
			block = large_resize(chunk, size);
		if (block != NULL)
			return told_of_growth(block, old_size, size);
	}
	return copy(pointer, old_size, size);
}
