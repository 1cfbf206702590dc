/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Where the history of each chunk (history.h) is kept, and how it is found and made.
 */
#ifndef HAKMEM_BPF_HISTORY_NODE_H
#define HAKMEM_BPF_HISTORY_NODE_H

#include "table.h"

/* How many there is room for; the loader makes these three as large (loader/trace/sizes.c). */
volatile __u32 history_chunks = 1;

/* Found by their place. Place 0 is nobody's. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct history);
} histories SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct table_key);
	__type(value, __u32);
} history_places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_histories SEC(".maps");

__u32 next_history = 1;

/* What a new node is made from; never written. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct history);
} empty_history SEC(".maps");

/* 0: none. */
static __always_inline __u32 history_place(__u32 space, __u64 chunk)
{
	struct table_key key = {.space = space, .number = chunk};
	__u32 *place = bpf_map_lookup_elem(&history_places, &key);

	return place ? *place : 0;
}

static __always_inline struct history *history_find(__u32 space, __u64 chunk)
{
	__u32 place = history_place(space, chunk);

	return place ? bpf_map_lookup_elem(&histories, &place) : NULL;
}

/*
 * Where a chunk's place may be found without a look-up in a hash, which takes longer than all else that a fault needs.
 * Neighbours have slots of their own; others may share one, and the latest has it. Only places that are in use are in
 * here, so a node that says it is the chunk's is so.
 */
#define HISTORY_HINTS (1U << 14)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HISTORY_HINTS);
	__type(key, __u32);
	__type(value, __u32);
} history_hints SEC(".maps");

static __always_inline __u32 *history_hint(__u32 space, __u64 chunk)
{
	__u32 at = (chunk + space * 0x9e3779b9) & (HISTORY_HINTS - 1);

	return bpf_map_lookup_elem(&history_hints, &at);
}

/* 0, or what may be the place: the node knows. */
static __always_inline __u32 history_hinted(__u32 space, __u64 chunk)
{
	__u32 *hint = history_hint(space, chunk);

	return hint ? *hint : 0;
}

static __always_inline void history_hint_at(__u32 space, __u64 chunk, __u32 place)
{
	__u32 *hint = history_hint(space, chunk);

	if (hint)
		*hint = place;
}

static __always_inline void history_hint_drop(const struct table_key *key, __u32 place)
{
	__u32 *hint = history_hint(key->space, key->number);

	if (hint && *hint == place)
		*hint = 0;
}

/* NULL unless the place is this chunk's. */
static __always_inline struct history *history_at(__u32 place, __u32 space, __u64 chunk)
{
	struct history *node = bpf_map_lookup_elem(&histories, &place);

	return node && node->chunk == chunk && node->space == space ? node : NULL;
}

/* NULL: there is none, or it is not hinted at. */
static __always_inline struct history *history_near(__u32 space, __u64 chunk)
{
	return history_at(history_hinted(space, chunk), space, chunk);
}

static __always_inline void history_free(__u32 place)
{
	bpf_map_push_elem(&free_histories, &place, 0);
}

/* Enters a copy of `model` for a space's chunk. NULL: there is no room (which is lost), or another thread was first. */
static __always_inline struct history *history_enter(const struct table_key *key, const struct history *model)
{
	struct history *node;
	__u32 place = 0;

	if (bpf_map_pop_elem(&free_histories, &place))
		place = next_history < history_chunks ? fetch_add(&next_history, 1) : history_chunks;
	if (place >= history_chunks || bpf_map_update_elem(&histories, &place, model, BPF_ANY)) {
		lose(LOSS_HISTORY);
		return NULL;
	}
	node = bpf_map_lookup_elem(&histories, &place);
	if (!node)
		return NULL;
	node->owned = 0; /* a copy's is its model's */
	node->chunk = key->number;
	node->space = key->space;
	if (!bpf_map_update_elem(&history_places, key, &place, BPF_NOEXIST))
		return node;
	node->space = 0;
	history_free(place);
	return NULL;
}

HISTORY_FUNCTION int history_make(__u32 space, __u64 chunk)
{
	struct table_key key = {.space = space, .number = chunk};
	struct space *s = bpf_map_lookup_elem(&spaces, &space);
	struct history *node;
	__u32 zero = 0;

	if (!HISTORY_KEPT)
		return -1;
	node = bpf_map_lookup_elem(&empty_history, &zero);
	if (!s || !node)
		return -1;
	node = history_enter(&key, node);
	if (node)
		node->next = exchange(&s->history, chunk);
	return 0;
}

#endif
