/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What has happened to each page: touched, written, protected, given back and by whom. The kernel's page tables forget
 * that a page was there once its memory is given back; here it is kept, as bits for the 512 pages of a 2 MiB chunk,
 * from the first touch until the address space ends.
 *
 * The chunks of a space are a list, so that fork and exit visit those only. Nodes are only ever added, and bits are set
 * atomically: threads touch neighbouring pages at the same time.
 */
#ifndef HAKMEM_BPF_HISTORY_H
#define HAKMEM_BPF_HISTORY_H

#include "history_node.h"
#include "purger.h"

static __always_inline __u32 count_bits(__u64 bits)
{
	bits -= bits >> 1 & 0x5555555555555555ULL;
	bits = (bits & 0x3333333333333333ULL) + (bits >> 2 & 0x3333333333333333ULL);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return bits * 0x0101010101010101ULL >> 56;
}

/* The pages of a chunk's word that lie in [start, end). Without a branch, for the verifier's sake. */
static __always_inline __u64 word_pages(__u64 chunk, __u32 word, __u64 start, __u64 end)
{
	__u64 first = chunk * TABLE_FANOUT + word * 64;
	__u64 below = start > first ? start - first : 0, up_to = end > first ? end - first : 0;

	/* A shift by 64 has no meaning: two of 32. */
	below = below > 64 ? 64 : below;
	up_to = up_to > 64 ? 64 : up_to;
	return (~0ULL << below / 2 << (below + 1) / 2) & ~(~0ULL << up_to / 2 << (up_to + 1) / 2);
}

static __always_inline __u32 history_purger(const struct history_word *word, __u32 bit)
{
	__u32 number = 0;

	for (__u32 i = 0; i < PURGER_BITS; i++)
		number |= (word->purger[i] >> bit & 1) << i;
	return number;
}

static __always_inline void history_set_purger(struct history_word *word, __u64 pages, __u32 purger)
{
	/* Without a branch, for the verifier would follow each both ways. */
	for (__u32 i = 0; i < PURGER_BITS; i++) {
		__u64 bit = -(__u64)(purger >> i & 1);

		__sync_fetch_and_or(&word->purger[i], pages & bit);
		__sync_fetch_and_and(&word->purger[i], ~(pages & ~bit));
	}
	__sync_fetch_and_or(&word->purged, pages);
}

static __always_inline void history_clear(__u64 *bits, __u64 pages)
{
	if (*bits & pages)
		__sync_fetch_and_and(bits, ~pages);
}

static __always_inline void history_touch_word(struct history_word *word, __u64 pages, bool written)
{
	__sync_fetch_and_or(&word->touched, pages);
	if (written)
		__sync_fetch_and_or(&word->written, pages);
	history_clear(&word->protected, pages);
	history_clear(&word->purged, pages);
}

/* The same where nobody else touches this space's history, without locked instructions. */
static __always_inline void history_touch_word_alone(struct history_word *word, __u64 pages, bool written)
{
	word->touched |= pages;
	if (written)
		word->written |= pages;
	word->protected &= ~pages;
	word->purged &= ~pages;
}

/* The same as history_touch_word() of those pages of a word that lie in [first, last) of a chunk. On its own, so that
 * the verifier walks it once a program. */
SHARED_FUNCTION int history_touch_within(struct history *node, __u32 word, __u32 first, __u32 last, __u32 written)
{
	if (node)
		history_touch_word(&node->word[word & (HISTORY_WORDS - 1)],
		    word_pages(0, word & (HISTORY_WORDS - 1), first, last), written);
	return 0;
}

/* The 2^order pages around a page are there now. */
static __always_inline void history_touch(struct history *node, __u32 page, __u32 order, bool written)
{
	if (order) {
		__u32 first = page & ~((1U << (order & 15)) - 1);

		for (__u32 i = 0; i < HISTORY_WORDS; i++)
			history_touch_within(node, i, first, first + (1U << (order & 15)), written);
	} else {
		history_touch_word(&node->word[page / 64 & (HISTORY_WORDS - 1)], 1ULL << (page & 63), written);
	}
}

/* What happens to the history of a range. */
enum history_change {
	HISTORY_PURGE, /* pages that are there are given back */
	HISTORY_UNMAP, /* the same, and who gave back what is gone already does not matter any more */
	HISTORY_MAP,   /* new memory: nothing is there; what was given back stays known */
	HISTORY_PROTECT,
};

struct history_range {
	__u64 start; /* numbers of pages */
	__u64 end;
	__u64 first; /* chunk */
	__u32 space;
	__u32 change;
	struct purger purger;
	__u32 number; /* the purger's, once a page needs it */
};

