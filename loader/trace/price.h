/* SPDX-License-Identifier: MIT */
/*
 * What our hooks cost here and now: a child measures itself untraced, counted and timed, each by the faster of many
 * short batches, so that what disturbs the machine is left out. It is the base of the overhead that a report
 * states and that --max-overhead holds.
 */
#ifndef PRICE_H
#define PRICE_H

#include <sched.h>
#include <stdbool.h>

struct totals;
struct tracer;

/* The argv[0] by which main() knows that it is the measuring child. */
#define PRICE_NAME "hakmem-trace-price"

/* Added nanoseconds of each. */
struct price {
	bool known;
	double fault; /* counted */
	double swept; /* counted in a sweep (bpf/sweep.h) */
	double timed; /* a fault of no sweep timed, on top of counting */
	double call;  /* a system call */
	double untraced_fault_ns, untraced_swept_ns, untraced_call_ns; /* what they cost without us */
	cpu_set_t cpus;                                                /* where all of it is measured */
};

/* The child's whole life: `descriptor` names the memory that it answers in. Returns its exit status. */
int price_child(const char *descriptor);

/* Before any hook is attached. */
void price_measure_untraced(struct price *price);

/* Completes tracer->price, with the tracer idle; its counts must be reset then. `known` is false if anything failed. */
void price_measure_traced(struct tracer *tracer);

/* What tracing has cost the traced tasks, an estimate; and the part of it that is not for durations. */
double price_of(const struct price *price, const struct totals *totals);
double price_of_counting(const struct price *price, const struct totals *totals);

#endif
