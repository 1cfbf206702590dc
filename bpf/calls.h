/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * System calls: those that request, move or drop address ranges keep the request table true; any that was charged for
 * pages without an exception (MAP_POPULATE, mlock, other get_user_pages) is asked which range it populated.
 *
 * An unmapping is entered when the call begins, a mapping when it has returned: in between nobody may use the range,
 * and another thread that is given it meanwhile enters it after.
 */
#ifndef HAKMEM_BPF_CALLS_H
#define HAKMEM_BPF_CALLS_H

#include "stack.h"

#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0

/* libhakmem names its map: remember where it is, for this address space only. */
__noinline int prctl_begin(void)
{
	struct task_state *state = task_known();
	static const char expected[] = HAKMEM_MAP_NAME;
	char name[sizeof(expected)] = {};
	__u64 magic = 0;
	struct space *s;

	if (!state || state->argument[0] != PR_SET_VMA || state->argument[1] != PR_SET_VMA_ANON_NAME)
		return 0;
	if (bpf_probe_read_user_str(name, sizeof(name), (void *)state->argument[4]) != sizeof(name))
		return 0;
	for (unsigned int i = 0; i < sizeof(name); i++)
		if (name[i] != expected[i])
			return 0;
	bpf_probe_read_user(&magic, sizeof(magic), (void *)state->argument[2]);
	s = bpf_map_lookup_elem(&spaces, &state->space);
	if (!s || magic != HAKMEM_MAP_MAGIC || state->argument[3] < sizeof(struct hakmem_map))
		return 0;
	s->map = state->argument[2];
	add(table_generation, 1); /* what is known of its memory may be of the map from now on */
	return 0;
}

static __always_inline void call_arguments(struct task_state *state, struct pt_regs *regs, __u32 call)
{
	state->call = call;
	state->forked = 0;
	state->argument[0] = regs->di;
	state->argument[1] = regs->si;
	state->argument[2] = regs->dx;
	state->argument[3] = regs->r10;
	state->argument[4] = regs->r8;
}

/* What munmap's range is: nobody's. */
static __always_inline void unmapped(struct task_state *state)
{
	if (state->argument[0] && !(state->argument[0] & (PAGE_SIZE - 1)))
		table_set(state->space, state->argument[0], state->argument[0] + state->argument[1], OWNER_NONE);
}

static __always_inline void call_begin(struct task_struct *task, struct task_state *state, struct pt_regs *regs)
{
	struct mm_struct *mm;
	__u32 narrow = is_narrow(task, regs) ? CALLER_NARROW | CALLER_THROUGH_LIBC : 0;

	switch (state->call) {
	case CALL_MUNMAP:
		state->caller = caller_of(state, regs, narrow);
		purge_begin();
		waste_range(state->space, state->argument[0], state->argument[1]);
		unmapped(state);
		break;
	case CALL_BRK:
		mm = BPF_CORE_READ(task, mm);
		state->argument[1] = mm ? BPF_CORE_READ(mm, brk) : 0;
		state->caller = caller_of(state, regs, narrow | CALLER_THROUGH_LIBC);
		if (mm && state->argument[0] >= BPF_CORE_READ(mm, start_brk))
			waste_change(state->space, PAGE_ALIGN(state->argument[0]), PAGE_ALIGN(state->argument[1]),
			    WASTE_LOOK, 0);
		break;
	case CALL_MMAP:
		state->caller = caller_of(state, regs, narrow);
		if (state->argument[3] & MAP_FIXED)
			waste_range(state->space, state->argument[0], state->argument[1]);
		break;
	case CALL_MREMAP:
		state->caller = caller_of(state, regs, narrow);
		mremap_begin(state);
		waste_remap(state);
		break;
	case CALL_MADVISE:
		if ((__u32)state->argument[2] == HAKMEM_MARK_ADVICE) {
			phase_mark(state->argument[0]);
		} else if (gives_back(state->argument[2])) {
			state->caller = caller_of(state, regs, narrow);
			purge_begin();
			waste_range(state->space, state->argument[0], state->argument[1]);
		}
		break;
	case CALL_PROCESS_MADVISE:
		if (gives_back(state->argument[3])) {
			state->caller = caller_of(state, regs, narrow);
			purge_vectors();
		}
		break;
	case CALL_MPROTECT:
	case CALL_PKEY_MPROTECT:
		purge_begin();
		break;
	case CALL_PRCTL:
		prctl_begin();
		break;
	case CALL_EXECVE:
	case CALL_EXECVEAT:
	case CALL_EXIT:
		waste_leave(state, false);
		break;
	case CALL_EXIT_GROUP:
		waste_leave(state, true);
		break;
	}
}

