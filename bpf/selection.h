/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Which running tasks the loader was told to trace: by process id, name, cgroup, or all.
 */
#ifndef HAKMEM_BPF_SELECTION_H
#define HAKMEM_BPF_SELECTION_H

#include "state.h"
#include "view.h"

/* include/linux/sched.h */
#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

#define CGROUP_LEVELS 32

/* Written by the loader before it attaches; nothing is selected by default. */
__u32 select_all = 0;
__u32 select_only_itself = 0; /* don't follow what traced processes fork */
__u32 select_name_count = 0;
__u32 select_cgroup_count = 0;
char select_name[SELECTION_NAMES][16] = {};
__u64 select_cgroup[SELECTION_CGROUPS] = {}; /* ids */

/* Process ids, as the loader sees them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SELECTION_PIDS);
	__type(key, __u32);
	__type(value, __u32);
} selected_pids SEC(".maps");

static __always_inline bool name_selected(struct task_struct *task)
{
	char name[16] = {};

	if (!select_name_count)
		return false;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(task, group_leader)->comm);
	for (__u32 i = 0; i < SELECTION_NAMES && i < select_name_count; i++) {
		bool same = true;

		for (__u32 at = 0; at < sizeof(name); at++) {
			if (name[at] != select_name[i][at])
				same = false;
			if (!name[at] || !same)
				break;
		}
		if (same)
			return true;
	}
	return false;
}

/* On the unified hierarchy. A css's first member is its cgroup's first, so one's parent is the other's. */
static __always_inline bool cgroup_selected(struct task_struct *task)
{
	struct cgroup *group;

	if (!select_cgroup_count)
		return false;
	group = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	for (int level = 0; group && level < CGROUP_LEVELS; level++) {
		__u64 id = BPF_CORE_READ(group, kn, id);

		for (__u32 i = 0; i < SELECTION_CGROUPS && i < select_cgroup_count; i++)
			if (id == select_cgroup[i])
				return true;
		group = (struct cgroup *)BPF_CORE_READ(group, self.parent);
	}
	return false;
}

/* Is this a user task that was asked for by what it is, and not only as somebody's child? */
static __always_inline bool selected(struct task_struct *task)
{
	if (!selecting || task->flags & (PF_KTHREAD | PF_EXITING) || !BPF_CORE_READ(task, mm) ||
	    kernel_read(task, tgid) == viewer)
		return false;
	if (view_level && !process_in_view(task))
		return false; /* in a container: none of its own */
	return select_all || name_selected(task) || cgroup_selected(task);
}

static __always_inline bool selected_by_pid(struct task_struct *task)
{
	__u32 pid = process_in_view(task);

	if (!pid || kernel_read(task, flags) & PF_EXITING || !BPF_CORE_READ(task, mm) ||
	    kernel_read(task, tgid) == viewer)
		return false;
	return bpf_map_lookup_elem(&selected_pids, &pid);
}

#endif
