/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Requests of 2 GiB and more: a short list of each space, asked where no node of the request table (table.h) knows;
 * what nodes there are within a request takes its owner.
 */
#ifndef HAKMEM_BPF_TABLE_LONG_H
#define HAKMEM_BPF_TABLE_LONG_H

#include "table_node.h"

/* What a long request does to one node: the part of it that lies within [first, last). */
struct long_fill {
	struct table_node *node;
	__u32 first;
	__u32 owner;
};

/* Split chunks stay split: their leaves are visited on their own. */
REPEATED long long_fill_entry(__u32 index, void *context)
{
	struct long_fill *fill = context;
	__u32 at = (fill->first + index) & (TABLE_FANOUT - 1);

	if (fill->node->owner[at] != OWNER_SPLIT)
		fill->node->owner[at] = fill->owner;
	return 0;
}

#define LONG_LEAF (1U << 31)

/* On its own, with `space` and LONG_LEAF in one, because the verifier allows no more than five arguments. */
__noinline int long_fill_node(__u32 space_and_level, __u64 number, __u64 start, __u64 end, __u32 owner)
{
	bool leaf = space_and_level & LONG_LEAF;
	__u32 space = space_and_level & ~LONG_LEAF, shift = leaf ? PAGE_SHIFT : HAKMEM_CHUNK_SHIFT;
	struct long_fill fill = {.owner = owner};
	__u64 base = number << (shift + 9), last;
	__u32 zero = 0;
	struct table_node *empty = bpf_map_lookup_elem(&empty_node, &zero);

	if (!empty)
		return 0;
	fill.node = leaf ? table_node(&leaves, space, number) : table_node(&middles, space, number);
	if (!fill.node || base >= end || base + (1UL << (shift + 9)) <= start)
		return 0;
	/* Entries that begin within the request. */
	fill.first = start > base ? (start - base + (1UL << shift) - 1) >> shift : 0;
	last = (end - base + (1UL << shift) - 1) >> shift;
	if (last > TABLE_FANOUT)
		last = TABLE_FANOUT;
	/* A zero of which the verifier knows nothing: it would walk the loop once for each way that leads here. */
	fill.first += empty->owner[0];
	last += empty->owner[0];
	if (fill.first < last)
		repeat(last - fill.first, TABLE_FANOUT, long_fill_entry, &fill);
	return 0;
}

/* Along one of a space's lists; `number` is that of the next node, plus one. */
struct long_walk {
	__u64 number;
	__u64 start;
	__u64 end;
	__u32 space;
	__u32 owner;
};

REPEATED long long_fill_leaf(__u32 index, void *context)
{
	struct long_walk *walk = context;
	struct table_node *node = walk->number ? table_node(&leaves, walk->space, walk->number - 1) : NULL;

	if (!node)
		return 1;
	long_fill_node(walk->space | LONG_LEAF, walk->number - 1, walk->start, walk->end, walk->owner);
	walk->number = node->next;
	return 0;
}

REPEATED long long_fill_middle(__u32 index, void *context)
{
	struct long_walk *walk = context;
	struct table_node *node = walk->number ? table_node(&middles, walk->space, walk->number - 1) : NULL;

	if (!node)
		return 1;
	long_fill_node(walk->space, walk->number - 1, walk->start, walk->end, walk->owner);
	walk->number = node->next;
	return 0;
}

/* What a new long request does to the list of those before it. */
struct long_change {
	struct space *space;
	__u64 start;
	__u64 end;
	__u32 over;  /* it replaces them, or else it is older */
	__u32 place; /* of the request itself: the first that is free */
	__u32 free;
	__u32 upper_owner;
	struct address_range upper; /* what lies behind it of one that it cuts in two */
};

