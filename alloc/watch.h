/* SPDX-License-Identifier: MIT */
/*
 * Which current slabs are wholly free. Of these it isn't counted how many blocks are out, so now and then it is found
 * out, and from then on the slab's countdown says when so many were freed. Blocks that were allocated meanwhile make a
 * look vain; looks in vain are bounded. Only the thread that holds the heap calls any of these.
 */
#ifndef HAKMEM_WATCH_H
#define HAKMEM_WATCH_H

#include "heap.h"

/* So many blocks of a current slab are out: it can't be free before so many were freed. */
void watch_slab(struct heap *heap, struct slab *slab, unsigned int out);
/* The countdown of a current slab has reached zero. */
void watch_attend(struct heap *heap, struct slab *slab);
/* A slab of this class of long ones has gone: the current ones are looked at. */
void watch_class(struct heap *heap, unsigned int class);
/* A slab is about to come, or has gone. No current slab is without a carved block now. */
void watch_next(struct heap *heap);

#endif