/* On its own, so that the verifier walks it once a program. */
SHARED_FUNCTION int history_change_word(struct history *node, __u32 at, __u64 chunk, struct history_range *range)
{
	struct history_word *word;
	__u64 pages, there;

	if (!node || !range)
		return 0;
	at &= HISTORY_WORDS - 1;
	word = &node->word[at];
	pages = word_pages(chunk, at, range->start, range->end);
	there = word->touched & pages;

	if (range->change == HISTORY_PROTECT) {
		__sync_fetch_and_or(&word->protected, there);
		return 0;
	}
	if (range->change == HISTORY_UNMAP)
		there |= word->purged & pages;
	if (range->change != HISTORY_MAP && there) {
		if (!range->number)
			range->number = purger_number(range->purger.call, range->purger.caller, range->purger.owner);
		history_set_purger(word, there, range->number);
	}
	history_clear(&word->touched, pages);
	history_clear(&word->written, pages);
	history_clear(&word->protected, pages);
	return 0;
}

static __always_inline void history_change_chunk(struct history *node, __u64 chunk, struct history_range *range)
{
	for (__u32 i = 0; i < HISTORY_WORDS; i++)
		history_change_word(node, i, chunk, range);
}

REPEATED long history_change_at(__u32 index, void *context)
{
	struct history_range *range = context;
	__u64 chunk = range->first + index;
	struct history *node = history_find(range->space, chunk);

	if (node)
		history_change_chunk(node, chunk, range);
	return 0;
}

/* A walk along a space's chunks. */
struct history_walk {
	__u32 space;
	__u32 to;
	__u64 chunk;
	struct history_range *range;
};

REPEATED long history_change_next(__u32 index, void *context)
{
	struct history_walk *walk = context;
	struct history *node = walk->chunk ? history_find(walk->space, walk->chunk) : NULL;

	if (!node)
		return 1;
	history_change_chunk(node, walk->chunk, walk->range);
	walk->chunk = node->next;
	return 0;
}

/* From here on the space's list is shorter than the range. */
#define HISTORY_LONG 512

/* `how` is the call, as enum purge, and its caller: CALLED_BY(). */
#define CALLED_BY(call, caller) ((call) << 24 | (caller))

HISTORY_FUNCTION int history_change(__u32 space, __u64 start, __u64 end, __u32 change, __u32 how)
{
	struct history_range range = {
	    .start = start >> PAGE_SHIFT,
	    .end = PAGE_ALIGN(end) >> PAGE_SHIFT,
	    .first = start >> HAKMEM_CHUNK_SHIFT,
	    .space = space,
	    .change = change,
	    .purger = {.call = how >> 24, .caller = how & 0xffffff},
	};
	__u64 chunks = ((PAGE_ALIGN(end) - 1) >> HAKMEM_CHUNK_SHIFT) - range.first + 1;
	struct space *s;

	if (!HISTORY_KEPT)
		return 0;
	if (start >= end || end >> 47)
		return 0;
	if (change == HISTORY_UNMAP)
		range.purger.owner = table_find(space, start);
	if (chunks <= HISTORY_LONG) {
		repeat(chunks, WALK_MOST, history_change_at, &range);
		return 0;
	}
	s = bpf_map_lookup_elem(&spaces, &space);
	if (s) {
		struct history_walk walk = {.space = space, .chunk = s->history, .range = &range};

		repeat(HISTORY_CHUNKS_MOST, WALK_MOST, history_change_next, &walk);
	}
	return 0;
}

REPEATED long history_copy_next(__u32 index, void *context)
{
	struct history_walk *walk = context;
	struct table_key key = {.space = walk->to, .number = walk->chunk};
	struct history *node = walk->chunk ? history_find(walk->space, walk->chunk) : NULL;

	if (!node || !history_enter(&key, node))
		return 1; /* the copies' list ends here, for the next of it isn't there */
	walk->chunk = node->next;
	return 0;
}

/* A copied node names the same next chunk, so the copies are a list too. */
static __always_inline void history_copy(struct space *from, struct space *to, __u32 from_number, __u32 to_number)
{
	struct history_walk walk = {.space = from_number, .to = to_number, .chunk = from->history};

	if (!HISTORY_KEPT)
		return;
	to->history = from->history;
	repeat(HISTORY_CHUNKS_MOST, WALK_MOST, history_copy_next, &walk);
}

REPEATED long history_drop_next(__u32 index, void *context)
{
	struct history_walk *walk = context;
	struct table_key key = {.space = walk->space, .number = walk->chunk};
	__u32 *known = walk->chunk ? bpf_map_lookup_elem(&history_places, &key) : NULL, place;
	struct history *node;

	if (!known)
		return 1;
	place = *known;
	node = bpf_map_lookup_elem(&histories, &place);
	if (!node)
		return 1;
	walk->chunk = node->next;
	node->space = 0;
	history_hint_drop(&key, place);
	bpf_map_delete_elem(&history_places, &key);
	history_free(place);
	return 0;
}

static __always_inline void history_drop(const struct space *s, __u32 number)
{
	struct history_walk walk = {.space = number, .chunk = s->history};

	if (!HISTORY_KEPT)
		return;
	repeat(HISTORY_CHUNKS_MOST, WALK_MOST, history_drop_next, &walk);
}

#endif
