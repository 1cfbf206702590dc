/* SPDX-License-Identifier: MIT */
/* From runs on two sides to what differs (snapshot/diff.h). A pure function of the snapshots. */
#ifndef ANALYSIS_DIFF_H
#define ANALYSIS_DIFF_H

#include "snapshot/diff.h"

/* One at least on each side. */
struct diff_input {
	struct snapshot **runs;
	size_t count;
	char **files; /* names, NULL-terminated */
};

/* NULL when out of memory. */
struct diff *diff_make(const struct diff_input sides[2], enum stack_value value);

/* For diff*.c. Change from `values` of all runs, A's first; p is not yet corrected. */
struct diff_change diff_change_of(const double *values, size_t before, size_t after);
/* Correct the p of so many changes, each `stride` bytes from the next, and say what they are. -1: out of memory. */
int diff_judge(struct diff_change *first, size_t count, size_t stride);
/* Rows of one kind; `known` false when a run has none such. 0, or -1 when out of memory. */
int diff_fill_table(struct diff *diff, enum diff_kind kind, const struct diff_input sides[2]);
/* What may mislead; NULL when out of memory. */
char **diff_find_cautions(const struct diff_input sides[2]);

#endif
