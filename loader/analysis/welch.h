/* SPDX-License-Identifier: MIT */
/*
 * Two groups of few runs: by how much their means differ, and whether that is more than the runs of a group differ
 * among themselves. docs/diff.md has the reasons for this method.
 */
#ifndef WELCH_H
#define WELCH_H

#include <stddef.h>

#include "snapshot/experiment.h"

struct welch {
	double change;            /* of the means: right - left */
	struct interval interval; /* NAN: too few runs */
	double p;                 /* two-sided; NAN: too few runs */
};

/* Of values, none of them NAN; there is one at least in each group. */
struct welch welch(const double *left, size_t left_count, const double *right, size_t right_count, double level);

#endif
