/* SPDX-License-Identifier: MIT */
/*
 * What a traced run waits for: signals, the next interval, the end of its duration, and whatever else is given. Steers
 * the measuring of durations meanwhile.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "command/options.h"
#include "trace/timing.h"

enum {
	WATCH_SIGNAL = 1,
	WATCH_INTERVAL = 2,
	WATCH_DURATION = 4,
	WATCH_OTHER = 8,
	WATCH_VIEW = 16,
};

struct watch {
	int signals; /* signalfd */
	int interval;
	int duration;
	int other; /* -1: nothing */
	int view;  /* the same: a live view's */
	struct timing timing;
};

uint64_t watch_now(void); /* CLOCK_MONOTONIC, ns */

/*
 * Take these signals one by one from now on, so that none is lost. 0, or -1 with errno. watch_start() starts the times,
 * and the measuring of durations, when there is something to count.
 */
int watch_open(struct watch *watch, const int *signals, size_t count);
int watch_start(struct watch *watch, const struct options *options, struct tracer *tracer);

/* From now on intervals have another length. */
void watch_interval(struct watch *watch, uint64_t interval_ns);

/* No more intervals, no end, no durations: signals only. */
void watch_stop(struct watch *watch);

/* Sleep until something of it happens, or for patience_ms (-1: for ever). What happened, as a sum of WATCH_*. */
unsigned int watch_wait(struct watch *watch, int patience_ms);

#endif
