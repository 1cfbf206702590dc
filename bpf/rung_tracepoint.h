/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The tracepoint rung, for kernels without fentry and kprobes: a fault begins at the page_fault tracepoints and ends at
 * the software event that mm_account_fault() raises for each charged fault that came by an exception; zeroed pages are
 * those that mm_page_alloc hands out with __GFP_ZERO.
 */
#ifndef HAKMEM_BPF_RUNG_TRACEPOINT_H
#define HAKMEM_BPF_RUNG_TRACEPOINT_H

#include "zeroing.h"

static __always_inline void tracepoint_fault(struct task_state *state, __u64 address, __u64 error)
{
	struct task_struct *task = current_task();

	fault_begin(task, state, address);
	state->error = FAULT_KNOWN | (error & (FAULT_PRESENT | FAULT_WRITE));
	fault_place(task, state);
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(tracepoint_fault_user, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	struct task_state *state = task_traced();

	if (state)
		tracepoint_fault(state, address, error);
	return 0;
}

/* Also fires for probes that must not fault (pagefault_disable), ours among them: those are never handled or charged.
 */
SEC("tp_btf/page_fault_kernel")
int BPF_PROG(tracepoint_fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	struct task_state *state = task_traced();

	if (state && !kernel_read(current_task(), pagefault_disabled) && !(address >> 47))
		tracepoint_fault(state, address, error);
	return 0;
}

/* The time since the fault began, or since its previous page, bounds this page's zeroing from above. */
SEC("tp_btf/mm_page_alloc")
int BPF_PROG(tracepoint_zero_alloc, struct page *page, unsigned int order, unsigned int gfp)
{
	struct task_state *state = task_traced();
	__u64 ns = 0;

	if (!state || !page)
		return 0;
	if (state->pending && state->mark_ns) {
		__u64 now = bpf_ktime_get_ns();

		ns = now - state->mark_ns;
		state->mark_ns = now;
	}
	page_allocated(state, NO_FRAME, gfp, order, ns);
	return 0;
}

#endif
