/* SPDX-License-Identifier: MIT */
/*
 * A heap's cache of freed medium runs, so that a thread which frees and allocates medium blocks takes no lock and
 * searches nothing. Runs are of a few lengths (bins); one in a cache is dirty, belongs to its chunk still, and is
 * marked there as free (medium.h). Only the thread that holds the heap touches it.
 */
#ifndef HAKMEM_RUNS_H
#define HAKMEM_RUNS_H

#include "common.h"

struct heap;

/* Pages 1 to 16, then eight lengths a doubling up to 256 pages: an eighth is waste at most. */
#define RUN_BINS 48

static inline unsigned int run_bin(unsigned int pages)
{
	unsigned int last = pages - 1, logarithm;

	if (last < 16)
		return last;
	logarithm = 31 - (unsigned int)__builtin_clz(last);
	return 8 * (logarithm - 2) + (last >> (logarithm - 3) & 7);
}

static inline unsigned int run_pages(unsigned int bin)
{
	return bin < 16 ? bin + 1 : (9 + bin % 8) << (bin / 8 - 1);
}

/* A run of the bin's length, or of a bin whose length is not much more, which *bin is then; or NULL. */
void *runs_take(struct heap *heap, unsigned int *bin);
/* False when the cache has enough of these, or keeps none. */
bool runs_keep(struct heap *heap, unsigned int bin, void *run);
/* Gives all back to their chunks; true when there were any. */
bool runs_flush(struct heap *heap);

#endif
