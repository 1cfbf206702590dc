/* SPDX-License-Identifier: MIT */
/*
 * An address space as a strip: one cell for each stretch of addresses, a chunk of 2 MiB or more, from the lowest on.
 * What is not mapped has none, and of one range what isn't touched is one cell, however much it is.
 */
#ifndef SPACES_STRIP_H
#define SPACES_STRIP_H

#include "snapshot/spaces.h"

struct strip_cell {
	const struct spaces_range *range; /* of several in it, the one with the most resident bytes */
	uint64_t start;
	uint64_t bytes;          /* that are mapped in it */
	uint64_t resident_bytes; /* of these; UNKNOWN */
	uint64_t range_resident; /* of these: of `range` */
	bool apart;              /* addresses before it are not mapped */
};

/* The shortest cells, a power of two from 2 MiB on, of which at most so many are wanted. */
uint64_t spaces_strip_cell_bytes(const struct spaces_process *process, size_t most);

/* Returns how many cells there are: of which at most so many are written. cells may be NULL with 0. */
size_t spaces_strip(const struct spaces_process *process, uint64_t cell_bytes, struct strip_cell *cells, size_t most);

/* One character: how much of the whole, from "." (nothing) over eighths of a block to all of it; "?": not known. */
const char *strip_level(uint64_t part, uint64_t whole);

/* Of one slab of a SuperSlab: how full it is. */
const char *strip_slab_full(const struct spaces_range *range, size_t slab);

#endif
