/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Waste: pages that the kernel zeroed and that hold nothing but zeroes when they are given back, so that nothing but
 * zeroes was ever stored in them (they may have been read).
 *
 * A sampled page (sample.h) is read when its memory is about to go: before munmap, a purging madvise, mmap over it, a
 * shrinking brk or mremap, execve, and exit. Reading must not fault: what is not there any more (swapped out, or gone
 * behind our back) counts as sampled and not as checked. mremap takes the samples along.
 */
#ifndef HAKMEM_BPF_WASTE_H
#define HAKMEM_BPF_WASTE_H

#include "sample.h"

enum waste_action {
	WASTE_LOOK,
	WASTE_MOVE,
};

/* How a walk along sampled pages goes. */
struct waste_walk {
	__u64 start; /* numbers of pages */
	__u64 end;
	__u64 chunk;
	__u64 moved; /* how many pages further up the memory is now */
	__u32 space;
	__u32 action;   /* enum waste_action */
	__u32 readable; /* the space's memory is that of the current task */
	__u32 reserved;
};

/* Along the pages of one of a chunk's words. */
struct waste_word_walk {
	__u64 pages; /* still to come */
	__u64 first;
	__u64 moved;
	__u32 space;
	__u32 action;
	__u32 readable;
};

/* A page that is looked at. */
struct waste_look {
	__u64 address;
	__u64 found; /* not only zeroes */
	__u64 unreadable;
};

#define LOOK_BYTES 128UL /* at once */

REPEATED long look_at_part(__u32 index, void *context)
{
	struct waste_look *look = context;
	__u64 words[LOOK_BYTES / 8];
	__u64 found = 0;

	if (bpf_probe_read_user(words, sizeof(words), (void *)(look->address + index * LOOK_BYTES))) {
		look->unreadable = 1;
		return 1;
	}
	for (__u32 i = 0; i < LOOK_BYTES / 8; i++)
		found |= words[i];
	look->found = found;
	return found != 0;
}

/* On its own, so that the verifier walks it once a program. */
SHARED_FUNCTION int look_at_page(__u64 page, __u32 owner, __u32 block_size, __u64 weight)
{
	struct aside_key key = {owner, block_size};
	struct aside *row = bpf_map_lookup_elem(&asides, &key);
	struct waste_look look = {.address = page << PAGE_SHIFT};

	if (!SAMPLES_KEPT || !row)
		return 0;
	repeat(PAGE_SIZE / LOOK_BYTES, PAGE_SIZE / LOOK_BYTES, look_at_part, &look);
	if (look.unreadable)
		return 0;
	add(row->checked, 1);
	add(row->checked_weight, weight);
	add(row->checked_squares, weight * weight);
	if (!look.found)
		add(row->unused_weight, weight);
	return 0;
}

/* The lowest of walk->pages. */
REPEATED long waste_page(__u32 index, void *context)
{
	struct waste_word_walk *walk = context;
	__u64 pages = walk->pages;
	struct table_key key = {.space = walk->space};
	struct sampled_page sample, *kept;

	if (!pages)
		return 1;
	key.number = walk->first + count_bits((pages & -pages) - 1);
	walk->pages = pages & (pages - 1);
	kept = bpf_map_lookup_elem(&samples, &key);
	if (!kept)
		return 0;
	sample = *kept;
	if (bpf_map_delete_elem(&samples, &key))
		return 0; /* another thread has it */
	if (walk->action == WASTE_MOVE)
		sample_keep(
		    walk->space, key.number + walk->moved, sample.key.owner, sample.key.block_size, sample.weight);
	else if (walk->readable)
		look_at_page(key.number, sample.key.owner, sample.key.block_size, sample.weight);
	return 0;
}

