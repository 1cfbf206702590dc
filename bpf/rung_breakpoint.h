/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The breakpoint rung for zeroing: hardware execution breakpoints, on each traced task, at the clearing function and
 * behind its `rep stos`. They see every clearing of a page, but not what for: that is told by the allocation, whose
 * tracepoint follows the clearing of what it hands out.
 */
#ifndef HAKMEM_BPF_RUNG_BREAKPOINT_H
#define HAKMEM_BPF_RUNG_BREAKPOINT_H

#include "fault_event.h"
#include "rung_exact.h"

#ifdef __TARGET_ARCH_x86
#define REGISTER_DI 14 /* of struct pt_regs (arch/x86/include/uapi/asm/ptrace.h) */
#endif

/* clear_page_*(address) begins. User memory until an allocation says otherwise. */
SEC("perf_event")
int breakpoint_zero_begin(struct fault_event_data *context)
{
	struct task_state *state = task_traced();
	__u64 frame = FRAME_OF_ADDRESS(context->registers[REGISTER_DI]);

	if (!state)
		return 0;
	if (!state->run_bytes || state->run_first + (state->run_bytes >> PAGE_SHIFT) != frame) {
		state->run_first = frame;
		state->run_bytes = 0;
		state->run_ns = 0;
	}
	state->run_bytes += PAGE_SIZE;
	if (state->pending)
		frames_cleared_again(state, frame, 1);
	clearing_begin(state, OWNER_NONE, PAGE_SIZE);
	return 0;
}

SEC("perf_event")
int breakpoint_zero_end(struct fault_event_data *context)
{
	struct task_state *state = task_traced();
	__u64 ns;

	if (!state || !state->alloc_begin_ns)
		return 0;
	ns = bpf_ktime_get_ns() - state->alloc_begin_ns;
	state->alloc_begin_ns = 0;
	state->run_ns += ns;
	zeroed_in(state, OWNER_NONE, PAGE_SIZE, ns);
	return 0;
}

/*
 * The last pages that were cleared, if these are they, were for this. The user's may be cleared once more by whoever
 * asked for them; the kernel's are taken back from the user's. An interrupt that clears pages of its own in between
 * makes that unknown, and the pages count as cleared once.
 */
SEC("raw_tp/mm_page_alloc")
int breakpoint_zero_alloc(struct bpf_raw_tracepoint_args *context)
{
	struct task_state *state = task_traced();
	__u64 page = context->args[0], frame, cleared, ns;
	__u32 order = context->args[1], gfp = context->args[2];
	__u64 bytes = PAGE_SIZE << (order & 15);
	struct cost *user;

	if (!state || !page)
		return 0;
	frame = FRAME_OF_PAGE(page);
	cleared = state->run_bytes;
	state->run_bytes = 0;
	if (!is_interrupts(gfp))
		allocation_seen(state, gfp, order);
	if (!(gfp & GFP_ZERO) && !init_on_alloc)
		return 0; /* it may well be what was cleared and freed just before */
	if (cleared < bytes || frame + (bytes >> PAGE_SHIFT) != state->run_first + (cleared >> PAGE_SHIFT))
		return 0;
	if (gfp & GFP_HIGHMEM) {
		if (state->pending)
			frames_remember(state, frame, bytes >> PAGE_SHIFT);
		return 0;
	}
	ns = state->run_ns * bytes / cleared;
	user = &state->fault;
	user->zeroed_bytes -= bytes;
	user->zero_events -= bytes >> PAGE_SHIFT;
	if (ns) {
		user->zero_timed_bytes -= bytes;
		user->zero_ns -= ns;
	}
	if (!is_interrupts(gfp))
		zeroed(state, zeroed_for(gfp, order), bytes, ns);
	return 0;
}

#endif
