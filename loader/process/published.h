/* SPDX-License-Identifier: MIT */
/*
 * What libhakmem publishes of itself (include/hakmem_map.h), looked up in a copy of a process's table. Everything in it
 * is the process's to write: reads are bounded, and a lie changes its own rows only. The look-up is pure.
 */
#ifndef PUBLISHED_H
#define PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/types.h"
#include "process/memory.h"

/* Who has an address, by this table. */
struct published {
	enum owner_kind kind;   /* OWNER_ALLOCATOR_*; OWNER_NONE: nothing of libhakmem's is known there */
	uint32_t block_size;    /* OWNER_ALLOCATOR_CLASS: bytes */
	const uint64_t *source; /* the tag, in the copy, that says so; NULL: an extent */
};

struct published published_find(const struct hakmem_map *map, uint64_t address);

/* Does a table lie at this address? */
bool published_is_map(const struct memory *memory, uint64_t address);

/* Copy it, page by page; pages that were never touched, and so say nothing, become zeroes. 0, or -1 when it can't be
 * read (the process has ended) or is no table. */
int published_read(const struct memory *memory, uint64_t address, struct hakmem_map *map);

#endif
