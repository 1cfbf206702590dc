/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * account(key, cost): the one place where anything is counted. Everything is added atomically: fexit programs
 * can be preempted, also by themselves on behalf of another task, so per-CPU alone is not enough.
 */
#ifndef HAKMEM_BPF_ACCOUNT_H
#define HAKMEM_BPF_ACCOUNT_H

#include "view.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, ACCOUNT_ROWS);
	__type(key, struct account_key);
	__type(value, struct account);
} accounts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PROCESSES_MOST);
	__type(key, __u32); /* thread group id */
	__type(value, struct process_account);
} processes SEC(".maps");

/* The loader makes it one a processor. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} totals SEC(".maps");

_Static_assert((CAUSE_COUNT & (CAUSE_COUNT - 1)) == 0, "a cause is not all of its bits");

static const struct account account_zero;
static const struct process_account process_zero;

static __always_inline struct totals *totals_here(void)
{
	__u32 processor = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&totals, &processor);
}

static __always_inline void lose(enum loss what)
{
	struct totals *t = totals_here();

	if (t && what < LOSS_COUNT)
		add(t->lost[what], 1);
}

static __always_inline __u32 bucket_of(__u64 ns)
{
	__u32 bucket = 0;

	if (ns >> 31)
		return ACCOUNT_BUCKETS - 1;
	if (ns >> 16) {
		ns >>= 16;
		bucket += 16;
	}
	if (ns >> 8) {
		ns >>= 8;
		bucket += 8;
	}
	if (ns >> 4) {
		ns >>= 4;
		bucket += 4;
	}
	if (ns >> 2) {
		ns >>= 2;
		bucket += 2;
	}
	if (ns >> 1)
		bucket += 1;
	return bucket;
}

static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline void account_process(struct task_struct *task, __u32 cause, const struct cost *cost)
{
	__u32 pid = kernel_read(task, tgid);
	struct process_account *p = bpf_map_lookup_elem(&processes, &pid);

	if (!p) {
		bpf_map_update_elem(&processes, &pid, &process_zero, BPF_NOEXIST);
		p = bpf_map_lookup_elem(&processes, &pid);
		if (!p) {
			lose(LOSS_PROCESS);
			return;
		}
		p->pid = process_in_view(task);
		p->parent = process_in_view(BPF_CORE_READ(task, real_parent));
		bpf_probe_read_kernel_str(p->comm, sizeof(p->comm), BPF_CORE_READ(task, group_leader)->comm);
		p->cgroup = cgroup_of(task);
	}
	add(p->causes[cause & (CAUSE_COUNT - 1)], cost->faults);
	if (cost->major)
		add(p->major, cost->major);
	if (cost->populated)
		add(p->populated, cost->populated);
	if (cost->timed) {
		add(p->timed, cost->timed);
		add(p->fault_ns, cost->ns);
	}
	if (cost->zero_events) {
		add(p->zeroed_bytes, cost->zeroed_bytes);
		if (cost->zeroed_twice_bytes)
			add(p->zeroed_twice_bytes, cost->zeroed_twice_bytes);
		add(p->zero_events, cost->zero_events);
	}
	if (cost->zero_timed_bytes) {
		add(p->zero_timed_bytes, cost->zero_timed_bytes);
		add(p->zero_ns, cost->zero_ns);
	}
}

static __always_inline void process_has_hugetlb(struct task_struct *task)
{
	__u32 pid = kernel_read(task, tgid);
	struct process_account *p = bpf_map_lookup_elem(&processes, &pid);

	if (p)
		p->hugetlb = 1;
}

/*
 * Rows made so far of each kind. None may take more than its share: a process that publishes ever new block sizes, or
 * maps ever new files, must not cost the others their rows. Half of a share is only for what costs much at a stretch,
 * so that many small rows leave room for large ones that come later.
 */
__u32 kind_rows[KINDS_MOST] = {};

static __always_inline void account_row_make(const struct account_key *key, __u64 stretch)
{
	__u32 kind = OWNER_KIND(key->owner) & (KINDS_MOST - 1);
	__u32 share = kind == OWNER_FILE ? ACCOUNT_ROWS / 2 : ACCOUNT_ROWS / 4;

	if (stretch < ROW_LARGE)
		share /= 2;
	if (kind_rows[kind] >= share || bpf_map_update_elem(&accounts, key, &account_zero, BPF_NOEXIST))
		return;
	__sync_fetch_and_add(&kind_rows[kind], 1);
}

/*
 * When the map is full, detail is lost and nothing else: the row of the owner's kind, or else `unseen`, takes the cost.
 * The loader has made those rows beforehand.
 */
static __always_inline struct account *account_row(const struct account_key *wanted, __u64 stretch)
{
	struct account_key key = *wanted;
	struct account *a = bpf_map_lookup_elem(&accounts, &key);

	if (a)
		return a;
	account_row_make(&key, stretch);
	a = bpf_map_lookup_elem(&accounts, &key); /* made by us, or by another CPU meanwhile */
	if (a)
		return a;
	lose(LOSS_ACCOUNT);
	key = (struct account_key){.owner = OWNER(OWNER_KIND(key.owner), 0)};
	a = bpf_map_lookup_elem(&accounts, &key);
	if (a)
		return a;
	key.owner = OWNER(OWNER_UNSEEN, 0);
	return bpf_map_lookup_elem(&accounts, &key);
}

/* `stretch`: so many faults in a row, with this cost's, were of this region. */
SHARED_FUNCTION int account_region(const struct account_key *key, const struct cost *cost, __u64 stretch)
{
	struct account *a = key && cost ? account_row(key, stretch) : NULL;

	if (!cost || !a)
		return 0;
	add(a->faults, cost->faults);
	if (cost->major)
		add(a->major, cost->major);
	if (cost->populated)
		add(a->populated, cost->populated);
	if (cost->timed) {
		__u32 bucket = bucket_of(cost->ns);

		add(a->timed, 1);
		add(a->fault_ns, cost->ns);
		add(a->fault_ns_squared, (cost->ns / ACCOUNT_SQUARE_NS) * (cost->ns / ACCOUNT_SQUARE_NS));
		if (bucket < ACCOUNT_BUCKETS)
			add(a->histogram[bucket], 1);
	}
	if (cost->zero_events) {
		add(a->zeroed_bytes, cost->zeroed_bytes);
		if (cost->zeroed_twice_bytes)
			add(a->zeroed_twice_bytes, cost->zeroed_twice_bytes);
		add(a->zero_events, cost->zero_events);
	}
	if (cost->zero_timed_bytes) {
		add(a->zero_timed_bytes, cost->zero_timed_bytes);
		add(a->zero_ns, cost->zero_ns);
	}
	return 0;
}

/* To the current task's process and to a region. */
SHARED_FUNCTION int account(const struct account_key *key, const struct cost *cost)
{
	if (!key || !cost)
		return 0;
	account_process(current_task(), key->cause, cost);
	return account_region(key, cost, cost->faults);
}

#endif
