/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The request table's nodes (table.h): its maps, and how a node is found and made.
 */
#ifndef HAKMEM_BPF_TABLE_NODE_H
#define HAKMEM_BPF_TABLE_NODE_H

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

#endif
