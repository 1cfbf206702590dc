/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The tracepoint rung, for kernels without fentry and kprobes: a fault begins at the page_fault tracepoints and ends at
 * the software event that mm_account_fault() raises for each charged fault that came by an exception; zeroed pages are
 * those that mm_page_alloc hands out with __GFP_ZERO.
 */
#ifndef HAKMEM_BPF_RUNG_TRACEPOINT_H
#define HAKMEM_BPF_RUNG_TRACEPOINT_H

#include "zeroing.h"

/* An error code's bit of faults in user mode (arch/x86/include/asm/trap_pf.h); the others are FAULT_*. */
#define FAULT_BY_USER 0x04

/*
 * Of both tracepoints, page_fault_user and page_fault_kernel: one program for two, so that it is verified once. The
 * latter also fires for probes that must not fault (pagefault_disable), ours among them: those are never handled or
 * charged.
 */
SEC("raw_tp/page_fault_user")
int tracepoint_fault_begin(struct bpf_raw_tracepoint_args *context)
{
	__u64 address = context->args[0], error = context->args[2];
	struct task_struct *task = current_task();
	struct task_state *state = current_traced(task);

	if (!state)
		return 0;
	if (!(error & FAULT_BY_USER) && (faults_disabled(task) || address >> 47))
		return 0;
	fault_begin(task, state, address);
	state->error = FAULT_KNOWN | (error & (FAULT_PRESENT | FAULT_WRITE));
	fault_place(task, state);
	return 0;
}

/*
 * The time since the fault began, or since its previous page, bounds this page's zeroing from above. But behind a huge
 * folio that is cleared later comes its clearing: that is bounded by the fault's end (fault_settle()). Where two
 * programs tell of each allocation, the second only notes that the first one has.
 */
static __always_inline void page_handed_out(__u64 page, __u32 gfp, __u32 order)
{
	struct task_state *state = task_traced();
	__u64 ns = 0;

	if (!state || !page || is_interrupts(gfp))
		return;
	if (told_twice && state->told_page == page) {
		state->told_page = 0;
		return;
	}
	if (told_twice)
		state->told_page = page;
	if (state->pending && state->mark_ns && !state->huge_bytes) {
		__u64 now = bpf_ktime_get_ns();

		ns = now - state->mark_ns;
		state->mark_ns = now;
	}
	page_allocated(state, NO_FRAME, gfp, order, ns);
}

/* Raw, so that the page is a number: to make one of a pointer takes a call. */
SEC("raw_tp/mm_page_alloc")
int tracepoint_zero_alloc(struct bpf_raw_tracepoint_args *context)
{
	page_handed_out(context->args[0], context->args[2], context->args[1]);
	return 0;
}

SEC("raw_tp/mm_page_alloc")
int tracepoint_zero_alloc_again(struct bpf_raw_tracepoint_args *context)
{
	page_handed_out(context->args[0], context->args[2], context->args[1]);
	return 0;
}

#endif
