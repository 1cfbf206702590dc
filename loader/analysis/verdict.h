/* SPDX-License-Identifier: MIT */
/* From an experiment's trials to its comparisons and verdicts. */
#ifndef VERDICT_H
#define VERDICT_H

#include "snapshot/experiment.h"

/* A difference is called one when chance makes one like it at most this often, over all arms and looks together. */
#define VERDICT_LEVEL  0.01
#define INTERVAL_LEVEL 0.95
#define VERDICT_POWER  0.8

/* Set `main`, `comparisons` and `regions` from the trials there are; may be called again after more. 0, or -1 when out
 * of memory. */
int verdict_fill(struct experiment *experiment);

/* Half the width of the main figure's widest interval over the arms, as a share of 1; INFINITY: not known yet. */
double verdict_precision(const struct experiment *experiment);

#endif
