/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Process ids as the loader sees them: in a container it has a PID namespace of its own. */
#ifndef HAKMEM_BPF_VIEW_H
#define HAKMEM_BPF_VIEW_H

#include "common.h"

int viewer = 0;       /* the loader's process id, in the machine's own namespace; it is never traced */
__u32 view_level = 0; /* of its PID namespace, 0: the machine's own */

SEC("raw_tp")
int view_note(void *context)
{
	struct task_struct *task = current_task();

	viewer = kernel_read(task, tgid);
	view_level = BPF_CORE_READ(task, thread_pid, level);
	return 0;
}

/* A task's process id as the loader sees it: 0 when it can't see it. */
static __always_inline __u32 pid_in_view(struct pid *pid)
{
	__u32 number = 0, level = view_level & 31; /* MAX_PID_NS_LEVEL is 32 */

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number),
	    (void *)pid + bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid) +
	        bpf_core_field_offset(struct upid, nr));
	return number;
}

static __always_inline __u32 process_in_view(struct task_struct *task)
{
	if (!view_level)
		return BPF_CORE_READ(task, tgid);
	return pid_in_view(BPF_CORE_READ(task, group_leader, thread_pid));
}

#endif