/* The same. */
SHARED_FUNCTION int waste_word(const struct waste_walk *walk, struct sampled_chunk *node, __u32 word)
{
	struct waste_word_walk along = {};

	if (!SAMPLES_KEPT || !walk || !node)
		return 0;
	word &= SAMPLE_WORDS - 1;
	along.pages = node->pages[word] & word_pages(walk->chunk, word, walk->start, walk->end);
	if (!along.pages)
		return 0;
	along.first = walk->chunk * TABLE_FANOUT + word * 64;
	along.moved = walk->moved;
	along.space = walk->space;
	along.action = walk->action;
	along.readable = walk->readable;
	__sync_fetch_and_and(&node->pages[word], ~along.pages);
	repeat(64, 64, waste_page, &along);
	return 0;
}

REPEATED long waste_chunk(__u32 index, void *context)
{
	struct waste_walk *walk = context;
	struct sampled_chunk *node;

	walk->chunk += !!index;
	node = sampled_chunk(walk->space, walk->chunk);
	for (__u32 i = 0; node && i < SAMPLE_WORDS; i++)
		waste_word(walk, node, i);
	return 0;
}

REPEATED long waste_chunk_next(__u32 index, void *context)
{
	struct waste_walk *walk = context;
	struct sampled_chunk *node = walk->chunk ? sampled_chunk(walk->space, walk->chunk) : NULL;

	if (!node)
		return 1;
	for (__u32 i = 0; i < SAMPLE_WORDS; i++)
		waste_word(walk, node, i);
	walk->chunk = node->next;
	return 0;
}

/* What becomes of the sampled pages of [start, end); `to`: where they are moved. */
HISTORY_FUNCTION int waste_change(__u32 space, __u64 start, __u64 end, __u32 action, __u64 to)
{
	struct task_state *state = task_known();
	struct task_struct *task = current_task();
	struct waste_walk walk = {};
	struct space *s;
	__u64 chunks;

	if (!SAMPLES_KEPT || !state || start >= end || end >> 47)
		return 0;
	s = bpf_map_lookup_elem(&spaces, &space);
	if (!s || !s->sampled_chunks)
		return 0;
	walk.space = space;
	walk.start = start >> PAGE_SHIFT;
	walk.end = PAGE_ALIGN(end) >> PAGE_SHIFT;
	walk.action = action;
	walk.moved = (to >> PAGE_SHIFT) - walk.start;
	walk.readable = space == state->space && execs_of(task) == state->execs && BPF_CORE_READ(task, mm);
	walk.chunk = start >> HAKMEM_CHUNK_SHIFT;
	chunks = ((end - 1) >> HAKMEM_CHUNK_SHIFT) - walk.chunk + 1;
	if (chunks <= s->sampled_chunks) {
		repeat(chunks, WALK_MOST, waste_chunk, &walk);
		return 0;
	}
	walk.chunk = s->sampled;
	repeat(SAMPLES, WALK_MOST, waste_chunk_next, &walk);
	return 0;
}

#define SPACE_END ((1UL << 47) - PAGE_SIZE)

static __always_inline void waste_range(__u32 space, __u64 start, __u64 length)
{
	if (!(start & (PAGE_SIZE - 1)) && start + length > start)
		waste_change(space, start, start + length, WASTE_LOOK, 0);
}

/* mremap is about to be called: what lies behind the new end, or where the memory shall go, will be gone. */
static __always_inline void waste_remap(struct task_state *state)
{
	__u64 start = state->argument[0], before = PAGE_ALIGN(state->argument[1]), now = PAGE_ALIGN(state->argument[2]);

	if (now < before)
		waste_range(state->space, start + now, before - now);
	if (state->argument[3] & MREMAP_FIXED)
		waste_range(state->space, state->argument[4], now);
}

/* And it has succeeded. */
static __always_inline void waste_moved(struct task_state *state, __u64 to)
{
	__u64 start = state->argument[0];

	if (to != start)
		waste_change(state->space, start, start + PAGE_ALIGN(state->argument[1]), WASTE_MOVE, to);
}

/* The task is about to leave its address space, if nobody else is in it. */
static __always_inline void waste_leave(struct task_state *state, bool with_its_threads)
{
	__u32 space = state->space;
	struct space *s = bpf_map_lookup_elem(&spaces, &space);

	if (s && !state->borrows && (with_its_threads || s->tasks == 1))
		waste_change(space, 0, SPACE_END, WASTE_LOOK, 0);
}

#endif
