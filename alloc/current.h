/* SPDX-License-Identifier: MIT */
/*
 * Which of a heap's slabs it allocates from. Each of its slabs is full, partial, or current; of current ones a freed
 * block is ready at once. A slab that is wholly free returns to the pool: a partial one at once, current ones when they
 * are looked at. Only the thread that holds the heap calls any of these.
 */
#ifndef HAKMEM_CURRENT_H
#define HAKMEM_CURRENT_H

#include "heap.h"

/* Makes a partial slab current, only one with freed blocks if so asked; NULL when there is none. */
struct slab *current_promote(struct heap *heap, unsigned int class, bool freed_only);
/* Takes a slab from the pool and makes it current; NULL without memory. */
struct slab *current_fresh(struct heap *heap, unsigned int class);
/* A current slab with room to carve; NULL when there is none. */
struct slab *current_with_room(struct heap *heap, unsigned int class);
/* Blocks of a current slab were carved, the first ones of it if so. One of them is out for certain. */
void current_carved(struct heap *heap, struct slab *slab, bool first);
/* The countdown of a slab has reached zero. */
void current_attend(struct slab *slab);
/* A slab of which no block is out, and which is on no list, returns to the pool. */
void current_release(struct heap *heap, struct slab *slab);
/* Ends current slabs with their ready blocks. Those that are wholly free return to the pool, but for one if so asked,
 * which is current again. */
void current_settle(struct heap *heap, unsigned int class, bool keep_one);

#endif
