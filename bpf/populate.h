/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Pages that a system call populated without an exception: which range it was, from the call's arguments, and why those
 * pages were not there, from their history. Only the range and the number of pages are known, so causes are counted
 * only where that leaves no choice.
 */
#ifndef HAKMEM_BPF_POPULATE_H
#define HAKMEM_BPF_POPULATE_H

#include "task.h"

/* The buffer that an I/O vector's first entry names. */
static __always_inline void first_vector(struct task_state *state, __u64 vectors)
{
	struct {
		__u64 base;
		__u64 length;
	} vector = {};

	bpf_probe_read_user(&vector, sizeof(vector), (void *)vectors);
	state->argument[0] = vector.base;
	state->argument[1] = vector.length;
}

/*
 * What a call populated, so far as its arguments tell: from now on its first two arguments are the range and its
 * length; 0: they don't tell. On its own, and without a structure, for the stack's sake.
 */
__noinline int populated_range(__s64 result)
{
	struct task_state *state = task_known();

	if (!state)
		return 0;
	switch (state->call) {
	case CALL_MREMAP:
		state->argument[1] = state->argument[2];
		break;
	case CALL_SHMAT:
		state->argument[1] = 1;
		break;
	case CALL_MMAP:
	case CALL_MADVISE:
	case CALL_MLOCK:
	case CALL_MLOCK2:
	case CALL_MPROTECT:
		break;
	case CALL_BRK:
		state->argument[0] = state->argument[1]; /* where it was before */
		state->argument[1] = result > (__s64)state->argument[0] ? result - state->argument[0] : 0;
		return 0;
	case CALL_FUTEX:
	case CALL_REMAP_FILE_PAGES:
		state->argument[1] = 1;
		return 0;
	case CALL_READ:
	case CALL_WRITE:
	case CALL_PREAD:
	case CALL_PWRITE:
		state->argument[0] = state->argument[1];
		state->argument[1] = state->argument[2];
		return 0;
	case CALL_READV:
	case CALL_WRITEV:
		first_vector(state, state->argument[1]);
		return 0;
	case CALL_PROCESS_VM_READV:
	case CALL_PROCESS_VM_WRITEV:
		first_vector(state, state->argument[3]);
		return 0;
	default:
		state->argument[1] = 0;
		return 0;
	}
	if (result > 0)
		state->argument[0] = result; /* of calls that return an address; the others return 0 */
	return 0;
}

/* The call's pages are another process's: they have no address here. */
static __always_inline bool populates_another(struct task_state *state)
{
	switch (state->call) {
	case CALL_PTRACE:
		return true;
	case CALL_PROCESS_VM_READV:
	case CALL_PROCESS_VM_WRITEV:
		return state->argument[0] != bpf_get_current_pid_tgid() >> 32;
	}
	return false;
}

/* A range's pages that are not there, by what had happened to them. */
struct absent {
	__u64 start; /* numbers of pages */
	__u64 end;
	__u64 first; /* chunk */
	__u32 space;
	__u32 owner;
	__u64 fresh;
	__u64 purged;
	__u32 purger; /* of them all; PURGER_OTHERS: there is not one for all */
	__u32 mark;   /* all of them are there from now on */
};

/* The purger of all these pages of a word, PURGER_OTHERS when they have several; 0: it is other memory now. */
static __always_inline __u32 purger_of_all(const struct history_word *word, __u64 pages, __u32 owner)
{
	__u32 first = count_bits((pages & -pages) - 1) & 63;
	__u64 differ = 0;

	for (__u32 i = 0; i < PURGER_BITS; i++)
		differ |= (word->purger[i] ^ -(word->purger[i] >> first & 1)) & pages;
	return differ ? PURGER_OTHERS : cause_purger(word, first, owner);
}

