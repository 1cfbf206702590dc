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

#include "caller.h"
#include "move.h"
#include "populate.h"

#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0

/* struct pthread is 0x900 bytes and ends its mapping (glibc 2.31-2.41; KERNEL.md: about 2 KiB below the end). */
#define THREAD_CONTROL_BLOCK 0x900

static __always_inline __u32 file_owner(__u32 object, __u32 before, __u64 protection, __u64 flags)
{
	bool fixed_over_itself = flags & MAP_FIXED && is_image(before) && OWNER_OBJECT(before) == object;

	/* The dynamic loader maps with MAP_DENYWRITE (glibc), and over its first mapping of the object (all). */
	if (flags & MAP_SHARED || !(flags & MAP_DENYWRITE || protection & PROT_EXEC || fixed_over_itself))
		return OWNER(flags & MAP_SHARED ? OWNER_FILE : OWNER_FILE_PRIVATE, object);
	if (protection & PROT_EXEC)
		return OWNER(OWNER_IMAGE_TEXT, object);
	return OWNER(protection & PROT_WRITE ? OWNER_IMAGE_DATA : OWNER_IMAGE_READONLY, object);
}

/* See struct space. */
static __always_inline bool tls_next(__u32 space)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &space);

	return s && s->tls_next;
}

static __always_inline __u32 anonymous_owner(
    struct task_state *state, __u32 before, __u64 length, __u64 protection, __u64 flags)
{
	__u32 caller = state->caller;

	if (flags & MAP_SHARED)
		return OWNER(OWNER_SHARED, caller);
	if (flags & MAP_FIXED && is_image(before))
		return OWNER(OWNER_IMAGE_BSS, OWNER_OBJECT(before));
	if (flags & MAP_STACK)
		return OWNER(OWNER_STACK_NEW, caller);
	if (tls_next(state->space))
		return OWNER(OWNER_TLS_MAIN, 0);
	/* glibc's new_heap reserves twice HEAP_MAX_SIZE, 64 MiB, and trims it (MAP_NORESERVE until 2.40 only). */
	if (!protection && (length == 128UL << 20 || length == 64UL << 20))
		return OWNER(OWNER_ARENA, caller);
	/* musl's pthread_create; it needs 128 KiB at least for the stack alone. */
	if (!protection && length > 128UL << 10 && is_libc(caller))
		return OWNER(OWNER_STACK_NEW, caller);
	return OWNER(OWNER_ANON, caller);
}

static __always_inline void remember(struct task_state *state, __u64 start, __u64 end)
{
	__u32 at = state->recent_next++ & (TASK_RECENT - 1);

	state->recent[at].start = start;
	state->recent[at].end = end;
}

static __always_inline bool recent_range(struct task_state *state, __u64 address, struct address_range *range)
{
	for (int i = 1; i <= TASK_RECENT; i++) {
		__u32 at = (state->recent_next - i) & (TASK_RECENT - 1); /* the latest first */

		if (address >= state->recent[at].start && address < state->recent[at].end) {
			*range = state->recent[at];
			return true;
		}
	}
	return false;
}

static __always_inline int mmap_done(__u64 address)
{
	struct task_state *state = task_known();
	__u64 length, protection, flags;
	__u32 before, owner;

	if (!state)
		return 0;
	length = state->argument[1];
	protection = state->argument[2];
	flags = state->argument[3];
	before = flags & MAP_FIXED ? table_find(state->space, address) : OWNER_NONE;
	if (before)
		purge_range(state->space, address, PAGE_ALIGN(length), PURGE_MMAP, state->caller);
	else
		history_change(state->space, address, address + length, HISTORY_MAP, 0);
	if (flags & MAP_ANONYMOUS) {
		owner = anonymous_owner(state, before, length, protection, flags);
		remember(state, address, PAGE_ALIGN(address + length));
	} else {
		__u32 object = object_of_descriptor(state->argument[4]);

		owner = file_owner(object, before, protection, flags);
	}
	table_set(state->space, address, address + length, owner);
	return 0;
}

static __always_inline void brk_done(struct task_state *state, __u64 now)
{
	__u64 before = state->argument[1];

	if (now > before) {
		history_change(state->space, PAGE_ALIGN(before), PAGE_ALIGN(now), HISTORY_MAP, 0);
		table_set(state->space, PAGE_ALIGN(before), now,
		    tls_next(state->space) ? OWNER(OWNER_TLS_MAIN, 0) : OWNER(OWNER_BREAK, state->caller));
		remember(state, PAGE_ALIGN_DOWN(before), PAGE_ALIGN(now));
	} else if (now < before) {
		purge_range(
		    state->space, PAGE_ALIGN(now), PAGE_ALIGN(before) - PAGE_ALIGN(now), PURGE_BRK, state->caller);
		table_set(state->space, PAGE_ALIGN(now), PAGE_ALIGN(before), OWNER_NONE);
	}
}

/*
 * What moves away is nobody's at once. A call that spans two owners will fail, or moves what the kernel merged: nothing
 * is taken away before it has succeeded (OWNER_SPLIT), and then all of it is the first one's.
 */
static __always_inline void mremap_begin(struct task_state *state)
{
	__u64 start = state->argument[0], end = start + state->argument[1];

	state->saved_owner = table_find(state->space, start);
	if (table_find(state->space, end - 1) != state->saved_owner)
		state->saved_owner = OWNER_SPLIT;
	else if (state->argument[3] & MREMAP_MAYMOVE && !(state->argument[3] & MREMAP_DONTUNMAP))
		table_set(state->space, start, end, OWNER_NONE);
}

