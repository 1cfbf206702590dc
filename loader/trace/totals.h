/* SPDX-License-Identifier: MIT */
/*
 * What the BPF programs have charged, lost and done so far: one struct totals a processor, in memory that we share with
 * them. Looking at it takes no system call: one would switch off perf events' programs on this processor meanwhile
 * (bpf_disable_instrumentation() in kernel/bpf/syscall.c), for whoever runs when we are preempted in it, too.
 */
#ifndef TOTALS_H
#define TOTALS_H

#include <stddef.h>

struct totals;
struct trace; /* the skeleton */

struct shared_totals {
	struct totals *of_processor; /* NULL: not mapped */
	size_t processors;
};

/* Before the object is loaded. 0, or -1 with errno. */
int totals_size(struct trace *object);

/* Afterwards. 0, or -1 with errno. */
int totals_map(struct shared_totals *shared, const struct trace *object);
void totals_unmap(struct shared_totals *shared);

void totals_sum(const struct shared_totals *shared, struct totals *sum);
void totals_clear(struct shared_totals *shared);

#endif
