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

#include "account.h"

/* The loader sets how many there are (loader/trace/sizes.c). */
#define TABLE_LEAVES  65536
#define TABLE_MIDDLES 32768

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TABLE_LEAVES);
	__type(key, struct table_key);
	__type(value, struct table_node);
} leaves SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TABLE_MIDDLES);
	__type(key, struct table_key);
	__type(value, struct table_node);
} middles SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SPACES_MOST);
	__type(key, __u32);
	__type(value, struct space);
} spaces SEC(".maps");

/* Grows with each change of any table: what was found before may no longer hold. */
volatile __u64 table_generation = 0;

/* A node is too large for the BPF stack; it is put together here. Two may be needed at once, by preemption. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table_node);
} empty_node SEC(".maps");

#define CHUNK_OF(address) ((address) >> HAKMEM_CHUNK_SHIFT)
#define GIB_OF(address)   ((address) >> GIB_SHIFT)

static __always_inline struct table_node *table_node(void *map, __u32 space, __u64 number)
{
	struct table_key key = {.space = space, .number = number};

	return bpf_map_lookup_elem(map, &key);
}

/* A new node comes first in its space's list. */
static __always_inline void table_link(void *map, const struct table_key *key)
{
	__u32 space = key->space;
	struct space *s = bpf_map_lookup_elem(&spaces, &space);
	struct table_node *node = bpf_map_lookup_elem(map, key);
	__u64 *head;

	if (!s || !node)
		return;
	head = map == &leaves ? &s->leaves : &s->middles;
	/* Linked before it is found from the head: a fork may be walking the list for another thread. */
	for (int tries = 0; tries < 16; tries++) {
		node->next = *(volatile __u64 *)head;
		if (compare_exchange(head, node->next, key->number + 1) == node->next)
			return;
	}
	lose(LOSS_TABLE);
}

/* The caller has the key: two of its own would be too much for BPF's stack. */
static __always_inline struct table_node *table_node_make(void *map, const struct table_key *key)
{
	struct table_node *node = bpf_map_lookup_elem(map, key);
	__u32 zero = 0;

	if (node)
		return node;
	node = bpf_map_lookup_elem(&empty_node, &zero);
	if (!node)
		return NULL;
	if (!bpf_map_update_elem(map, key, node, BPF_NOEXIST))
		table_link(map, key);
	node = bpf_map_lookup_elem(map, key);
	if (!node)
		lose(LOSS_TABLE);
	return node;
}

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
};

/* Clip what the new request replaces; one that is cut in two keeps its lower part. */
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
			if (range->end > change->end)
				lose(LOSS_TABLE); /* the upper part has no slot of its own */
			range->end = change->start;
		}
	}
	if (!change->free && !range->end) {
		change->free = 1;
		change->place = index;
	}
	return 0;
}

/* OWNER_NONE only makes room. */
static __always_inline void long_enter(struct space *s, __u64 start, __u64 end, __u32 owner, bool over)
{
	struct long_change change = {
	    .space = s, .start = start, .end = end, .over = over, .place = s->long_next, .free = changes_from(0)};
	__u32 at;

	repeat(SPACE_LONG_RANGES, SPACE_LONG_RANGES, long_clip, &change);
	if (!owner)
		return;
	if (!change.free)
		lose(LOSS_TABLE); /* all in use: the oldest goes */
	fetch_add(&s->long_next, 1);
	at = change.place & (SPACE_LONG_RANGES - 1);
	s->long_range[at].start = start;
	s->long_range[at].end = end;
	s->long_owner[at] = owner;
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
	long_enter(s, start, end, owner, true);
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

#define IS_LONG(start, end) ((end) - (start) >= 2UL << GIB_SHIFT)

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

__noinline __u32 table_find_long(__u32 space, __u64 address)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &space);

	if (!s || !s->long_next)
		return OWNER_NONE;
	for (__u32 i = 0; i < SPACE_LONG_RANGES; i++)
		if (address >= s->long_range[i].start && address < s->long_range[i].end)
			return s->long_owner[i];
	return OWNER_NONE;
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
		owner = table_find_long(space, address);
	return owner;
}

/* Found ranges end at multiples of this, which is also libhakmem's slab. */
#define WINDOW_PAGES (1 << (HAKMEM_SLAB_SHIFT - PAGE_SHIFT))

