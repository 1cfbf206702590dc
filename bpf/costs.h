/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The way back to libhakmem: what each published range cost, written into the table that the loader gave this process
 * (include/hakmem_map.h). Nobody reports from it: the process can write there.
 */
#ifndef HAKMEM_BPF_COSTS_H
#define HAKMEM_BPF_COSTS_H

#include "account.h"

/* One process's. */
struct cost_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct cost_area)); /* its type is not told where only this points to it */
};

/* By thread group id; entered by the loader alone (loader/trace/cost_tables.h), which takes out those of the dead late:
 * so there is room for as many again. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2 * COST_TABLES);
	__type(key, __u32);
	__array(values, struct cost_table);
} cost_tables SEC(".maps");

/* NULL: it was given none. */
static __always_inline struct hakmem_costs *costs_of(__u32 pid)
{
	void *table = bpf_map_lookup_elem(&cost_tables, &pid);
	__u32 zero = 0;
	struct cost_area *area = table ? bpf_map_lookup_elem(table, &zero) : NULL;

	return area ? &area->costs : NULL;
}

static __always_inline void costs_write(__u32 pid, __u32 slot, const struct cost *cost)
{
	struct hakmem_costs *costs = costs_of(pid);
	struct hakmem_cost *into;

	if (!costs || slot >= HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES)
		return;
	into = &costs->cost[slot];
	add(into->faults, cost->faults);
	if (cost->timed) {
		add(into->timed, cost->timed);
		add(into->fault_ns, cost->ns);
	}
	if (cost->zeroed_bytes)
		add(into->zeroed_bytes, cost->zeroed_bytes);
	if (cost->zero_timed_bytes) {
		add(into->zero_timed_bytes, cost->zero_timed_bytes);
		add(into->zero_ns, cost->zero_ns);
	}
}

#endif
