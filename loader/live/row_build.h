/* SPDX-License-Identifier: MIT */
/* What the files share that make rows (rows.h). */
#ifndef ROW_BUILD_H
#define ROW_BUILD_H

#include "live/rows.h"

/* A blank row at the end; NULL when out of memory. It holds until the next call. */
struct row *row_add(struct rows *rows);

/* Of a row that is not in a snapshot: nothing of what that measures. NULL: nothing is known. */
struct figures row_nothing(const struct snapshot *of);

/* Rows of the stacks of both. 0, or -1 when out of memory. */
int row_stacks(struct rows *rows, bool functions, const struct snapshot *now, const struct snapshot *total);

/* Drop those that don't have the filter's text in any of their words. */
void row_filter(struct rows *rows, const char *filter);

#endif
