/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The tracepoint rung, for kernels without fentry and kprobes: a fault begins at the page_fault tracepoints and ends at
 * the software event that mm_account_fault() raises for each charged fault that came by an exception; zeroed pages are
 * those that mm_page_alloc hands out with __GFP_ZERO.
 */
#ifndef HAKMEM_BPF_RUNG_TRACEPOINT_H
#define HAKMEM_BPF_RUNG_TRACEPOINT_H

#include "zeroing.h"

/* A fault that is of no sweep. On its own, as page_handed_out(): what these need to begin with, a sweep's can do
 * without. */
__noinline int tracepoint_fault(__u64 address, __u64 error, __u64 stack)
{
	struct task_struct *task = current_task();
	__u64 generation = task_generation;
	struct task_state *state = current_traced(task);

	if (!state) {
		if (error & FAULT_BY_USER)
			note_foreign(stack, generation);
		return 0;
	}
	if (!(error & FAULT_BY_USER) && (faults_disabled(task) || address >> 47))
		return 0;
	fault_begin(task, state, address);
	state->error = FAULT_KNOWN | (error & (FAULT_PRESENT | FAULT_WRITE));
	fault_place_here(task, state);
	sweep_begin(state, stack, error);
	return 0;
}

/*
 * Of both tracepoints, page_fault_user and page_fault_kernel: one program for two, so that it is verified once. The
 * latter also fires for probes that must not fault (pagefault_disable), ours among them: those are never handled or
 * charged.
 */
SEC("raw_tp/page_fault_user")
int tracepoint_fault_begin(struct bpf_raw_tracepoint_args *context)
{
	__u64 address = context->args[0], error = context->args[2], stack = STACK_PLACE(context);
	struct processor *here = processor_of(bpf_get_smp_processor_id());

	if (!here || sweep_goes_on(here, stack, address, error) || is_foreign_stack(here, stack))
		return 0;
	return tracepoint_fault(address, error, stack);
}

/*
 * The time since the fault began, or since its previous page, bounds this page's zeroing from above. But behind a huge
 * folio that is cleared later comes its clearing: that is bounded by the fault's end (fault_settle()). Where two
 * programs tell of each allocation, the second only notes that the first one has.
 */
__noinline int page_handed_out(__u64 page, __u32 gfp, __u32 order)
{
	struct task_state *state = task_traced();
	__u64 ns = 0;

	if (!state)
		return 0;
	if (told_twice && state->told_page == page) {
		state->told_page = 0;
		return 0;
	}
	if (told_twice)
		state->told_page = page;
	if (state->pending && state->mark_ns && !state->huge_bytes) {
		__u64 now = bpf_ktime_get_ns();

		ns = now - state->mark_ns;
		state->mark_ns = now;
	}
	page_allocated(state, NO_FRAME, gfp, order, ns);
	return 0;
}

/* Raw, so that the page is a number: to make one of a pointer takes a call. */
static __always_inline int page_told(struct bpf_raw_tracepoint_args *context)
{
	__u64 page = context->args[0], stack = STACK_PLACE(context);
	__u32 order = context->args[1], gfp = context->args[2];
	struct processor *here = processor_of(bpf_get_smp_processor_id());

	if (!here || !page || is_interrupts(gfp) || sweep_zeroed(here, stack, gfp, order) ||
	    is_foreign_stack(here, stack))
		return 0;
	return page_handed_out(page, gfp, order);
}

SEC("raw_tp/mm_page_alloc")
int tracepoint_zero_alloc(struct bpf_raw_tracepoint_args *context)
{
	return page_told(context);
}

SEC("raw_tp/mm_page_alloc")
int tracepoint_zero_alloc_again(struct bpf_raw_tracepoint_args *context)
{
	return page_told(context);
}

#endif
