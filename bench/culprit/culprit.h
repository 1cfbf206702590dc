/* SPDX-License-Identifier: MIT */
/* What the culprit's malloc family (api.c) is made of: blocks from slabs. Thread-safe. */
#ifndef CULPRIT_H
#define CULPRIT_H

#include <stdbool.h>
#include <stddef.h>

#define STEP       16 /* the smallest block, and every block's alignment */
#define MOST_BLOCK 32768ul

/* At most MOST_BLOCK bytes. NULL: out of memory. A size that is a power of two is aligned to itself. */
void *slabs_allocate(size_t size);

/* False: it is no block from a slab. */
bool slabs_free(void *pointer);

/* 0: it is no block from a slab. */
size_t slabs_block_size(const void *pointer);

#endif