/* On its own, so that the verifier walks it once a program. */
SHARED_FUNCTION int absent_word(struct absent *absent, struct history *node, __u32 at, __u64 chunk)
{
	struct history_word *word;
	__u64 pages, purged;
	__u32 purger = 0;

	if (!absent)
		return 0;
	at &= HISTORY_WORDS - 1;
	pages = word_pages(chunk, at, absent->start, absent->end);
	if (!node) {
		absent->fresh += absent->mark ? 0 : count_bits(pages);
		return 0;
	}
	word = &node->word[at];
	if (absent->mark) {
		history_touch_word(word, pages, true);
		return 0;
	}
	purged = word->purged & pages;
	absent->fresh += count_bits(pages & ~word->touched & ~purged);
	if (purged)
		purger = purger_of_all(word, purged, absent->owner);
	if (!purger) {
		absent->fresh += count_bits(purged);
		return 0;
	}
	absent->purger = !absent->purged || absent->purger == purger ? purger : PURGER_OTHERS;
	absent->purged += count_bits(purged);
	return 0;
}

REPEATED long absent_chunk(__u32 index, void *context)
{
	struct absent *absent = context;
	__u64 chunk = absent->first + index;
	struct history *node = history_find(absent->space, chunk);

	if (!node && absent->mark) {
		history_make(absent->space, chunk);
		node = history_find(absent->space, chunk);
	}
	for (__u32 i = 0; i < HISTORY_WORDS; i++)
		absent_word(absent, node, i, chunk);
	return 0;
}

static __always_inline void absent_walk(struct absent *absent)
{
	if (!HISTORY_KEPT)
		return;
	repeat(((absent->end - 1) >> 9) - absent->first + 1, WALK_MOST, absent_chunk, absent);
}

/*
 * What several pages of one cause in state->place have cost: `part` of all the faults, with their part of the zeroing.
 * On its own, so that the verifier walks it once a program. It is put together in state->fault, which is free too: on
 * BPF's stack newer compilers would take more for it than the calls that lead here leave.
 */
__noinline int populated_settle(__u32 cause, __u32 purger, __u64 part)
{
	struct task_state *state = task_known();
	struct place *place;
	struct cost *cost;

	if (!state || !part)
		return 0;
	place = &state->place;
	cost = &state->fault;
	*cost = state->extra;
	if (part < cost->faults) {
		cost->zeroed_bytes = cost->zeroed_bytes * part / cost->faults;
		cost->zeroed_twice_bytes = cost->zeroed_twice_bytes * part / cost->faults;
		cost->zero_timed_bytes = cost->zero_timed_bytes * part / cost->faults;
		cost->zero_events = cost->zero_events * part / cost->faults;
		cost->zero_ns = cost->zero_ns * part / cost->faults;
		cost->major = cost->major < part ? cost->major : part;
		cost->faults = part;
	}
	cost->populated = part;
	place->key.cause = cause;
	place->key.purger = purger;
	place->key.phase = state->now;
	place->key.sort = 0;
	stack_of_call(state, place, cost);
	gather_cost(place, cost);
	place->key.cause = CAUSE_UNKNOWN; /* for what is left */
	place->key.purger = 0;
	state->extra.faults -= cost->faults;
	state->extra.major -= cost->major;
	state->extra.zeroed_bytes -= cost->zeroed_bytes;
	state->extra.zeroed_twice_bytes -= cost->zeroed_twice_bytes;
	state->extra.zero_timed_bytes -= cost->zero_timed_bytes;
	state->extra.zero_events -= cost->zero_events;
	state->extra.zero_ns -= cost->zero_ns;
	__builtin_memset(cost, 0, sizeof(*cost));
	return 0;
}

