/* SPDX-License-Identifier: MIT */
/* The event by which CPU time is sampled: the processor's cycles, else the kernel's clock. */
#ifndef CPU_EVENT_H
#define CPU_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "machine/perf_ring.h"

struct cpu_event {
	const char *name;
	uint32_t type;
	uint64_t config;
	uint64_t period; /* cycles, or ns */
	bool is_clock;   /* a timer's interrupt: it can't come while interrupts are off */
	bool kernel;     /* we may see the kernel, too */
	/*
	 * Sampled is the machine, and others' samples are dropped. Events of tasks alone miss most of a task that lives
	 * shorter than a period, and of one that forks.
	 */
	bool everywhere;
};

#define CPU_EVENT_ERROR 512

/* The best that this machine has and we may use. 0, or -1 with a line in error. */
int cpu_event_choose(struct cpu_event *event, unsigned int frequency, char error[CPU_EVENT_ERROR]);

/* Of a task that is about to exec. NULL with a line in error. */
struct perf_ring *cpu_event_open(const struct cpu_event *event, pid_t pid, char error[CPU_EVENT_ERROR]);

/*
 * By how much the sampling slows something that only computes, as a share (0.03 is 3 %): measured on ourselves, in some
 * 50 ms. NAN where it can't be measured.
 */
double cpu_event_overhead(const struct cpu_event *event);

#endif
