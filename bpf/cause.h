/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Why a fault happened: from what hooks saw of it (was the page there, was it a write, what was allocated), from whose
 * memory it is, and from what had happened to the page before.
 */
#ifndef HAKMEM_BPF_CAUSE_H
#define HAKMEM_BPF_CAUSE_H

#include "history.h"

static __always_inline bool is_stack_or_tls(__u32 kind)
{
	return kind >= OWNER_STACK_MAIN && kind <= OWNER_TLS_THREAD;
}

/*
 * Is memory that came back to an address the same memory to whoever uses it? Addresses are handed out again, also to
 * others; a stack's mapping is TLS at its end.
 */
static __always_inline bool is_same_memory(__u32 before, __u32 now)
{
	return before == now || (is_stack_or_tls(OWNER_KIND(before)) && is_stack_or_tls(OWNER_KIND(now)));
}

static __always_inline bool is_shared(__u32 kind)
{
	return kind == OWNER_FILE || kind == OWNER_SHARED || kind == OWNER_VDSO;
}

static __always_inline bool is_private_file(__u32 kind)
{
	return kind >= OWNER_PROGRAM_TEXT && kind <= OWNER_FILE_PRIVATE && kind != OWNER_PROGRAM_BSS &&
	       kind != OWNER_IMAGE_BSS;
}

/* Who purged this page, 0: nobody, for it is other memory now. A file that is mapped again is just that. */
static __always_inline __u32 cause_purger(const struct history_word *word, __u32 bit, __u32 owner)
{
	__u32 number = history_purger(word, bit);
	struct purger *purger = bpf_map_lookup_elem(&purgers, &number);

	if (purger && purger->call >= PURGE_MUNMAP &&
	    (is_shared(OWNER_KIND(owner)) || is_private_file(OWNER_KIND(owner)) ||
	        !is_same_memory(purger->owner, owner)))
		return 0;
	return number;
}

/* A write to a page that is there but can't be written. */
static __always_inline __u32 cause_of_denied_write(__u32 space, __u32 kind, __u32 seen, bool written, bool protected)
{
	struct space *s;

	if (is_shared(kind))
		return CAUSE_PROTECTION; /* of a page whose first write the kernel wants to know of */
	if (seen & FAULT_ZEROED)
		return CAUSE_ZERO_PAGE; /* wp_page_copy() asks for zeroes instead of a copy for that page alone */
	if (seen & FAULT_ALLOCATED)
		return CAUSE_COPY_ON_WRITE;
	if (!allocations_hooked)
		return written ? CAUSE_UNKNOWN : CAUSE_ZERO_PAGE;
	/* Nobody else had it any more: it is made writable again. */
	s = bpf_map_lookup_elem(&spaces, &space);
	return protected || !s || !s->forked ? CAUSE_PROTECTION : CAUSE_COPY_ON_WRITE;
}

/*
 * A private page that was there when last seen, and is not. Where a hook of its own tells that it still is, that hook
 * may have been skipped (fault_event.h); then what was allocated tells: a first touch asks for zeroes.
 */
static __always_inline __u32 cause_of_vanished(__u32 space, __u32 seen, __u32 order, bool written)
{
	bool may_be_swap = swap_in_use && !swap_hooked, plain = seen & FAULT_ALLOCATED && !order;
	struct space *s;

	if (may_be_swap && (seen & FAULT_MAJOR || plain))
		return CAUSE_SWAP; /* read back, or at least not asked to be zeroed */
	if (presence_hooked && seen & FAULT_WRITE && plain)
		return CAUSE_COPY_ON_WRITE;
	if (presence_hooked && seen & FAULT_WRITE && seen & FAULT_ZEROED && !written)
		return CAUSE_ZERO_PAGE;
	s = bpf_map_lookup_elem(&spaces, &space);
	if (s && s->tasks > 1) /* two threads touch it at once, if it isn't on its way out */
		return may_be_swap && !(seen & FAULT_ZEROED) ? CAUSE_UNKNOWN : CAUSE_FIRST_TOUCH;
	if (seen & (FAULT_ZEROED | FAULT_ALLOCATED))
		return CAUSE_PURGED; /* it is fresh, so it had been given back: nobody saw by whom */
	return may_be_swap ? CAUSE_SWAP : CAUSE_UNKNOWN; /* it was on its way out and still in memory */
}

#define CAUSE(cause, purger) ((cause) | (purger) << 8)

