// SPDX-License-Identifier: MIT
/*
 * pagemap: writing the two-level table. Readers take no lock: a leaf is complete (zeroed) before the root names it, and
 * a chunk's descriptor before the leaf does.
 */
#include "pagemap.h"

#include "metadata.h"

TABLE(hakmem_pagemap, 196608);
_Static_assert(sizeof(struct pagemap) == 196608, "the table's size");

static COMPACT bool first_leaf_taken;
COMPACT uintptr_t pagemap_first = PAGEMAP_FIRST_NONE;

static struct pagemap_leaf *leaf_for(size_t root)
{
	struct pagemap_leaf *expected = NULL;
	struct pagemap_leaf *leaf;

	/* A write that changes nothing, unless there is a leaf: the root's page, fresh at start-up, then takes one
	 * fault and not one to read and another to write. */
	if (!__atomic_compare_exchange_n(
	        &pagemap.root[root], &expected, NULL, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return expected;
	if (!__atomic_exchange_n(&first_leaf_taken, true, __ATOMIC_RELAXED))
		leaf = &pagemap.first_leaf;
	else
		leaf = metadata_allocate(sizeof(*leaf));
	if (leaf == NULL)
		return NULL;
	/* Who loses this race leaks a leaf's address space, not its pages: it was never touched. */
	if (!__atomic_compare_exchange_n(
	        &pagemap.root[root], &expected, leaf, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return expected;
	if (leaf == &pagemap.first_leaf)
		__atomic_store_n(&pagemap_first, root << PAGEMAP_LEAF_BITS, __ATOMIC_RELAXED);
	return leaf;
}

bool pagemap_insert(struct chunk *chunk)
{
	uintptr_t number = (uintptr_t)chunk->base >> HAKMEM_CHUNK_SHIFT;
	size_t root = number >> PAGEMAP_LEAF_BITS;
	struct pagemap_leaf *leaf = root < PAGEMAP_ROOT_ENTRIES ? leaf_for(root) : NULL;

	if (leaf == NULL)
		return false;
	__atomic_store_n(&leaf->chunk[number & (PAGEMAP_LEAF_ENTRIES - 1)], chunk, __ATOMIC_RELEASE);
	return true;
}

void pagemap_remove(const struct chunk *chunk)
{
	uintptr_t number = (uintptr_t)chunk->base >> HAKMEM_CHUNK_SHIFT;
	struct pagemap_leaf *leaf = __atomic_load_n(&pagemap.root[number >> PAGEMAP_LEAF_BITS], __ATOMIC_ACQUIRE);

	__atomic_store_n(&leaf->chunk[number & (PAGEMAP_LEAF_ENTRIES - 1)], NULL, __ATOMIC_RELEASE);
}
