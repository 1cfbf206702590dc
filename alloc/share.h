/* SPDX-License-Identifier: MIT */
/*
 * How much of long slabs a heap may have to itself: nobody else can use what is free in a slab that is current, and the
 * helper doesn't see it.
 */
#ifndef HAKMEM_SHARE_H
#define HAKMEM_SHARE_H

#include "heap.h"

/* Bytes of a slab, if it is long. */
static inline size_t share_of(const struct slab *slab)
{
	return class_is_single(slab->class) ? 0 : class_slab_size(slab->class);
}

/* More of them are current than the heap may have. */
bool share_is_exceeded(const struct heap *heap);
/* More of what was found to be free of them is kept. */
bool share_of_empty_is_exceeded(const struct heap *heap);

#endif
