/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The request table: for each address space, who asked for each page.
 *
 * VMAs can't answer that: the kernel merges neighbours, so three mallocs and an mmap may be one VMA. The table keeps
 * what system calls requested, as a page table does: a middle node covers 1 GiB with one owner per 2 MiB chunk; a chunk
 * that several requests share has a leaf with one owner per page. Requests of 2 GiB and more (reservations) go to a
 * short list that is asked last.
 *
 * A chunk that was split stays split until its space ends, so that two threads can set parts of it at once without a
 * lock: nodes are only ever added. Look-up: one or two hash look-ups, no loops. A space's nodes are two lists, so that
 * fork, exit and long requests visit those only.
 *
 * Functions are global where the verifier's limit of eight frames allows, so that it checks each once a program.
 */
#ifndef HAKMEM_BPF_TABLE_H
#define HAKMEM_BPF_TABLE_H

#include "table_long.h"

/* What a loop fills a node with. bpf_loop, because the verifier would walk 512 iterations in every program. */
struct fill {
	__u32 space;
	__u16 first;        /* of the node's entries */
	__u16 only_unknown; /* leave what somebody has */
	__u64 base;         /* middle node: number of its first chunk */
	struct table_node *node;
	__u32 owner;
};

REPEATED long fill_page(__u32 index, void *context)
{
	struct fill *fill = context;
	__u32 at = (fill->first + index) & (TABLE_FANOUT - 1);

	if (!fill->only_unknown || !fill->node->owner[at])
		fill->node->owner[at] = fill->owner;
	return 0;
}

/* Pages [first, last) of one chunk, as last << 16 | first: a global function takes five arguments. */
__noinline int table_set_pages(__u32 space, __u64 chunk, __u32 pages, __u32 owner, __u32 only_unknown)
{
	struct table_key key = {.space = space, .number = chunk >> 9};
	struct table_node *middle = table_node_make(&middles, &key);
	struct fill fill = {.only_unknown = true};
	__u32 *entry, last = pages >> 16;

	if (!middle)
		return -1;
	entry = &middle->owner[chunk & (TABLE_FANOUT - 1)];
	fill.owner = *entry;
	key.number = chunk;
	fill.node = table_node_make(&leaves, &key);
	if (!fill.node)
		return -1;
	if (fill.owner != OWNER_SPLIT) {
		/* The leaf's empty entries take the owner that the whole chunk had. */
		if (fill.owner)
			repeat(TABLE_FANOUT, TABLE_FANOUT, fill_page, &fill);
		compare_exchange(entry, fill.owner, OWNER_SPLIT);
	}
	fill.owner = owner;
	fill.only_unknown = only_unknown;
	fill.first = pages & 0xffff;
	if (fill.first < last && last <= TABLE_FANOUT)
		repeat(last - fill.first, TABLE_FANOUT, fill_page, &fill);
	return 0;
}

REPEATED long fill_chunk(__u32 index, void *context)
{
	struct fill *fill = context;
	__u32 at = (fill->first + index) & (TABLE_FANOUT - 1);

	if (fill->node->owner[at] == OWNER_SPLIT)
		table_set_pages(fill->space, fill->base + at, TABLE_FANOUT << 16, fill->owner, fill->only_unknown);
	else if (!fill->only_unknown || !fill->node->owner[at])
		fill->node->owner[at] = fill->owner;
	return 0;
}

/* Whole chunks [first, last) of one middle node. */
__noinline int table_set_chunks(__u32 space, __u64 gib, __u32 chunks, __u32 owner, __u32 only_unknown)
{
	__u32 first = chunks & 0xffff, last = chunks >> 16;
	struct table_key key = {.space = space, .number = gib};
	struct fill fill = {
	    .space = space,
	    .first = first,
	    .owner = owner,
	    .only_unknown = only_unknown,
	    .base = gib << 9,
	    .node = table_node_make(&middles, &key),
	};

	if (!fill.node)
		return -1;
	if (first < last && last <= TABLE_FANOUT)
		repeat(last - first, TABLE_FANOUT, fill_chunk, &fill);
	return 0;
}

/* [start, end) within one GiB. Inlined: the verifier allows eight frames. */
static __always_inline int table_set_within(__u32 space, __u64 start, __u64 end, __u32 owner, __u32 only_unknown)
{
	__u64 first = CHUNK_OF(start), last = CHUNK_OF(end);
	__u32 first_page = start >> PAGE_SHIFT & (TABLE_FANOUT - 1);
	__u32 last_page = end >> PAGE_SHIFT & (TABLE_FANOUT - 1);

	if (start >= end)
		return 0;
	if (first == last)
		return table_set_pages(space, first, last_page << 16 | first_page, owner, only_unknown);
	if (first_page) {
		table_set_pages(space, first, TABLE_FANOUT << 16 | first_page, owner, only_unknown);
		first++;
	}
	if (first < last) {
		__u32 from = first & (TABLE_FANOUT - 1);

		table_set_chunks(space, first >> 9, (__u32)(from + (last - first)) << 16 | from, owner, only_unknown);
	}
	if (last_page)
		table_set_pages(space, last, last_page << 16, owner, only_unknown);
	return 0;
}

