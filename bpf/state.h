/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Where each traced task's state is kept: with the task, so a foreign one costs a look at a null pointer. */
#ifndef HAKMEM_BPF_STATE_H
#define HAKMEM_BPF_STATE_H

#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/* Set by the loader when it has seen enough: whatever is charged from then on is not counted, anywhere. */
volatile __u32 stopping = 0;

/* Set by the loader while durations are wanted: reading the clock costs more than counting. */
volatile __u32 timing = 1;

/* Where the kernel has all memory, and the array of struct page; set by the loader where it knows (0: not). */
__u64 direct_map = 0;
__u64 page_array = 0;

static __always_inline struct task_state *task_known(void)
{
	if (stopping)
		return NULL;
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);
}

#endif