/* Of state->argument[0] and its length, in state->place. On its own, for the stack's sake. */
__noinline int populated_explain(void)
{
	struct task_state *state = task_known();
	struct absent absent = {};
	struct place *place;
	bool exact;
	__u64 all;

	if (!state)
		return 0;
	place = &state->place;
	absent.start = state->argument[0] >> PAGE_SHIFT;
	absent.end = PAGE_ALIGN(state->argument[0] + state->argument[1]) >> PAGE_SHIFT;
	if (absent.end <= absent.start || absent.end >> (47 - PAGE_SHIFT))
		return 0;
	if (is_shared(OWNER_KIND(place->request))) {
		populated_settle(CAUSE_FILE, 0, state->extra.faults);
		return 0;
	}
	if (is_private_file(OWNER_KIND(place->request)))
		return 0;
	absent.first = absent.start >> 9;
	absent.space = state->space;
	absent.owner = place->request;
	absent_walk(&absent);
	all = absent.fresh + absent.purged;
	exact = state->extra.faults == all;
	if (exact || state->extra.zeroed_bytes >> PAGE_SHIFT >= all) {
		absent.mark = 1;
		absent_walk(&absent);
	}
	/* More faults than that: pages that were there, but not to be written. Fewer: huge pages, or not all. */
	if (state->extra.faults > all || (!exact && absent.fresh && absent.purged))
		return 0;
	populated_settle(CAUSE_PURGED, absent.purger, exact ? absent.purged : absent.purged ? state->extra.faults : 0);
	populated_settle(CAUSE_FIRST_TOUCH, 0, state->extra.faults);
	return 0;
}

/* Which of the range's pages were zeroed is known when all of them were. */
static __always_inline void waste_populated(struct task_state *state)
{
	__u64 start = state->argument[0] >> PAGE_SHIFT,
	      end = PAGE_ALIGN(state->argument[0] + state->argument[1]) >> PAGE_SHIFT;

	if (end > start && !(end >> (47 - PAGE_SHIFT)) && state->extra.zeroed_bytes >> PAGE_SHIFT >= end - start)
		waste_zeroed(start, end - start, state->extra.zeroed_bytes);
}

/* Do these calls allocate user memory for nothing but to populate it? Others read files into it, or copy. */
static __always_inline bool only_populates(__u32 call)
{
	return maps_memory(call) || call == CALL_MADVISE || call == CALL_MLOCK || call == CALL_MLOCK2;
}

/* What the call populated and somebody cleared unseen, now that it is known whose memory it is. */
static __always_inline void populated_unseen(struct task_state *state)
{
	__u32 owner = state->place.key.owner, kind = OWNER_KIND(owner);
	bool shared =
	    kind == OWNER_SHARED || (kind == OWNER_FILE && object_is_marked(objects_in_memory, OWNER_OBJECT(owner)));
	__u64 bytes = is_file(kind) && !shared ? 0 : state->call_huge_bytes;

	if (shared)
		bytes += state->call_single_bytes;
	if (!bytes || !only_populates(state->call))
		return;
	state->extra.zeroed_bytes += bytes;
	state->extra.zero_events++;
}

/* Charges and zeroings of this call that no fault explains. No fault is pending, so its place is free to use. */
__noinline int call_settle(__s64 result, __u64 stack_pointer)
{
	struct task_state *state = task_known();

	if (!state)
		return 0;
	if (state->call == CALL_EXECVE || state->call == CALL_EXECVEAT) {
		/* It failed after copying its arguments. */
		extra_settle_owner(state, OWNER(OWNER_STACK_MAIN, 0), CAUSE_FIRST_TOUCH, true);
		return 0;
	}
	if (populates_another(state)) {
		extra_settle_owner(state, OWNER(OWNER_KERNEL_OTHER, 0), CAUSE_UNKNOWN, true);
		return 0;
	}
	if (state->extra.faults)
		populated_range(result);
	if (!state->extra.faults || !state->argument[1]) {
		extra_settle_unseen(state);
		return 0;
	}
	classify(state->space,
	    state->call == CALL_BRK ? state->argument[0] + state->argument[1] - 1 : state->argument[0], stack_pointer,
	    &state->place);
	populated_unseen(state);
	waste_populated(state);
	populated_explain();
	extra_settle(state, &state->place, true);
	return 0;
}

#endif
