/* SPDX-License-Identifier: MIT */
/* A figure over time in one line of text, a character each. */
#ifndef SPARK_H
#define SPARK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The last `columns` values as characters, the newest at the right: nothing is the lowest of them, the largest that is
 * shown the highest, what is not measured (NAN) a '?', and where there is no value yet, blank. A fresh string, or NULL.
 */
char *spark(const double *values, size_t count, size_t columns, bool ascii);

#endif
