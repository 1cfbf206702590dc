/* SPDX-License-Identifier: MIT */
/*
 * Counters of the kernel's perf events over a command and all that it starts, from its exec on: the processor's own
 * (cycles, misses), where it has any that this kernel may use. Every one is a row of a table.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "snapshot/experiment.h"

struct counter {
	enum measure measure; /* what it counts */
	uint32_t type;        /* as perf_event_open(2) has them */
	uint64_t config;
};

#define COUNTERS_MOST 8

/* Counters that are being read; descriptors are -1 where there is none. */
struct counters {
	size_t count;
	struct {
		enum measure measure;
		int descriptor;
	} open[COUNTERS_MOST];
};

/* This processor's table; page-walk cycles are in it where their event is known. */
size_t counters_of_processor(struct counter table[COUNTERS_MOST]);

/*
 * Which of the table can be counted here: they are moved to its start, and how many there are is returned. Where one is
 * missing, `why` has one line of text, else it is empty.
 */
#define COUNTERS_WHY 256
size_t counters_that_work(struct counter table[COUNTERS_MOST], size_t count, char why[COUNTERS_WHY]);

/* Ready to count the process and its descendants from its next exec on. What can't be opened isn't counted. */
void counters_open(struct counters *counters, const struct counter *table, size_t count, pid_t pid);

/*
 * Counts so far into values (those of the table only), scaled where the processor had to take turns. Returns the least
 * share of the time in which one really counted; NAN when there was none.
 */
double counters_read(const struct counters *counters, uint64_t values[MEASURE_COUNT]);

void counters_close(struct counters *counters);

#endif
