/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Memory that becomes a stack or thread-local by what a thread does with it: clone, arch_prctl, sigaltstack. */
#ifndef HAKMEM_BPF_STACK_H
#define HAKMEM_BPF_STACK_H

#include "mapping.h"

/* struct pthread is 0x900 bytes and ends its mapping (glibc 2.31-2.41). */
#define THREAD_CONTROL_BLOCK 0x900

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

#endif
