/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Faults whose memory could not be told when they happened. The kernel looks up no VMA for a program that runs with
 * interrupts off, as faults' do, while the lock of an earlier look-up on that processor is still to be given back
 * (bpf_find_vma() in kernel/bpf/task_iter.c, -EBUSY): so of two tracers that follow the same task, the second is
 * refused. What a system call asked for is in the table and needs no look-up; what is left is what execve touches of
 * the new program before it is known. A few such faults are kept until the task's next hook with interrupts on.
 */
#ifndef HAKMEM_BPF_UNPLACED_H
#define HAKMEM_BPF_UNPLACED_H

#include "gather.h"

__noinline int fault_settle(__u64 end_ns, __u32 minor, __u32 major);
__noinline int fault_classify(__u64 stack_pointer);

static __always_inline bool is_unplaced(const struct place *place)
{
	return !place->request && place->key.owner == OWNER(OWNER_ANON, 0);
}

/* The pending fault, which was charged. False: there is no room, its place is known, or it is more than one page's. */
static __always_inline bool unplaced_keep(struct task_state *state, __u64 end_ns, __u32 minor, __u32 major)
{
	__u64 at = state->unplaced_count;
	struct unplaced *kept = &state->unplaced[at & (UNPLACED_MOST - 1)];

	if (!is_unplaced(&state->place) || at >= UNPLACED_MOST || minor + major != 1 || state->huge_bytes ||
	    state->populating)
		return false;
	kept->address = state->address;
	kept->error = state->error;
	kept->order = state->order;
	kept->cost = state->fault;
	kept->cost.faults = 1;
	kept->cost.major = major;
	if (end_ns && state->begin_ns) {
		kept->cost.timed = 1;
		kept->cost.ns = end_ns - state->begin_ns;
	}
	state->unplaced_count = at + 1;
	return true;
}

/* Nothing is pending. Inlined: the verifier allows eight frames. */
static __always_inline void unplaced_follow(struct task_struct *task, struct task_state *state)
{
	__u64 count = state->unplaced_count;

	if (!count)
		return;
	state->unplaced_count = UNPLACED_MOST; /* none is kept once more */
	for (__u64 i = 0; i < UNPLACED_MOST && i < count; i++) {
		struct unplaced *kept = &state->unplaced[i];

		state->address = kept->address;
		state->error = kept->error;
		state->order = kept->order;
		state->fault = kept->cost;
		fault_classify(user_stack_pointer(task));
		fault_settle(0, !kept->cost.major, kept->cost.major);
	}
	state->unplaced_count = 0;
}

/* There will be no other hook; `task` need not be the current one. */
static __always_inline void unplaced_let_go(struct task_struct *task, struct task_state *state)
{
	struct account_key key = {.owner = OWNER(OWNER_ANON, 0), .phase = state->now};

	for (__u64 i = 0; i < UNPLACED_MOST && i < state->unplaced_count; i++) {
		account_process(task, key.cause, &state->unplaced[i].cost);
		account_region(&key, &state->unplaced[i].cost, 1);
	}
	state->unplaced_count = 0;
}

#endif
