/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Between a task and the maps: costs of one place are gathered in the task's own state, without atomics and look-ups,
 * until one of another place comes. What must be complete (a system call that may sleep, an exit, the loader's last
 * look) lets go of them first.
 */
#ifndef HAKMEM_BPF_GATHER_H
#define HAKMEM_BPF_GATHER_H

#include "costs.h"
#include "state.h"

static __always_inline bool is_same_key(const struct account_key *a, const struct account_key *b)
{
	return a->owner == b->owner && a->block_size == b->block_size && a->cause == b->cause &&
	       a->purger == b->purger && a->phase == b->phase && a->sort == b->sort;
}

static __always_inline bool is_gathered_at(struct task_state *state, const struct place *place)
{
	return is_same_key(&state->gathered_place.key, &place->key) && state->gathered_place.slot == place->slot;
}

static __always_inline bool is_gathered(struct task_state *state, const struct place *place)
{
	return (state->gathered.faults || state->gathered.zero_events) && is_gathered_at(state, place);
}

/* What was gathered has been let go of. */
static __always_inline void gather_at(struct task_state *state, const struct place *place)
{
	if (!is_gathered_at(state, place))
		state->stretch = 0;
	state->gathered_place = *place;
}

/* `task` is named, because the last look is at tasks that aren't current. */
static __always_inline void totals_let_go(struct task_struct *task, struct task_state *state, struct totals *t)
{
	__u64 runtime_ns = kernel_read(task, se.sum_exec_runtime);

	add(t->minor, state->charged_minor);
	add(t->major, state->charged_major);
	add(t->swept, state->swept);
	add(t->moved, state->moved);
	add(t->calls, state->calls);
	add(t->timed, state->gathered.timed);
	add(t->runtime_ns, runtime_ns - state->runtime_ns);
	state->charged_minor = 0;
	state->charged_major = 0;
	state->swept = 0;
	state->moved = 0;
	state->calls = 0;
	state->runtime_ns = runtime_ns;
}

/* `task` is named, because the last look is at tasks that aren't current. */
static __always_inline void gathered_let_go(struct task_struct *task, struct task_state *state)
{
	struct totals *t = totals_here();

	if (!t)
		return;
	add(t->begun, 1);
	totals_let_go(task, state, t);
	if (state->gathered.faults || state->gathered.zero_events) {
		account_process(task, state->gathered_place.key.cause, &state->gathered);
		state->stretch += state->gathered.faults;
		account_region(&state->gathered_place.key, &state->gathered, state->stretch);
		if (state->gathered_place.slot < NO_SLOT)
			costs_write(kernel_read(task, tgid), state->gathered_place.slot, &state->gathered);
		__builtin_memset(&state->gathered, 0, sizeof(state->gathered));
	}
	add(t->ended, 1);
}

/* On its own, so that the verifier walks it once a program. */
__noinline int gather_let_go(void)
{
	struct task_state *state = task_known();

	if (state)
		gathered_let_go(current_task(), state);
	return 0;
}

/* A duration goes into a histogram, so it can't be gathered with others. */
SHARED_FUNCTION int gather_cost(const struct place *place, const struct cost *cost)
{
	struct task_state *state = task_known();

	if (!state || !place || !cost)
		return 0;
	if (cost->timed || state->gathered.faults >= GATHER_MOST || !is_gathered(state, place))
		gather_let_go();
	gather_at(state, place);
	state->gathered.faults += cost->faults;
	state->gathered.major += cost->major;
	state->gathered.populated += cost->populated;
	state->gathered.timed += cost->timed;
	state->gathered.ns += cost->ns;
	state->gathered.zeroed_bytes += cost->zeroed_bytes;
	state->gathered.zeroed_twice_bytes += cost->zeroed_twice_bytes;
	state->gathered.zero_events += cost->zero_events;
	state->gathered.zero_timed_bytes += cost->zero_timed_bytes;
	state->gathered.zero_ns += cost->zero_ns;
	if (cost->timed)
		gather_let_go();
	return 0;
}

#endif
