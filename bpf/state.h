/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Where each traced task's state is kept: with the task, so a foreign one costs a look at a null pointer. */
#ifndef HAKMEM_BPF_STATE_H
#define HAKMEM_BPF_STATE_H

#include "common.h"

static const struct task_state task_zero;

#ifdef OLD_KERNEL

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* thread id */
	__type(value, struct task_state);
} tasks SEC(".maps");

static __always_inline struct task_state *state_of(struct task_struct *task)
{
	__u32 id = kernel_read(task, pid);

	return bpf_map_lookup_elem(&tasks, &id);
}

static __always_inline struct task_state *state_make(struct task_struct *task)
{
	__u32 id = kernel_read(task, pid);

	bpf_map_update_elem(&tasks, &id, &task_zero, BPF_ANY);
	return bpf_map_lookup_elem(&tasks, &id);
}

static __always_inline void state_drop(struct task_struct *task)
{
	__u32 id = kernel_read(task, pid);

	bpf_map_delete_elem(&tasks, &id);
}

#else

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/*
 * Most tasks of a machine are nobody's: no map holds anything of them, which one load tells. (The field is older than
 * tracing programs' use of task storage, commit a10787e6d58c.)
 */
static __always_inline struct task_state *state_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->bpf_storage) && !task->bpf_storage)
		return NULL;
	return bpf_task_storage_get(&tasks, task, 0, 0);
}

static __always_inline struct task_state *state_make(struct task_struct *task)
{
	return bpf_task_storage_get(&tasks, task, (void *)&task_zero, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* It goes with its task. */
static __always_inline void state_drop(struct task_struct *task)
{
}

#endif

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
	return state_of(current_task());
}

#endif
