/* SPDX-License-Identifier: MIT */
/*
 * How long our BPF programs run, by the kernel's own statistics (BPF_ENABLE_STATS, Linux 5.8), while somebody does a
 * known number of things: without a comparison, so that a machine which changes its pace does no harm.
 */
#ifndef HOOK_TIMES_H
#define HOOK_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct selection;
struct tracer;

#define HOOKS_MOST 256

struct program_runs {
	uint64_t ns;
	uint64_t count;
};

struct hook_times {
	struct tracer *tracer;
	int statistics; /* kept while this is open */
	double look_ns; /* what taking the time adds to each run */
	struct program_runs before[HOOKS_MOST];
};

/* Whether they can be had, and tell what these rungs' hooks cost. */
bool hook_times_tell(const struct selection *selection);

/* -1: they can't be had (they take CAP_SYS_ADMIN), or don't tell what these rungs' hooks cost. */
int hook_times_start(struct hook_times *times, struct tracer *tracer);
void hook_times_stop(struct hook_times *times);

void hook_times_begin(struct hook_times *times);

/* Nanoseconds that our hooks have taken for each of `events` that were made since. */
double hook_times_end(struct hook_times *times, uint64_t events);

#endif
