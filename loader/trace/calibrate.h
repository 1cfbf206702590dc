/* SPDX-License-Identifier: MIT */
/*
 * Proof before use: a rung that loads and attaches may still not count. Calibration runs a child that touches a known
 * number of pages (small ones, populated ones, a huge one and a hugetlb one where there are any and it sees them) under
 * the freshly attached hooks and requires exactly those counts. A rung that fails is put out of use for what it failed
 * at.
 */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include <stdbool.h>

#include "trace/tracer.h"

/* The argv[0] by which main() knows that it is the calibrated child. */
#define CALIBRATE_NAME "hakmem-trace-calibrate"

/* The child's whole life. sees_hugetlb: it has an argument, for its rung sees those pages. Returns its exit status. */
int calibrate_child(bool sees_hugetlb);

/*
 * Start the best rung for each subject that meets the demand, loads, attaches and calibrates; counts are reset after.
 * 0; where only the rung without BPF is left, error says why, else it is empty.
 * -1: the demand can't be met; error says why, for each rung that was tried, and the tracer is closed.
 */
int calibrate_start_best(struct tracer *tracer, const struct demand *demand, bool verbose, char error[LADDER_ERROR]);

#endif
