/* SPDX-License-Identifier: MIT */
/* Numbers compared as doubles. cmocka's assert_float_equal() compares floats, and takes NAN for equal to everything. */
#ifndef NEAR_H
#define NEAR_H

#include <math.h>

#define assert_near(value, expected, tolerance) assert_true(fabs((value) - (expected)) <= (tolerance))

#endif
