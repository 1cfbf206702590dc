/* SPDX-License-Identifier: MIT */
/*
 * When clients' faults are timed: in windows, as often as a budget allows of what counting leaves of it, and for
 * whoever comes from its first fault on. However busy the clients are, a window comes now and then: averages need some.
 */
#ifndef RANGE_TIMING_H
#define RANGE_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "assist/range_check.h"
#include "assist/range_counter.h"

struct range_timing {
	int descriptor; /* a timer's: poll for reading, then range_timing_tick() */
	struct range_counter *counter;
	struct range_price price;
	double most; /* share of the clients' time that counting and timing may take */
	double left_ns;
	struct range_totals last;
	double gap_ns;  /* between windows */
	double owed_ns; /* since the last one */
	bool open;
	bool resting; /* there is nobody */
};

/* most: 0, measure no times at all. 0, or -1 with errno. */
int range_timing_start(
    struct range_timing *timing, struct range_counter *counter, const struct range_price *price, double most);

/* There is one client more. */
void range_timing_greet(struct range_timing *timing);

void range_timing_tick(struct range_timing *timing);
void range_timing_stop(struct range_timing *timing);

#endif
