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
/* Whether any heap ever kept one. */
bool foreign_ever_kept(void);

#endif
