/* SPDX-License-Identifier: MIT */
/*
 * Proof before use: a rung that loads and attaches may still not count. Calibration runs a child that touches a known
 * number of pages under the freshly attached hooks and requires exactly those counts.
 */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include "trace/tracer.h"

/* The argv[0] by which main() knows that it is the calibrated child. */
#define CALIBRATE_NAME "hakmem-trace-calibrate"

/* The child's whole life. Returns its exit status. */
int calibrate_child(void);

/* Start the rung and calibrate it; counts are reset after. 0, or -1 with a line in error and the tracer closed. */
int calibrate_start(struct tracer *tracer, const struct rung *rung, bool verbose, char error[TRACER_ERROR]);

/* Start `wanted`, or with NULL the best rung that works. -1: none did; error says why for each. */
int calibrate_start_best(struct tracer *tracer, const struct rung *wanted, bool verbose, char error[TRACER_ERROR]);

#endif