/* Less than 2 GiB, so at most three middle nodes. */
__noinline int table_set_short(__u32 space, __u64 start, __u64 end, __u32 owner, __u32 only_unknown)
{
	__u64 boundary = (GIB_OF(start) + 1) << GIB_SHIFT;

	if (end <= boundary)
		return table_set_within(space, start, end, owner, only_unknown);
	table_set_within(space, start, boundary, owner, only_unknown);
	if (end <= boundary + (1UL << GIB_SHIFT))
		return table_set_within(space, boundary, end, owner, only_unknown);
	table_set_within(space, boundary, boundary + (1UL << GIB_SHIFT), owner, only_unknown);
	return table_set_within(space, boundary + (1UL << GIB_SHIFT), end, owner, only_unknown);
}

/* [start, end) belongs to owner from now on; OWNER_NONE: it is unmapped. */
__noinline int table_set(__u32 space, __u64 start, __u64 end, __u32 owner)
{
	start = PAGE_ALIGN_DOWN(start);
	end = PAGE_ALIGN(end);
	if (!space || start >= end || end >> 47)
		return 0;
	if (IS_LONG(start, end))
		table_set_long(space, start, end, owner);
	else
		table_set_short(space, start, end, owner, 0);
	add(table_generation, 1); /* after the change: whoever looked before it has the old number */
	return 0;
}

static __always_inline __u32 table_find(__u32 space, __u64 address)
{
	struct table_node *node = table_node(&middles, space, GIB_OF(address));
	__u32 owner = OWNER_NONE;

	if (node)
		owner = node->owner[CHUNK_OF(address) & (TABLE_FANOUT - 1)];
	if (owner == OWNER_SPLIT) {
		node = table_node(&leaves, space, CHUNK_OF(address));
		owner = node ? node->owner[address >> PAGE_SHIFT & (TABLE_FANOUT - 1)] : OWNER_NONE;
	}
	if (owner == OWNER_NONE)
		owner = table_find_long(space, address, NULL);
	return owner;
}

/* Found ranges end at multiples of this, which is also libhakmem's slab. */
#define WINDOW_PAGES (1 << (HAKMEM_SLAB_SHIFT - PAGE_SHIFT))

static __always_inline void range_around(struct address_range *range, __u64 address, __u32 shift)
{
	range->start = address >> shift << shift;
	range->end = range->start + (1UL << shift);
}

/* Of a chunk that several requests share. */
static __always_inline __u32 leaf_around(__u32 space, __u64 address, struct address_range *range)
{
	struct table_node *node = table_node(&leaves, space, CHUNK_OF(address));
	__u32 page = address >> PAGE_SHIFT & (TABLE_FANOUT - 1), first = page & ~(WINDOW_PAGES - 1), owner;

	if (!node)
		return OWNER_NONE;
	owner = node->owner[page];
	for (__u32 i = 0; i < WINDOW_PAGES; i++)
		if (node->owner[(first + i) & (TABLE_FANOUT - 1)] != owner)
			return owner;
	if (owner)
		range_around(range, address, HAKMEM_SLAB_SHIFT);
	return owner;
}

/* Of a chunk that no node knows. */
static __always_inline __u32 long_around(__u32 space, __u64 address, struct address_range *range)
{
	struct address_range request = {};
	__u32 owner = table_find_long(space, address, &request);

	range_around(range, address, HAKMEM_CHUNK_SHIFT);
	if (range->start < request.start || range->end > request.end)
		range->end = 0;
	return owner;
}

/*
 * As table_find(), and in `range`, which is empty, how far around it the table says the same: its chunk when that is
 * whole, else the window of 64 KiB when that is.
 */
static __always_inline __u32 table_around(__u32 space, __u64 address, struct address_range *range)
{
	struct table_node *node = table_node(&middles, space, GIB_OF(address));
	__u32 owner = node ? node->owner[CHUNK_OF(address) & (TABLE_FANOUT - 1)] : OWNER_NONE;

	if (owner == OWNER_NONE)
		return long_around(space, address, range);
	if (owner != OWNER_SPLIT) {
		range_around(range, address, HAKMEM_CHUNK_SHIFT);
		return owner;
	}
	owner = leaf_around(space, address, range);
	return owner ? owner : table_find_long(space, address, NULL);
}

#endif
