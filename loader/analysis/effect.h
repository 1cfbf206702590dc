/* SPDX-License-Identifier: MIT */
/*
 * How large something is in an experiment, and between which bounds it lies: at any level, for claims need one that is
 * corrected for all of their parts. docs/validate.md has the reasons for the two kinds of interval.
 */
#ifndef EFFECT_H
#define EFFECT_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/experiment.h"

enum effect_basis {
	BASIS_NONE,    /* not measured: `middle` and `interval` are NAN */
	BASIS_TOO_FEW, /* measured in too few runs for any bound: the interval is open at both ends */
	BASIS_STEADY,  /* every run gave the same figure, which is the interval */
	BASIS_RANKS,   /* Wilcoxon's signed ranks: holds whatever the noise is like */
	BASIS_STUDENT, /* Student's t, and no narrower than what the runs themselves span: for figures that hardly vary
	                */
};

struct effect {
	double middle;
	struct interval interval;
	size_t count;  /* of values it is from */
	size_t fewest; /* that can have bounds at this level */
	enum effect_basis basis;
};

/*
 * Of values, none of them NAN. `hardly_vary`: Student's t will do where there are too few of them for ranks. 0, or -1
 * when out of memory.
 */
int effect_of(const double *values, size_t count, double level, bool hardly_vary, struct effect *effect);

/* A measure of an arm by itself, over the trials that count. 0, or -1 when out of memory. */
int effect_figure(
    const struct experiment *experiment, size_t arm, enum measure measure, double level, struct effect *effect);

/*
 * A measure of an arm divided by the first arm's, block by block. 1 where both are 0; not measured where only the first
 * is. 0, or -1 when out of memory.
 */
int effect_ratio(
    const struct experiment *experiment, size_t arm, enum measure measure, double level, struct effect *effect);

/* How many runs an arm it would take to tell a ratio from the bound: NAN when it is not known. */
double effect_needed(const struct effect *effect, double bound, double level);

#endif
