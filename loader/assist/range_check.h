/* SPDX-License-Identifier: MIT */
/*
 * Whether range_counter.h counts right on this kernel, and what it adds to a client's fault: a child that knows what it
 * does is made a client.
 */
#ifndef RANGE_CHECK_H
#define RANGE_CHECK_H

#include <stdbool.h>

#include "assist/range_counter.h"

struct range_price {
	double fault; /* ns added to each fault of a client */
	double timed; /* and to one that is timed */
	bool times;   /* durations can be had */
};

/* Attaches the counter, which is loaded, on the way. 0, or -1 with what is wrong in error. */
int range_check(struct range_counter *counter, struct range_price *price, char error[REFUSAL_TEXT]);

#endif
