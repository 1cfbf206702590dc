/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * When: each address space is before its program's main, after main has begun, or after a mark. Marks are the
 * program's own (hakmem_mark()) or functions that the user named.
 *
 * Whether main has begun is read from the stack: C libraries call main at one place, and so deep in the stack as only
 * the library's build decides. The loader knows both from its own main. A program that starts in another way stays
 * "unknown".
 */
#ifndef HAKMEM_BPF_PHASE_H
#define HAKMEM_BPF_PHASE_H

#include "classify.h"

/* Set by the loader: how far below the initial stack pointer main's return address lies, and that address's offset from
 * the C library's first page. 0: not known. */
SETTING(__u64, main_depth);
SETTING(__u64, main_return);

/* Marks and functions, by their text; the values are numbers of phases. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PHASES);
	__type(key, struct phase_name);
	__type(value, __u32);
} phases SEC(".maps");

/* The dynamic loader that comes with that library: learned from the calibrating child, a copy of the loader itself. */
volatile __u32 calibrating = 0;
__u32 known_interpreter = 0;

__u32 mains_awaited = 0;
__u32 mains_begun = 0;

__u32 next_phase = PHASE_FIRST_MARK;
__u32 marks = 0; /* passed so far, by anybody: a task whose `marks_seen` differs looks at its space again */
__u32 phase_begins[PHASES] = {}; /* as how many-th mark each began first; 0: by no mark, or not yet */

__noinline int main_has_begun(__u32 space)
{
	struct mm_struct *mm = BPF_CORE_READ(current_task(), mm);
	__u64 address = 0, base;
	__u32 owner;

	if (!main_depth || !mm)
		return 0;
	if (bpf_probe_read_user(&address, sizeof(address), (void *)(BPF_CORE_READ(mm, start_stack) - main_depth)))
		return 0;
	base = address - main_return;
	if (!address || base & (PAGE_SIZE - 1) || base >> 47)
		return 0;
	owner = table_find(space, address);
	return OWNER_KIND(owner) == OWNER_IMAGE_TEXT && OWNER_OBJECT(table_find(space, base)) == OWNER_OBJECT(owner) &&
	       OWNER_OBJECT(table_find(space, base - PAGE_SIZE)) != OWNER_OBJECT(owner);
}

__noinline int phase_look(void)
{
	struct task_state *state = task_known();
	struct space *s = state ? bpf_map_lookup_elem(&spaces, &state->space) : NULL;

	if (!s)
		return 0;
	state->marks_seen = marks;
	if (s->phase == PHASE_BEFORE_MAIN && main_has_begun(state->space)) {
		s->phase = PHASE_MAIN;
		__sync_fetch_and_add(&mains_begun, 1);
	}
	state->now = s->phase;
	return 0;
}

/* Before anything of a new fault or call is counted. */
static __always_inline void phase_follow(struct task_state *state)
{
	if (state->now == PHASE_BEFORE_MAIN || state->marks_seen != marks)
		phase_look();
}

/* A new program, with this dynamic loader (an object, 0: none), has not run yet. */
static __always_inline void phase_begin(struct space *s, struct task_state *state, __u32 interpreter)
{
	if (calibrating)
		known_interpreter = interpreter;
	if (interpreter && interpreter == known_interpreter && main_depth) {
		__sync_fetch_and_add(&mains_awaited, 1);
		return;
	}
	s->phase = PHASE_UNKNOWN;
	state->now = PHASE_UNKNOWN;
}

static __always_inline void phase_enter(struct task_state *state, __u32 phase)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &state->space);

	if (!s)
		return;
	s->phase = phase;
	state->now = phase;
	state->marks_seen = fetch_add(&marks, 1) + 1;
	if (!phase_begins[phase & (PHASES - 1)])
		phase_begins[phase & (PHASES - 1)] = state->marks_seen;
}

/* The program says that something new begins. */
__noinline int phase_mark(__u64 text)
{
	struct task_state *state = task_known();
	struct phase_name name = {};
	__u32 *known, number;

	if (!state)
		return 0;
	if (bpf_probe_read_user_str(name.text, sizeof(name.text), (void *)text) <= 1) {
		lose(LOSS_PHASE); /* nobody has read the text before, so it isn't in memory; or it is empty */
		return 0;
	}
	known = bpf_map_lookup_elem(&phases, &name);
	if (!known) {
		number = fetch_add(&next_phase, 1);
		if (number < PHASES)
			bpf_map_update_elem(&phases, &name, &number, BPF_NOEXIST);
		known = bpf_map_lookup_elem(&phases, &name);
	}
	if (known)
		phase_enter(state, *known);
	else
		lose(LOSS_PHASE);
	return 0;
}

#endif
