/* SPDX-License-Identifier: MIT */
/* From an experiment's trials to its comparisons and verdicts. */
#ifndef VERDICT_H
#define VERDICT_H

#include "snapshot/experiment.h"

/* Set `main`, `comparisons` and `regions` from the trials there are; may be called again after more. 0, or -1 when out
 * of memory. */
int verdict_fill(struct experiment *experiment);

/* Half the width of the main figure's widest interval over the arms, as a share of 1; INFINITY: not known yet. */
double verdict_precision(const struct experiment *experiment);

#endif
