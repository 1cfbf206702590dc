/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What the programs of range_costs.bpf.c and their loader (loader/trace/range_costs.h) share. */
#ifndef HAKMEM_BPF_RANGE_COSTS_H
#define HAKMEM_BPF_RANGE_COSTS_H

/* A process whose ranges are looked after, by its id in the machine's own namespace. */
struct range_client {
	hakmem_u64 map; /* where it says that its struct hakmem_map lies: nothing but its own memory is read by that */
};

/* Clients by the lowest bits of their ids, so that whoever is none is mostly told by one look. */
#define RANGE_CLIENT_BITS 12

/* Of a processor. */
struct range_totals {
	hakmem_u64 faults; /* in clients' published ranges */
	hakmem_u64 timed;
};

#endif
