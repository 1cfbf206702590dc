/* SPDX-License-Identifier: MIT */
/*
 * What our hooks cost here and now. A child touches pages and makes system calls (price_child.h), untraced, counted and
 * timed. What counting adds is told by the kernel's statistics of our programs where they say all (hook_times.h), and
 * else by how much longer the child took for it, which a machine that changes its pace makes wrong by more than hooks
 * cost. It is the base of the overhead that a report states and that --max-overhead holds.
 */
#ifndef PRICE_H
#define PRICE_H

#include <sched.h>
#include <stdbool.h>

#include "trace/price_child.h"

struct selection;
struct totals;
struct tracer;

/* Added nanoseconds of each. */
struct price {
	bool known;
	double counted[PRICE_PHASES];
	double timed;                 /* a fault of no sweep timed, on top of counting */
	struct price_answer untraced; /* what they cost without us; zeroes: that was not needed */
	cpu_set_t cpus;               /* where all of it is measured */
};

/* Before any hook of the selection is attached; what an earlier start has measured stays. */
void price_measure_untraced(struct price *price, const struct selection *selection);

/* Completes tracer->price, with the tracer idle; its counts must be reset then. `known` is false if anything failed. */
void price_measure_traced(struct tracer *tracer);

/* What tracing has cost the traced tasks, an estimate; and the part of it that is not for durations. */
double price_of(const struct price *price, const struct totals *totals);
double price_of_counting(const struct price *price, const struct totals *totals);

#endif
