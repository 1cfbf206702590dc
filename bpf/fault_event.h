/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The page-fault software events that mm_account_fault() raises for each charged fault that came by an exception, with
 * its address. On the tracepoint rung they are the end of a fault. On every rung they are the hook that can't be
 * missed: a program that is preempted is skipped for whoever runs on that CPU meanwhile (its recursion guard is a
 * per-CPU flag), which happens to fentry and fexit programs on kernels with preemption, and to tracepoints' from 6.19
 * on; but these events are raised with preemption off.
 */
#ifndef HAKMEM_BPF_FAULT_EVENT_H
#define HAKMEM_BPF_FAULT_EVENT_H

#include "zeroing.h"

/* struct bpf_perf_event_data (include/uapi/linux/bpf_perf_event.h), whose first member is the user's struct pt_regs. */
struct fault_event_data {
#ifdef __TARGET_ARCH_x86
	__u64 registers[21];
#endif
	__u64 sample_period;
	__u64 addr;
};

/* What the hooks since the last one have seen of a fault whose beginning was missed: a page of its own is written to.
 */
static __always_inline __u32 missed_fault_error(const struct task_state *state)
{
	__u32 error = state->error & (FAULT_PRESENT | FAULT_ALLOCATED | FAULT_ZEROED);

	/* A page that is there is only looked at for a write, and one that is not is only allocated for one. */
	if (presence_hooked && error & FAULT_PRESENT)
		error |= FAULT_KNOWN | FAULT_WRITE;
	if (presence_hooked && error && !is_shared(OWNER_KIND(state->place.request)) &&
	    !is_private_file(OWNER_KIND(state->place.request)))
		error |= FAULT_KNOWN | FAULT_WRITE;
	return error;
}

/*
 * The fault that was just charged is one whose beginning was missed. It counts, untimed; what was charged before it is
 * not its own, but what was allocated since the last hook is.
 */
static __always_inline void fault_begin_missed(struct task_struct *task, struct task_state *state, __u64 address)
{
	if (state->asked_gfp)
		allocation_recover();
	space_follow(task, state);
	phase_follow(state);
	state->begin_ns = 0;
	state->mark_ns = 0;
	state->populating = 0;
	state->address = address;
	state->pending = 1;
	fault_place(task, state);
	state->error = missed_fault_error(state);
	if (is_shared_page(state, true))
		shared_page_is_faults(state);
}

SEC("perf_event")
int fault_event(struct fault_event_data *context)
{
	struct task_struct *task = current_task();
	struct task_state *state = task_traced();
	__u64 end_ns = 0;

	if (!state)
		return 0;
	if (state->pending && PAGE_ALIGN_DOWN(state->address) == PAGE_ALIGN_DOWN(context->addr)) {
		if (state->begin_ns)
			end_ns = bpf_ktime_get_ns();
	} else if (hooks_miss) {
		fault_begin_missed(task, state, context->addr);
	}
	settle(task, state, end_ns);
	return 0;
}

#endif
