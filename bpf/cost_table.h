/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Each process's table of what its published ranges cost (include/hakmem_map.h, "the way back"). */
#ifndef HAKMEM_BPF_COST_TABLE_H
#define HAKMEM_BPF_COST_TABLE_H

#include "common.h"

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

#endif
