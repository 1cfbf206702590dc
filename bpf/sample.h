/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Of the pages that the kernel zeroes some are sampled, so that they can be looked at when they are given back
 * (waste.h). Which ones is left to chance and never to a pattern: zeroed memory is a stream of pages, cut into blocks
 * of `stride` pages, and of each block one page is drawn, which stands for all. The stride begins at one and doubles
 * with every 256 samples of the run, so a run takes some thousand at most however much it zeroes, and of a small one
 * all is looked at. What is drawn depends on nothing but the past, so sums of weights are unbiased.
 *
 * Faults pay for it by a comparison and a subtraction; what more there is to do comes with the samples.
 *
 * A space's sampled pages are bits in nodes of 2 MiB chunks, which are a list, as the history's are. With so few
 * samples nothing has to be taken out of the maps before the run ends.
 */
#ifndef HAKMEM_BPF_SAMPLE_H
#define HAKMEM_BPF_SAMPLE_H

#include "history.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ACCOUNT_ROWS);
	__type(key, struct aside_key);
	__type(value, struct aside);
} asides SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SAMPLES);
	__type(key, struct table_key); /* number: of the page */
	__type(value, struct sampled_page);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SAMPLES);
	__type(key, struct table_key);
	__type(value, struct sampled_chunk);
} sampled_chunks SEC(".maps");

#define SAMPLES_A_FAULT 128 /* at most: of a huge page, or of a populated range */

__u32 samples_taken = 0; /* in this run */

static const struct aside aside_zero;
static const struct sampled_chunk sampled_chunk_zero;

static __always_inline struct aside *aside_row(const struct aside_key *key)
{
	struct aside *row = bpf_map_lookup_elem(&asides, key);

	if (row)
		return row;
	bpf_map_update_elem(&asides, key, &aside_zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&asides, key);
}

static __always_inline struct sampled_chunk *sampled_chunk(__u32 space, __u64 chunk)
{
	struct table_key key = {.space = space, .number = chunk};

	return bpf_map_lookup_elem(&sampled_chunks, &key);
}

static __always_inline struct sampled_chunk *sampled_chunk_make(__u32 space, __u64 chunk)
{
	struct table_key key = {.space = space, .number = chunk};
	struct sampled_chunk *node = bpf_map_lookup_elem(&sampled_chunks, &key);
	struct space *s;

	if (node)
		return node;
	s = bpf_map_lookup_elem(&spaces, &space);
	if (!s || bpf_map_update_elem(&sampled_chunks, &key, &sampled_chunk_zero, BPF_NOEXIST))
		return NULL; /* there is no room, or another thread was first */
	node = bpf_map_lookup_elem(&sampled_chunks, &key);
	if (!node)
		return NULL;
	node->next = exchange(&s->sampled, chunk);
	fetch_add(&s->sampled_chunks, 1);
	return node;
}

/* On its own, so that the verifier walks it once a program. */
SHARED_FUNCTION int sample_keep(__u32 space, __u64 page, __u32 owner, __u32 block_size, __u64 weight)
{
	struct table_key key = {.space = space, .number = page};
	struct sampled_page sample = {.key = {owner, block_size}, .weight = weight};
	struct sampled_chunk *node = sampled_chunk_make(space, page / TABLE_FANOUT);

	if (node && !bpf_map_update_elem(&samples, &key, &sample, BPF_ANY))
		__sync_fetch_and_or(&node->pages[page / 64 & (SAMPLE_WORDS - 1)], 1ULL << (page & 63));
	return 0;
}

/* Pages of one fault or call, some of which are sampled: one of each of `count` equal parts. */
struct sampling {
	__u64 first; /* page */
	__u64 pages;
	__u64 count;
	__u64 weight; /* of them all */
	__u32 space;
	struct aside_key key;
};

REPEATED long sample_take(__u32 index, void *context)
{
	struct sampling *sampling = context;
	__u64 count = sampling->count, from = index * sampling->pages / count;
	__u64 room = (index + 1) * sampling->pages / count - from;

	sample_keep(sampling->space, sampling->first + from + bpf_get_prandom_u32() % room, sampling->key.owner,
	    sampling->key.block_size, (index + 1) * sampling->weight / count - index * sampling->weight / count);
	return 0;
}

