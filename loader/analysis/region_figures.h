/* SPDX-License-Identifier: MIT */
/* What the traced runs of an experiment say by region: medians of each arm, the largest difference first. */
#ifndef REGION_FIGURES_H
#define REGION_FIGURES_H

#include "snapshot/experiment.h"

/* Set `regions`; what was there before is freed. 0, or -1 when out of memory. */
int region_figures_fill(struct experiment *experiment);

#endif
