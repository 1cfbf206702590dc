/* SPDX-License-Identifier: MIT */
/* From values to places in a plot, and round numbers to mark on the way. */
#ifndef AXIS_H
#define AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/experiment.h"

#define MOST_TICKS 12

struct axis {
	double low, high; /* of the values shown */
	double from, to;  /* where they are */
	bool logarithmic;
	double ticks[MOST_TICKS];
	size_t tick_count;
};

/* With some room around the values, and about `wanted` ticks. */
struct axis axis_new(double low, double high, double from, double to, size_t wanted);

/* The same for ratios around 1, by their logarithms. */
struct axis axis_of_ratios(double low, double high, double from, double to);

double axis_place(const struct axis *axis, double value);

/* What the values of a measure are divided by for an axis up to `most`, and the unit that this makes: "ms", "million".
 */
struct axis_unit {
	double divisor;
	const char *name;
};

struct axis_unit axis_unit(enum measure measure, double most);

#endif
