/* SPDX-License-Identifier: MIT */
/*
 * Programs that the kernel skipped. Its guard against recursion belongs to a program and a processor: while a task is
 * preempted inside one, the program is skipped for everybody else there. The kernel counts these runs, of all tasks on
 * the machine together. What is told of a page allocation by two programs is only lost where both were skipped.
 */
#ifndef SKIPS_H
#define SKIPS_H

#include <stdint.h>

struct tracer;

#define SKIPS_MOST 16

/* What the kernel had counted when counting began, of each pair of programs. */
struct skips {
	uint64_t first[SKIPS_MOST];
	uint64_t second[SKIPS_MOST];
};

void skips_begin(struct tracer *tracer);

/* Since then: how many allocations and clearings no hook may have told of, at most; UNKNOWN where that isn't counted.
 */
uint64_t skips_most(const struct tracer *tracer);

#endif