/*
 * How far around an address the table says the same as there: its chunk when that is whole, else the window of 64 KiB
 * when that is. Returns 0 when neither is, or the table doesn't know.
 */
static __always_inline int table_extent(__u32 space, __u64 address, __u64 *start, __u64 *end)
{
	struct table_node *node = table_node(&middles, space, GIB_OF(address));
	__u32 owner, first = address >> PAGE_SHIFT & (TABLE_FANOUT - 1) & ~(WINDOW_PAGES - 1);

	owner = node ? node->owner[CHUNK_OF(address) & (TABLE_FANOUT - 1)] : OWNER_NONE;
	if (owner != OWNER_SPLIT) {
		*start = address & ~((1UL << HAKMEM_CHUNK_SHIFT) - 1);
		*end = *start + (1UL << HAKMEM_CHUNK_SHIFT);
		return owner != OWNER_NONE;
	}
	node = table_node(&leaves, space, CHUNK_OF(address));
	if (!node || first > TABLE_FANOUT - WINDOW_PAGES)
		return 0;
	for (__u32 i = 1; i < WINDOW_PAGES; i++)
		if (node->owner[first + i] != node->owner[first])
			return 0;
	*start = address & ~((1UL << HAKMEM_SLAB_SHIFT) - 1);
	*end = *start + (1UL << HAKMEM_SLAB_SHIFT);
	return node->owner[first] != OWNER_NONE;
}

/* A walk along one of a space's lists, to copy or to drop its nodes. */
struct walk {
	__u32 from;
	__u32 to;
	__u64 number; /* of the next node, plus one */
};

static __always_inline long copy_next(void *map, struct walk *walk)
{
	struct table_key key = {.space = walk->to, .number = walk->number - 1};
	struct table_node *node = walk->number ? table_node(map, walk->from, walk->number - 1) : NULL;

	if (!node)
		return 1;
	if (bpf_map_update_elem(map, &key, node, BPF_ANY))
		return 1; /* the copies' list ends here: the next of it isn't there */
	walk->number = node->next;
	return 0;
}

REPEATED long copy_next_leaf(__u32 index, void *context)
{
	return copy_next(&leaves, context);
}

REPEATED long copy_next_middle(__u32 index, void *context)
{
	return copy_next(&middles, context);
}

static __always_inline long drop_next(void *map, struct walk *walk)
{
	struct table_key key = {.space = walk->from, .number = walk->number - 1};
	struct table_node *node = walk->number ? bpf_map_lookup_elem(map, &key) : NULL;

	if (!node)
		return 1;
	walk->number = node->next;
	bpf_map_delete_elem(map, &key);
	return 0;
}

REPEATED long drop_next_leaf(__u32 index, void *context)
{
	return drop_next(&leaves, context);
}

REPEATED long drop_next_middle(__u32 index, void *context)
{
	return drop_next(&middles, context);
}

/* It ended before its list did: the map is full, or the list too long for this kernel. */
static __always_inline void table_walked(const struct walk *walk)
{
	if (walk->number)
		lose(LOSS_TABLE);
}

/* A copied node names the same next one, so the copies are a list too. */
static __always_inline void table_copy(struct space *from, struct space *to, __u32 from_number, __u32 to_number)
{
	struct walk walk = {.from = from_number, .to = to_number};

	to->middles = *(volatile __u64 *)&from->middles; /* another thread may put a new one before it */
	to->leaves = *(volatile __u64 *)&from->leaves;
	walk.number = to->middles;
	repeat(TABLE_MIDDLES, WALK_MOST, copy_next_middle, &walk);
	table_walked(&walk);
	walk.number = to->leaves;
	repeat(TABLE_LEAVES, WALK_MOST, copy_next_leaf, &walk);
	table_walked(&walk);
}

static __always_inline void table_drop(struct space *s, __u32 space)
{
	struct walk walk = {.from = space, .number = s->middles};

	repeat(TABLE_MIDDLES, WALK_MOST, drop_next_middle, &walk);
	table_walked(&walk);
	walk.number = s->leaves;
	repeat(TABLE_LEAVES, WALK_MOST, drop_next_leaf, &walk);
	table_walked(&walk);
}

#endif