/* A page of the stream's next block is drawn; `left` pages come before that block. */
static __always_inline void sample_draw(struct task_state *state, __u64 left)
{
	__u32 doublings = samples_taken / SAMPLES_A_STRIDE;
	__u32 stride = 1U << (doublings > SAMPLE_DOUBLINGS ? SAMPLE_DOUBLINGS : doublings);
	__u32 at = bpf_get_prandom_u32() & (stride - 1);

	state->sample_in = (left + at) << PAGE_SHIFT;
	state->sample_left = stride - 1 - at;
	state->sample_stride = stride;
}

/*
 * Of `bytes` that were just zeroed more than state->sample_in: how many pages are drawn. The page after the next ones
 * is drawn, too. All blocks that begin among them are as long as the first.
 */
static __always_inline __u64 samples_drawn(struct task_state *state, __u64 bytes)
{
	__u64 rest = ((bytes - state->sample_in) >> PAGE_SHIFT) - 1, drawn = 1;
	__u32 stride = state->sample_stride, at;

	if (rest <= state->sample_left) {
		sample_draw(state, state->sample_left - rest);
		return drawn;
	}
	rest -= state->sample_left;
	drawn += rest / stride;
	rest &= stride - 1;
	at = bpf_get_prandom_u32() & (stride - 1);
	if (!rest || at < rest) {
		drawn += !!rest;
		sample_draw(state, rest ? stride - rest : 0);
	} else {
		state->sample_in = (at - rest) << PAGE_SHIFT;
		state->sample_left = stride - 1 - at;
	}
	return drawn;
}

/* Shared memory outlives whoever gives it back, files' pages get the file's content, and the kernel's have no address.
 */
static __always_inline bool is_sampled(__u32 kind)
{
	return kind && kind != OWNER_FILE && kind != OWNER_FILE_PRIVATE && kind != OWNER_SHARED &&
	       kind < OWNER_KERNEL_PAGE_TABLE;
}

/* `bytes` were zeroed for these pages, which state->place owns. On its own, so that the verifier walks it once a
 * program. */
HISTORY_FUNCTION int waste_zeroed(__u64 first, __u64 pages, __u64 bytes)
{
	struct task_state *state = task_known();
	struct sampling sampling;
	struct aside *row;
	__u64 drawn;

	if (!SAMPLES_KEPT || !state || !pages || !bytes)
		return 0;
	if (!state->sample_stride)
		sample_draw(state, 0);
	if (bytes <= state->sample_in) {
		state->sample_in -= bytes;
		return 0;
	}
	sampling.weight = state->sample_stride;
	drawn = samples_drawn(state, bytes);
	if (!is_sampled(OWNER_KIND(state->place.key.owner)))
		return 0;
	sampling.weight *= drawn;
	sampling.first = first;
	sampling.pages = pages;
	sampling.count = drawn > SAMPLES_A_FAULT ? SAMPLES_A_FAULT : drawn;
	if (sampling.count > pages)
		sampling.count = pages;
	sampling.space = state->space;
	sampling.key = (struct aside_key){state->place.key.owner, state->place.key.block_size};
	fetch_add(&samples_taken, sampling.count);
	row = aside_row(&sampling.key);
	if (!row)
		return 0;
	add(row->sampled, sampling.count);
	add(row->sampled_weight, sampling.weight);
	repeat(sampling.count, SAMPLES_A_FAULT, sample_take, &sampling);
	return 0;
}

/* Whether the pending fault's pages can't be passed over. For each fault: see settle_quickly(). */
static __always_inline bool sample_due(const struct task_state *state)
{
	return SAMPLES_KEPT && state->fault.zeroed_bytes > state->sample_in;
}

static __always_inline void sample_pass(struct task_state *state)
{
	if (SAMPLES_KEPT)
		state->sample_in -= state->fault.zeroed_bytes;
}

/* In the fault at `address`, for a folio of 2^order pages. Hugetlb pages' order is not seen, but their bytes are. */
static __always_inline void waste_fault(struct task_state *state)
{
	__u64 bytes = state->fault.zeroed_bytes;
	__u32 order = state->order & 31;

	if (!SAMPLES_KEPT || !bytes)
		return;
	if (!order && bytes >= 1UL << HAKMEM_CHUNK_SHIFT)
		order = (bytes >= 1UL << GIB_SHIFT ? GIB_SHIFT : HAKMEM_CHUNK_SHIFT) - PAGE_SHIFT;
	waste_zeroed(state->address >> PAGE_SHIFT >> order << order, 1UL << order, bytes);
}

#endif
