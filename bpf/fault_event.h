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

#include "task.h"

/* struct bpf_perf_event_data (include/uapi/linux/bpf_perf_event.h), whose first member is the user's struct pt_regs. */
struct fault_event_data {
#ifdef __TARGET_ARCH_x86
	__u64 registers[21];
#endif
	__u64 sample_period;
	__u64 addr;
};

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
		/* Its beginning was missed: it counts, untimed. What was charged before it is not its own. */
		space_follow(task, state);
		phase_follow(state);
		fault_forget(state);
		state->address = context->addr;
		state->pending = 1;
		fault_place(task, state);
	}
	settle(task, state, end_ns);
	return 0;
}

#endif
