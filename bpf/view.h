/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Process ids as the loader sees them: in a container it has a PID namespace of its own. */
#ifndef HAKMEM_BPF_VIEW_H
#define HAKMEM_BPF_VIEW_H

#include "common.h"

int viewer = 0;       /* the loader's process id, in the machine's own namespace; it is never traced */
__u32 view_level = 0; /* of its PID namespace, 0: the machine's own */
__u64 view_space = 0; /* that namespace: others may be as deep, and have the same ids */

/* What a namespace calls it. */
static __always_inline void *name_at(struct pid *pid, __u32 level)
{
	return (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       (level & 31) * bpf_core_type_size(struct upid); /* MAX_PID_NS_LEVEL is 32 */
}

static __always_inline __u64 space_at(struct pid *pid, __u32 level)
{
	__u64 space = 0;

	bpf_probe_read_kernel(&space, sizeof(space), name_at(pid, level) + bpf_core_field_offset(struct upid, ns));
	return space;
}

SEC("raw_tp")
int view_note(void *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	viewer = BPF_CORE_READ(task, tgid);
	view_level = BPF_CORE_READ(task, thread_pid, level);
	view_space = space_at(BPF_CORE_READ(task, thread_pid), view_level);
	return 0;
}

/* A task's process id as the loader sees it: 0 when it can't see it. */
static __always_inline __u32 pid_in_view(struct pid *pid)
{
	__u32 number = 0;

	if (!pid || BPF_CORE_READ(pid, level) < view_level || space_at(pid, view_level) != view_space)
		return 0;
	bpf_probe_read_kernel(
	    &number, sizeof(number), name_at(pid, view_level) + bpf_core_field_offset(struct upid, nr));
	return number;
}

static __always_inline __u32 process_in_view(struct task_struct *task)
{
	if (!view_level)
		return BPF_CORE_READ(task, tgid);
	return pid_in_view(BPF_CORE_READ(task, group_leader, thread_pid));
}

#endif
