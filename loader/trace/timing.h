/* SPDX-License-Identifier: MIT */
/*
 * When to measure durations. Counting can't be left out, timing can: it goes on in windows, as long and as often as the
 * allowed overhead has room for, at random times so that it can't keep step with the program. A program that faults
 * little is timed throughout. Where that changes a stratum ends (strata.h). Driven by the caller's poll loop.
 */
#ifndef TIMING_H
#define TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/tracer.h"

struct timing {
	struct tracer *tracer;
	double most;    /* allowed overhead, as a share of the traced tasks' run time */
	int descriptor; /* a timer: poll for reading, then timing_tick(); -1: there is nothing to steer */
	bool open;
	bool rests;           /* closed, because nobody faults */
	uint64_t faults;      /* counted, at the last look */
	double last_fault_ns; /* when they had last become more; CLOCK_MONOTONIC */
	double idle_ns;       /* that long ago, at the last look */
	bool throughout;      /* it has been open for longer than a window */
	uint64_t timed;       /* faults, when the last stratum ended */
	double next_end_ns;   /* of a stratum, at the soonest; CLOCK_MONOTONIC */
};

/* Opens the first window. most 0: durations are never measured. */
void timing_start(struct timing *timing, struct tracer *tracer, double most);

void timing_tick(struct timing *timing);

void timing_stop(struct timing *timing);

#endif
