/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* mremap: pages go to other addresses, and what is known of them goes along. */
#ifndef HAKMEM_BPF_MOVE_H
#define HAKMEM_BPF_MOVE_H

#include "purge.h"

struct move {
	__u64 from; /* numbers of pages */
	__u64 to;
	__u64 pages;
	__u32 space;
};

/* Pages of the word of which `number` says how many words lie below it. */
HISTORY_FUNCTION int move_into(__u32 space, __u64 number, __u64 touched, __u64 written, __u64 protected)
{
	__u64 chunk = number / HISTORY_WORDS;
	struct history *node = history_find(space, chunk);
	struct history_word *word;

	if (!touched)
		return 0;
	if (!node) {
		history_make(space, chunk);
		node = history_find(space, chunk);
		if (!node)
			return 0;
	}
	word = &node->word[number & (HISTORY_WORDS - 1)];
	__sync_fetch_and_or(&word->touched, touched);
	__sync_fetch_and_or(&word->written, written);
	__sync_fetch_and_or(&word->protected, protected);
	return 0;
}

/* A word's pages go to one or two others. On its own, so that the verifier walks it once a program. */
SHARED_FUNCTION int move_word(struct history *node, __u32 at, __u64 chunk, const struct move *move)
{
	struct history_word *word;
	__u64 pages, first, shift;

	if (!node || !move)
		return 0;
	at &= HISTORY_WORDS - 1;
	word = &node->word[at];
	pages = word_pages(chunk, at, move->from, move->from + move->pages) & word->touched;
	if (!pages)
		return 0;
	first = chunk * TABLE_FANOUT + at * 64 + move->to - move->from;
	shift = first & 63;
	move_into(move->space, first / 64, pages << shift, (word->written & pages) << shift,
	    (word->protected & pages) << shift);
	if (shift) {
		shift = 64 - shift;
		move_into(move->space, first / 64 + 1, pages >> shift, (word->written & pages) >> shift,
		    (word->protected & pages) >> shift);
	}
	return 0;
}

REPEATED long move_chunk(__u32 index, void *context)
{
	const struct move *move = context;
	__u64 chunk = (move->from >> 9) + index;
	struct history *node = history_find(move->space, chunk);

	for (__u32 i = 0; node && i < HISTORY_WORDS; i++)
		move_word(node, i, chunk, move);
	return 0;
}

/* The call under way has succeeded, and the memory is at `to` now. */
HISTORY_FUNCTION int history_moved(__u64 to)
{
	struct task_state *state = task_known();
	__u64 from, before, now;
	struct move move = {};

	if (!HISTORY_KEPT)
		return 0;
	if (!state)
		return 0;
	from = state->argument[0];
	before = PAGE_ALIGN(state->argument[1]);
	now = PAGE_ALIGN(state->argument[2]);
	if (to == from) {
		if (now < before)
			purge_range(state->space, from + now, before - now, PURGE_MREMAP, state->caller);
		else
			history_change(state->space, from + before, from + now, HISTORY_MAP, 0);
		return 0;
	}
	history_change(state->space, to, to + now, HISTORY_MAP, 0);
	move.from = from >> PAGE_SHIFT;
	move.to = to >> PAGE_SHIFT;
	move.pages = (before < now ? before : now) >> PAGE_SHIFT;
	move.space = state->space;
	if (move.pages)
		repeat(((move.from + move.pages - 1) >> 9) - (move.from >> 9) + 1, WALK_MOST, move_chunk, &move);
	/* Without DONTUNMAP nobody has the old addresses any more. */
	purge_range(state->space, from, before, PURGE_MREMAP, state->caller);
	return 0;
}

#endif
