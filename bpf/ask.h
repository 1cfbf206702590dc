/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The loader's questions about one task, which it knows by its id as it sees it: is it traced, and may it be from its
 * next exec on? It sets what is asked, runs the program, and reads the answer. One question at a time.
 */
#ifndef HAKMEM_BPF_ASK_H
#define HAKMEM_BPF_ASK_H

#include "task.h"

__u32 asked_task = 0; /* a process's id, which is its first thread's */
__u32 asked_to_arm = 0;
__u32 asked_phase = 0; /* the answer, as enum task_phase */

static __always_inline struct task_state *task_arm(struct task_struct *task)
{
	struct task_state *state = state_make(task);

	if (state) {
		state->call = CALL_NONE;
		state->now = PHASE_BEFORE_MAIN;
		state->phase = TASK_ARMED;
	}
	return state;
}

SEC("iter/task")
int ask(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct task_state *state;

	if (!task || kernel_read(task, pid) != kernel_read(task, tgid) || process_in_view(task) != asked_task)
		return 0;
	state = asked_to_arm ? task_arm(task) : state_of(task);
	asked_phase = state ? state->phase : TASK_UNTRACED;
	return 0;
}

#endif
