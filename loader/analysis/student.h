/* SPDX-License-Identifier: MIT */
/* Student's t: for the few runs that a rank test can say nothing of. */
#ifndef STUDENT_H
#define STUDENT_H

#include <stddef.h>

/* The t that a variable with so many degrees of freedom stays within on both sides with this probability: 0 < level
 * < 1. */
double student_quantile(size_t freedom, double level);

/* How likely it is that such a variable stays within t on both sides; t >= 0. */
double student_within(size_t freedom, double t);

#endif