/* Clip what the new request replaces; one that is cut in two keeps its lower part here. */
REPEATED long long_clip(__u32 index, void *context)
{
	struct long_change *change = context;
	struct address_range *range = &change->space->long_range[index & (SPACE_LONG_RANGES - 1)];

	if (change->over && range->start < change->end && range->end > change->start) {
		if (range->start >= change->start && range->end <= change->end) {
			range->start = range->end = 0;
		} else if (range->start >= change->start) {
			range->start = change->end;
		} else {
			if (range->end > change->end) {
				change->upper.start = change->end;
				change->upper.end = range->end;
				change->upper_owner = change->space->long_owner[index & (SPACE_LONG_RANGES - 1)];
			}
			range->end = change->start;
		}
	}
	if (!change->free && !range->end) {
		change->free = 1;
		change->place = not_known(index);
	}
	return 0;
}

/* Into change->place, or if none is free in place of the oldest. */
static __always_inline void long_put(struct long_change *change, __u32 owner)
{
	__u32 at = change->place & (SPACE_LONG_RANGES - 1);
	struct space *s = change->space;

	if (!change->free)
		lose(LOSS_TABLE);
	fetch_add(&s->long_next, 1);
	s->long_range[at].start = change->start;
	s->long_range[at].end = change->end;
	s->long_owner[at] = owner;
}

/* What is there keeps what it has. */
static __always_inline void long_enter(struct space *s, __u64 start, __u64 end, __u32 owner)
{
	struct long_change change = {
	    .space = s, .start = start, .end = end, .place = s->long_next, .free = changes_from(0)};

	repeat(SPACE_LONG_RANGES, SPACE_LONG_RANGES, long_clip, &change);
	long_put(&change, owner);
}

/* OWNER_NONE only makes room. On its own, for the stack's sake. */
__noinline int long_replace(__u32 space, __u64 start, __u64 end, __u32 owner)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &space);
	struct long_change change = {.space = s, .start = start, .end = end, .over = true, .free = changes_from(0)};

	if (!s)
		return 0;
	change.place = s->long_next;
	change.upper_owner = changes_from(0);
	repeat(SPACE_LONG_RANGES, SPACE_LONG_RANGES, long_clip, &change);
	if (owner)
		long_put(&change, owner);
	if (!change.upper_owner)
		return 0;
	change.start = change.upper.start;
	change.end = change.upper.end;
	change.over = false;
	change.place = s->long_next;
	change.free = changes_from(0);
	repeat(SPACE_LONG_RANGES, SPACE_LONG_RANGES, long_clip, &change);
	long_put(&change, change.upper_owner);
	return 0;
}

/* A request of several GiB: what lies below it in the nodes takes its owner, the rest is found in the list. */
__noinline int table_set_long(__u32 space, __u64 start, __u64 end, __u32 owner)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &space);
	struct long_walk walk = {.start = start, .end = end, .space = space, .owner = owner};

	if (!s)
		return -1;
	walk.number = s->middles;
	repeat(TABLE_MIDDLES, WALK_MOST, long_fill_middle, &walk);
	walk.number = s->leaves;
	repeat(TABLE_LEAVES, WALK_MOST, long_fill_leaf, &walk);
	long_replace(space, start, end, owner);
	return 0;
}

#define IS_LONG(start, end) ((end) - (start) >= 2UL << GIB_SHIFT)

struct long_find {
	const struct space *space;
	__u64 address;
	__u32 at; /* the request's, and one; 0: none is known */
};

REPEATED long long_find_at(__u32 index, void *context)
{
	struct long_find *find = context;
	const struct address_range *range = &find->space->long_range[index & (SPACE_LONG_RANGES - 1)];

	if (find->address < range->start || find->address >= range->end)
		return 0;
	find->at = index + 1;
	return 1;
}

/* `range`, if wanted: of the request. */
SHARED_FUNCTION __u32 table_find_long(__u32 space, __u64 address, struct address_range *range)
{
	struct long_find find = {
	    .space = bpf_map_lookup_elem(&spaces, &space), .address = address, .at = changes_from(0)};
	__u32 at;

	if (!find.space || !find.space->long_next)
		return OWNER_NONE;
	repeat(SPACE_LONG_RANGES, SPACE_LONG_RANGES, long_find_at, &find);
	if (!find.at)
		return OWNER_NONE;
	at = (find.at - 1) & (SPACE_LONG_RANGES - 1);
	if (range)
		*range = find.space->long_range[at];
	return find.space->long_owner[at];
}

#endif