static __always_inline void mremap_done(struct task_state *state, __u64 address, bool failed)
{
	__u64 start = state->argument[0], end = start + state->argument[1];
	__u32 owner = state->saved_owner;

	if (owner == OWNER_SPLIT) {
		if (failed)
			return;
		owner = table_find(state->space, start);
		if (address != start && !(state->argument[3] & MREMAP_DONTUNMAP))
			table_set(state->space, start, end, OWNER_NONE);
	}
	if (!failed) {
		start = address;
		end = address + state->argument[2];
	}
	table_set(state->space, start, end, owner);
}

/* The kernel made the file (SysV), so it is asked what it mapped. */
__noinline int shmat_done(__u64 address)
{
	struct task_state *state = task_known();
	struct vma_facts facts = {};

	if (state && vma_find(address, &facts))
		table_set(state->space, facts.start, facts.end, OWNER(OWNER_FILE, object_of_file(facts.file)));
	return 0;
}

#define SS_DISABLE 2

/*
 * On its own, as the next: BPF's stack is short. Whole pages of memory mapped for it: what lies in a heap stays the
 * heap's. They stay a signal stack until they are unmapped.
 */
__noinline int sigaltstack_done(void)
{
	struct task_state *state = task_known();
	struct {
		__u64 start;
		__u64 flags;
		__u64 size;
	} stack = {};

	if (!state || !state->argument[0] || bpf_probe_read_user(&stack, sizeof(stack), (void *)state->argument[0]))
		return 0;
	if (stack.flags & SS_DISABLE)
		return 0;
	if (OWNER_KIND(table_find(state->space, PAGE_ALIGN(stack.start))) == OWNER_ANON)
		table_set(state->space, PAGE_ALIGN(stack.start), PAGE_ALIGN_DOWN(stack.start + stack.size),
		    OWNER(OWNER_STACK_SIGNAL, 0));
	return 0;
}

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
	if (s && magic == HAKMEM_MAP_MAGIC && state->argument[3] >= sizeof(struct hakmem_map))
		s->map = state->argument[2];
	return 0;
}

/* The thread pointer is set: the mapping around it, just made, is the main thread's TLS. */
__noinline int thread_pointer_set(__u64 pointer)
{
	struct task_state *state = task_known();
	struct address_range range;
	struct space *s;

	if (!state)
		return 0;
	s = bpf_map_lookup_elem(&spaces, &state->space);
	if (s)
		s->tls_next = 0;
	if (recent_range(state, pointer, &range))
		table_set(state->space, range.start, range.end, OWNER(OWNER_TLS_MAIN, 0));
	return 0;
}

/*
 * A thread is about to run on [stack, top): above it, up to the end of its control block, is its TLS. The page that
 * both share was touched first by whoever wrote the control block, so it counts as TLS.
 */
__noinline int thread_stack_set(__u32 space, __u64 stack, __u64 top, __u64 tls)
{
	__u32 kind = OWNER_KIND(table_find(space, top - 1));

	if (kind != OWNER_STACK_NEW && kind != OWNER_ANON && kind != OWNER_STACK_THREAD && kind != OWNER_TLS_THREAD)
		return 0;
	if (tls >= top && tls - top < 1UL << 30) {
		__u64 end = PAGE_ALIGN(tls + THREAD_CONTROL_BLOCK);

		top = PAGE_ALIGN_DOWN(top);
		table_set(space, top, end, OWNER(OWNER_TLS_THREAD, 0));
	}
	if (stack)
		table_set(space, stack, top, OWNER(OWNER_STACK_THREAD, 0));
	return 0;
}

/* In the creating thread's clone or clone3, before the new thread runs. */
static __always_inline void thread_created(struct task_state *state, struct task_state *born)
{
	if (state->call == CALL_CLONE3) {
		struct {
			__u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
		} arguments = {};

		if (bpf_probe_read_user(&arguments, sizeof(arguments), (void *)state->argument[0]) || !arguments.stack)
			return;
		if (!(arguments.flags & CLONE_SETTLS))
			arguments.tls = 0;
		thread_stack_set(state->space, arguments.stack, arguments.stack + arguments.stack_size, arguments.tls);
		born->stack_top = arguments.stack + arguments.stack_size;
	}
	if (state->call == CALL_CLONE && state->argument[1]) {
		struct address_range range = {};

		born->stack_top = state->argument[1];
		born->stack_unbounded = !recent_range(state, state->argument[1] - 1, &range);
		thread_stack_set(state->space, range.start, state->argument[1],
		    state->argument[0] & CLONE_SETTLS ? state->argument[4] : 0);
	}
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

static __always_inline void call_begin(struct task_struct *task, struct task_state *state, struct pt_regs *regs)
{
	struct mm_struct *mm;
	__u32 narrow = is_narrow(task, regs) ? CALLER_NARROW | CALLER_THROUGH_LIBC : 0;

	switch (state->call) {
	case CALL_MUNMAP:
		state->caller = caller_of(state, regs, narrow);
		purge_begin();
		waste_range(state->space, state->argument[0], state->argument[1]);
		if (state->argument[0] && !(state->argument[0] & (PAGE_SIZE - 1)))
			table_set(
			    state->space, state->argument[0], state->argument[0] + state->argument[1], OWNER_NONE);
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
#else
__noinline int call_recovered(void)
{
	struct task_state *state = task_known();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(current_task());
	__u64 call = regs->orig_ax;

	if (!state || call == CALL_BRK || call == CALL_MREMAP)
		return 0;
	call_arguments(state, regs, call);
	state->forked = 1; /* attaching finds the child by itself */
	if (call == CALL_MMAP)
		state->caller = caller_of(state, regs, 0);
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
	state->call = CALL_NONE;
}

#endif
