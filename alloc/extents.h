/* SPDX-License-Identifier: MIT */
/*
 * Large memory, in extents of whole chunks: one descriptor each, for a block of the program's or for memory that is
 * free and kept. Free neighbours grow together, and a request takes the start of the smallest that is large enough: so
 * what many blocks leave serves a larger one without a page that the kernel would have to clear.
 */
#ifndef HAKMEM_EXTENTS_H
#define HAKMEM_EXTENTS_H

#include "common.h"
#include "huge.h"
#include "pagemap.h"

struct extent {
	struct chunk chunk;
	size_t size;   /* of a block: usable, what was asked for in whole pages */
	size_t mapped; /* whole chunks */
	size_t dirty;  /* bytes from the start that may not be zero; known while the program does not have the block */
	enum huge_advice advice;
	struct extent *next;
};

struct extent_totals {
	size_t mapped_bytes; /* the program's and kept */
	size_t kept_extents;
	size_t kept_bytes;
};

/* `mapped` bytes at a multiple of `alignment` (at least a chunk), of what is kept as far as that goes; fresh memory is
 * had in exchange for what is kept but did not fit. NULL without memory. */
struct extent *extents_take(size_t mapped, size_t alignment);
/* Free from now on; false, and the caller still has it, when enough is kept. */
bool extents_keep(struct extent *extent);
/* No one has it any more. */
void extent_unmap(struct extent *extent);
/* Its mapping grows or shrinks, where it lies or, only to grow, elsewhere; false, and nothing has changed, if it can't.
 * live: the pagemap knows its address. */
bool extent_resize(struct extent *extent, size_t mapped, bool live);

/* Unmaps, from the end of what was freed first, until no more than `most` bytes of dirty memory are kept by all of
 * libhakmem; of 0, everything. True when there was anything. */
bool extents_trim(size_t most);

void extents_count(struct extent_totals *totals);
void extents_lock(void);
void extents_unlock(void);
void extents_reset_lock(void);

#endif
