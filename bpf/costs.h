/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The way back to libhakmem: what each published range cost, written into the cost area that the loader gave this
 * process (include/hakmem_map.h). Nobody reports from it: the process can write there.
 */
#ifndef HAKMEM_BPF_COSTS_H
#define HAKMEM_BPF_COSTS_H

#include "account.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, COST_AREAS);
	__type(key, __u32);
	__type(value, struct cost_area);
} cost_areas SEC(".maps");

/* Thread group id -> index of its area; written by the loader alone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, COST_AREAS);
	__type(key, __u32);
	__type(value, __u32);
} cost_owners SEC(".maps");

static __always_inline void costs_write(__u32 pid, __u32 slot, const struct cost *cost)
{
	__u32 *index = bpf_map_lookup_elem(&cost_owners, &pid);
	struct cost_area *area;
	struct hakmem_cost *into;

	if (!index)
		return;
	area = bpf_map_lookup_elem(&cost_areas, index);
	if (!area || slot >= HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES)
		return;
	into = &area->costs.cost[slot];
	add(into->faults, cost->faults);
	add(into->fault_ns, cost->ns);
	add(into->zeroed_bytes, cost->zeroed_bytes);
	add(into->zero_ns, cost->zero_ns);
}

#endif
