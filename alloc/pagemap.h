/* SPDX-License-Identifier: MIT */
/*
 * From an address to its chunk: a two-level table by address >> 21. The root lies in bss, leaves come on demand, and an
 * address that is not ours finds NULL. Nothing at or near the address itself is ever read.
 *
 * Only chunks at which one of our mappings starts are entered: a pointer into the middle of a large block is foreign.
 */
#ifndef HAKMEM_PAGEMAP_H
#define HAKMEM_PAGEMAP_H

#include "common.h"

enum chunk_kind {
	CHUNK_SUPERSLAB = 1,
	CHUNK_MEDIUM = 2,
	CHUNK_LARGE = 3,
	CHUNK_HARDENED = 4, /* hardened mode: blocks of up to 1 MiB */
	CHUNK_HARDENED_LARGE = 5,
};

/* The head of each kind's own descriptor. */
struct chunk {
	enum chunk_kind kind;
	char *base; /* where the memory begins */
};

static inline bool chunk_is_hardened(const struct chunk *chunk)
{
	return chunk->kind >= CHUNK_HARDENED;
}

#define PAGEMAP_ADDRESS_BITS 48 /* user addresses without an explicit wish for more, x86-64 and AArch64 */
#define PAGEMAP_LEAF_BITS    14 /* a leaf covers 32 GiB */
#define PAGEMAP_LEAF_ENTRIES ((size_t)1 << PAGEMAP_LEAF_BITS)
#define PAGEMAP_ROOT_ENTRIES ((size_t)1 << (PAGEMAP_ADDRESS_BITS - HAKMEM_CHUNK_SHIFT - PAGEMAP_LEAF_BITS))

struct pagemap_leaf {
	struct chunk *chunk[PAGEMAP_LEAF_ENTRIES];
};

extern HIDDEN struct pagemap {
	struct pagemap_leaf *root[PAGEMAP_ROOT_ENTRIES];
	struct pagemap_leaf first_leaf; /* nearly every process needs just one */
} pagemap __asm__("hakmem_pagemap");

/* The number (address >> HAKMEM_CHUNK_SHIFT) of the first chunk in the first leaf; none before there is one. */
extern HIDDEN uintptr_t pagemap_first;
#define PAGEMAP_FIRST_NONE ((uintptr_t)1 << 62)

static inline struct chunk *pagemap_find(const void *address)
{
	uintptr_t number = (uintptr_t)address >> HAKMEM_CHUNK_SHIFT;
	uintptr_t index = number - __atomic_load_n(&pagemap_first, __ATOMIC_RELAXED);
	size_t root = number >> PAGEMAP_LEAF_BITS;
	struct pagemap_leaf *leaf;

	if (LIKELY(index < PAGEMAP_LEAF_ENTRIES))
		return __atomic_load_n(&pagemap.first_leaf.chunk[index], __ATOMIC_ACQUIRE);
	if (UNLIKELY(root >= PAGEMAP_ROOT_ENTRIES))
		return NULL;
	leaf = __atomic_load_n(&pagemap.root[root], __ATOMIC_ACQUIRE);
	if (UNLIKELY(leaf == NULL))
		return NULL;
	return __atomic_load_n(&leaf->chunk[number & (PAGEMAP_LEAF_ENTRIES - 1)], __ATOMIC_ACQUIRE);
}

/* Enters a chunk; false when the address is out of bounds or there is no memory for a leaf. */
bool pagemap_insert(struct chunk *chunk);
void pagemap_remove(const struct chunk *chunk);

#endif