static __always_inline __u32 cause_of_absent(
    __u32 space, const struct history_word *word, __u32 bit, __u32 owner, __u32 seen, __u32 order)
{
	bool touched = word->touched >> bit & 1, written = word->written >> bit & 1;
	__u32 kind = OWNER_KIND(owner), purger = 0, cause;

	if (seen & FAULT_SWAP)
		return CAUSE_SWAP;
	if (word->purged >> bit & 1)
		purger = cause_purger(word, bit, owner);
	if (purger)
		return CAUSE(CAUSE_PURGED, purger);
	if (is_shared(kind))
		return CAUSE_FILE;
	if (is_private_file(kind)) {
		if (touched && written && seen & FAULT_MAJOR)
			return CAUSE_SWAP;
		if (!(seen & FAULT_KNOWN))
			return CAUSE_UNKNOWN;
		return seen & FAULT_WRITE ? CAUSE_COPY_ON_WRITE : CAUSE_FILE;
	}
	if (!touched)
		return CAUSE_FIRST_TOUCH;
	/* Its beginning was missed. What is not to be zeroed is copied, or read back. */
	if (!(seen & FAULT_KNOWN) && seen & FAULT_ALLOCATED && !order && !swap_in_use)
		return CAUSE_COPY_ON_WRITE;
	if (!presence_known || !(seen & FAULT_KNOWN))
		return CAUSE_UNKNOWN;
	cause = cause_of_vanished(space, seen, order, written);
	return cause == CAUSE_PURGED ? CAUSE(CAUSE_PURGED, PURGER_OTHERS) : cause;
}

/*
 * The common case, without a call: a page of memory of its own that is not there any more, or was never. Returns 0 when
 * cause_of_fault() must tell.
 */
static __always_inline __u32 cause_at_once(struct task_state *state)
{
	__u32 page = state->address >> PAGE_SHIFT & (TABLE_FANOUT - 1), bit = page & 63;
	__u32 seen = state->error, kind = OWNER_KIND(state->place.request), purger = 0;
	struct history_word *word;
	struct history *node;

	if (!HISTORY_KEPT)
		return 0;
	node = history_near(state->space, state->address >> HAKMEM_CHUNK_SHIFT);
	if (!node)
		return 0;
	if (seen & (FAULT_PRESENT | FAULT_SWAP) || state->order || is_shared(kind) || is_private_file(kind))
		return 0;
	word = &node->word[page / 64];
	if (word->purged >> bit & 1)
		purger = cause_purger(word, bit, state->place.request);
	if (!purger && word->touched >> bit & 1)
		return 0;
	if (state->alone)
		history_touch_word_alone(word, 1ULL << bit, !(seen & FAULT_KNOWN) || seen & FAULT_WRITE);
	else
		history_touch_word(word, 1ULL << bit, !(seen & FAULT_KNOWN) || seen & FAULT_WRITE);
	return purger ? CAUSE(CAUSE_PURGED, purger) : CAUSE_FIRST_TOUCH;
}

/*
 * The cause of a fault that was charged, and who purged the page, as CAUSE(): and from now on the page has been
 * touched. `owner` is whose request the memory is. On its own, for the stack's sake.
 */
HISTORY_FUNCTION __u32 cause_of_fault(__u32 space, __u64 address, __u32 owner, __u32 seen, __u32 order)
{
	__u32 page = address >> PAGE_SHIFT & (TABLE_FANOUT - 1), bit = page & 63, cause;
	__u64 chunk = address >> HAKMEM_CHUNK_SHIFT;
	__u32 place = history_place(space, chunk);
	struct history_word *word;
	struct history *node;

	if (!HISTORY_KEPT)
		return CAUSE_UNKNOWN;
	if (!place) {
		history_make(space, chunk);
		place = history_place(space, chunk);
	}
	node = bpf_map_lookup_elem(&histories, &place);
	if (!place || !node)
		return CAUSE_UNKNOWN;
	history_hint_at(space, chunk, place);
	word = &node->word[page / 64];
	if (seen & FAULT_PRESENT && seen & FAULT_WRITE)
		cause = cause_of_denied_write(
		    space, OWNER_KIND(owner), seen, word->written >> bit & 1, word->protected >> bit & 1);
	else if (seen & FAULT_PRESENT)
		cause = CAUSE_PROTECTION;
	else
		cause = cause_of_absent(space, word, bit, owner, seen, order);
	/* Files' pages are mapped one by one, whatever the size of the folio. What wasn't seen may have been a write.
	 */
	if (is_shared(OWNER_KIND(owner)) || is_private_file(OWNER_KIND(owner)))
		order = 0;
	history_touch(node, page, order, !(seen & FAULT_KNOWN) || seen & FAULT_WRITE);
	return cause;
}

#endif