/*
 * The call's enter was not seen: the hook was skipped (fault_event.h), or the task was attached to meanwhile. When it
 * returns the registers still have its arguments, but not what had to be looked at before.
 */
#ifdef OLD_KERNEL
static __always_inline int call_recovered(void)
{
	return 0; /* neither happens there */
}
static __always_inline int fork_recovered(void)
{
	return 0;
}
#else

/* Whether nobody else can have mapped anything since this task's call did its work. */
static __always_inline bool maps_alone(struct task_state *state)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &state->space);

	return s && s->tasks == 1;
}

__noinline int call_recovered(void)
{
	struct task_state *state = task_known();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(current_task());
	__u64 call = regs->orig_ax;

	if (!state || call == CALL_BRK || call == CALL_MREMAP)
		return 0;
	call_arguments(state, regs, call);
	state->forked = 1; /* attaching finds the child by itself */
	switch (call) {
	case CALL_MADVISE:
		if (!gives_back(state->argument[2]))
			break;
		/* fall through */
	case CALL_MUNMAP:
	case CALL_MPROTECT:
	case CALL_PKEY_MPROTECT:
		state->caller = caller_of(state, regs, 0);
		purge_begin(); /* a moment late */
		/* What stays here though it is gone is taken for what the next mapping there replaces. */
		if (call == CALL_MUNMAP && maps_alone(state))
			unmapped(state);
		break;
	case CALL_MMAP:
		state->caller = caller_of(state, regs, 0);
		break;
	}
	return 0;
}

/* A fork is told of before its call returns: where the new thread's stack is has to be known now. */
__noinline int fork_recovered(void)
{
	struct task_state *state = task_known();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(current_task());
	__u64 call = regs->orig_ax;

	if (state && state->call != (__u32)call && (call == CALL_CLONE || call == CALL_CLONE3))
		call_arguments(state, regs, call);
	return 0;
}
#endif

static __always_inline void call_end(struct task_state *state, struct pt_regs *regs, __s64 result)
{
	bool failed = result < 0 && result >= -4095;

	switch (state->call) {
	case CALL_MMAP:
		if (!failed)
			mmap_done(result);
		break;
	case CALL_BRK:
		brk_done(state, result);
		break;
	case CALL_MREMAP:
		if (!failed) {
			history_moved(result);
			waste_moved(state, result);
		}
		mremap_done(state, result, failed);
		break;
	case CALL_SHMAT:
		if (!failed)
			shmat_done(result);
		break;
	case CALL_SIGALTSTACK:
		if (!failed)
			sigaltstack_done();
		break;
	case CALL_CLONE:
	case CALL_CLONE3:
	case CALL_FORK:
	case CALL_VFORK:
		if (result > 0 && !state->forked)
			lose(LOSS_TASK); /* its fork hook was skipped: nothing of the new task will be counted */
		break;
	case CALL_ARCH_PRCTL:
		if (!failed && state->argument[0] == ARCH_SET_FS)
			thread_pointer_set(state->argument[1]);
		break;
	}
	if (state->extra.faults || state->extra.zero_events)
		call_settle(result, regs->sp);
	state->call_huge_bytes = 0;
	state->call_single_bytes = 0;
	state->call = CALL_NONE;
}

#endif
