/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* A space's nodes of the request table (table.h), when it is forked or ends. */
#ifndef HAKMEM_BPF_TABLE_COPY_H
#define HAKMEM_BPF_TABLE_COPY_H

#include "table_node.h"

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
