/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The way back to libhakmem: what each published range cost, written into the table that the loader gave this process
 * (include/hakmem_map.h). Nobody reports from it: the process can write there.
 */
#ifndef HAKMEM_BPF_COSTS_H
#define HAKMEM_BPF_COSTS_H

#include "account.h"
#include "cost_table.h"

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
