/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The loader's questions. About one task, which it knows by its id as it sees it: is it traced, and may it be from its
 * next exec on? It sets what is asked, runs the program, and reads the answer; one question at a time. And which
 * processes are traced now: each is a record that is read.
 */
#ifndef HAKMEM_BPF_ASK_H
#define HAKMEM_BPF_ASK_H

#include "task.h"

__u32 asked_task = 0; /* a process's id, which is its first thread's */
__u32 asked_to_arm = 0;
__u32 asked_phase = 0;   /* the answer, as enum task_phase */
__u32 asked_process = 0; /* and its id in the machine's own namespace */

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
	asked_process = kernel_read(task, tgid);
	return 0;
}

/* A process whose first thread has ended, and others not, isn't told of. */
SEC("iter/task")
int tell_traced(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct traced_process traced = {};
	struct task_state *state;
	struct space *s;

	if (!task || kernel_read(task, pid) != kernel_read(task, tgid))
		return 0;
	state = state_of(task);
	if (!state || state->phase != TASK_TRACED)
		return 0;
	traced.process = process_in_view(task);
	traced.space = state->space;
	s = bpf_map_lookup_elem(&spaces, &traced.space);
	traced.map = s ? s->map : 0;
	bpf_probe_read_kernel_str(traced.comm, sizeof(traced.comm), task->comm);
	bpf_seq_write(context->meta->seq, &traced, sizeof(traced));
	return 0;
}

#endif
