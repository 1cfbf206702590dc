/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What the request table said of a chunk, kept beside the history of its pages: whoever touches a page here and a page
 * there pays for no look-up in a hash. It is good for one owner, of whom it has the windows of 64 KiB that are all its,
 * and while no table has changed since.
 */
#ifndef HAKMEM_BPF_OWNED_H
#define HAKMEM_BPF_OWNED_H

#include "history_node.h"

#define OWNED_WINDOWS     0xffffffffULL /* all of a chunk */
#define OWNED_BY(owned)   ((__u32)((owned) >> 32))
#define OWNED_AT(address) ((address) >> HAKMEM_SLAB_SHIFT & (HAKMEM_CHUNK_SLABS - 1))

_Static_assert(HAKMEM_CHUNK_SLABS == 32, "a chunk has a bit for each window");

/* The owner above the windows; 0: nothing is known. Read twice, for another thread may be noting something newer. */
static __always_inline __u64 owned_read(const struct history *node, __u64 generation)
{
	__u64 owned;

	if (*(volatile const __u64 *)&node->owned_generation != generation)
		return 0;
	owned = *(volatile const __u64 *)&node->owned;
	return *(volatile const __u64 *)&node->owned_generation == generation ? owned : 0;
}

/* Whose the address is, and the range around it, as table_around() has them. */
static __always_inline __u32 owned_find(__u64 owned, __u64 address, struct address_range *range)
{
	if (!(owned >> OWNED_AT(address) & 1))
		return OWNER_NONE;
	range_around(range, address, (owned & OWNED_WINDOWS) == OWNED_WINDOWS ? HAKMEM_CHUNK_SHIFT : HAKMEM_SLAB_SHIFT);
	return OWNED_BY(owned);
}

/* If another thread is at it, this one's is not kept. */
static __always_inline void owned_note(
    struct history *node, __u32 owner, __u64 address, const struct address_range *range, __u64 generation)
{
	__u64 windows =
	    range->end - range->start == 1UL << HAKMEM_CHUNK_SHIFT ? OWNED_WINDOWS : 1ULL << OWNED_AT(address);
	__u64 before;

	if (compare_exchange(&node->owned_lock, 0, 1))
		return;
	before = owned_read(node, generation);
	if (OWNED_BY(before) == owner)
		windows |= before & OWNED_WINDOWS;
	node->owned_generation = ~0ULL; /* none's */
	barrier();
	node->owned = (__u64)owner << 32 | windows;
	barrier();
	node->owned_generation = generation;
	barrier();
	node->owned_lock = 0;
}

/* As table_around(). On its own, so that the verifier walks it once a program. */
SHARED_FUNCTION __u32 owner_around(__u32 space, __u64 address, struct address_range *range)
{
	__u64 generation = table_generation;
	struct history *node = NULL;
	__u32 owner = OWNER_NONE;

	if (!range)
		return OWNER_NONE;
	if (HISTORY_KEPT)
		node = history_near(space, address >> HAKMEM_CHUNK_SHIFT);
	if (node)
		owner = owned_find(owned_read(node, generation), address, range);
	if (owner)
		return owner;
	owner = table_around(space, address, range);
	if (node && owner && range->end)
		owned_note(node, owner, address, range, generation);
	return owner;
}

#endif
