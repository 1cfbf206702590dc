/* SPDX-License-Identifier: MIT */
/*
 * Hardened mode (HAKMEM_HARDENED=1): an allocator of its own, which finds every misuse that can be found without the
 * compiler's help. Every block's state and size lie apart from it, free memory holds no list, slots are chosen at
 * random, freed blocks wait in quarantine, marks lie around blocks and all over freed ones, and between slabs and
 * around larger blocks are pages that can't be touched.
 *
 * It costs nothing when off: threads then have heaps. When on, no thread ever gets one, so that every call comes by
 * the gate, which sends it here.
 */
#ifndef HAKMEM_HARDENED_H
#define HAKMEM_HARDENED_H

#include "common.h"
#include "hakmem.h"
#include "pagemap.h"

extern HIDDEN bool hardened_on;

/* Decided once, while the library starts. */
void hardened_start(void);
static inline bool hardened_is_on(void)
{
	return hardened_on;
}

/* A block, zeroed if so asked; NULL without memory. alignment: a power of two. What is found on the way ends the
 * program, here and below, with a line that begins with `call`. */
void *hardened_allocate(size_t size, size_t alignment, bool zero);
/* chunk: what the pagemap says of the pointer, one of the two hardened kinds. */
void hardened_free(const char *call, struct chunk *chunk, void *pointer);
void *hardened_resize(const char *call, struct chunk *chunk, void *pointer, size_t size);
size_t hardened_usable_size(const char *call, struct chunk *chunk, void *pointer);
/* The program says how large the block is and how it is aligned (0: it does not), and must be right. */
void hardened_check_given(const char *call, struct chunk *chunk, void *pointer, size_t size, size_t alignment);

/* Looks at every block, whether anybody has it or not, when the program ends. */
void hardened_check_all(void);
/* Ends all quarantines and unmaps what is free then; true when anything was. */
bool hardened_trim(void);
/* Adds hardened mode's blocks to the figures. */
void hardened_count(struct hakmem_statistics *statistics);

void hardened_lock(void);
void hardened_unlock(void);
/* In a forked child. */
void hardened_reset_lock(void);

#endif
