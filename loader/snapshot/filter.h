/* SPDX-License-Identifier: MIT */
/*
 * A part of a run: the regions, details, processes, functions or phases that somebody wants to read about. What a
 * filter keeps depends on the snapshot and the filter alone.
 *
 * Regions and details are counted exactly each, and so are phases by region. Which function or process a fault was of
 * is known from stacks alone: with such a filter all figures become sums over the stacks that stay, which are estimates
 * where stacks are a sample, and what stacks don't have (causes of time, waste, zeroing's time) becomes UNKNOWN.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

#define MOST_PATTERNS 16

/* What fits any of them is kept; none: everything is. The strings are the caller's. */
struct patterns {
	const char *list[MOST_PATTERNS];
	size_t count;
};

struct filter {
	uint32_t regions;          /* a bit each; 0: all */
	struct patterns details;   /* as a shell matches names: "class *" */
	struct patterns processes; /* the same of names; or process ids */
	struct patterns functions; /* a part of the name of any function of the stack */
	struct patterns phases;    /* as a shell matches names */
	bool rows_of_processes;    /* only the processes' own rows will be read: these need no stacks */
};

bool filter_is_empty(const struct filter *filter);

/* Why its parts don't go together, in words; NULL: they do. */
const char *filter_conflict(const struct filter *filter);

/* Why this can't be had of that snapshot, in words; NULL: it can. */
const char *filter_problem(const struct filter *filter, const struct snapshot *snapshot);

/* Leave out what doesn't fit; sums are made anew. There must be no problem. 0, or -1 when out of memory. */
int filter_apply(const struct filter *filter, struct snapshot *snapshot);

/* Of stacks only those that fit: filter_apply()'s way to them. NULL when out of memory. */
struct stacks *filter_stacks(const struct filter *filter, const struct stacks *stacks);

/* Make regions and processes from the stacks, and forget what can't be made from them. 0, or -1 when out of memory. */
int filter_from_stacks(struct snapshot *snapshot);

bool filter_fits_region(const struct filter *filter, enum region region, const char *detail);
bool filter_fits_process(const struct filter *filter, uint32_t pid, const char *comm);

/* Whether a name fits any of them; there must be some. */
bool patterns_fit(const struct patterns *patterns, const char *name);

/* Is there another one? 0, or -1: there are MOST_PATTERNS already. */
int patterns_add(struct patterns *patterns, const char *pattern);

#endif
