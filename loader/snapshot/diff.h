/* SPDX-License-Identifier: MIT */
/*
 * The model of a difference: runs on one side, A, and on the other, B, and what grew or shrank from A to B: totals,
 * regions, details, functions and stacks. Plain data: analysis/diff.c fills it in, outputs read it. A side with several
 * runs is told by their mean, and what its runs differ among themselves says how much of a change may be noise.
 *
 * Figures are doubles; NAN: not measured, or (of intervals) not known. Strings are owned by the diff.
 */
#ifndef DIFF_H
#define DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/experiment.h"
#include "snapshot/snapshot.h"
#include "snapshot/stack_value.h"

/* A change is called one when chance makes one like it at most this often, over all rows of its table together. */
#define DIFF_LEVEL          0.05
#define DIFF_INTERVAL_LEVEL 0.95

enum diff_verdict {
	DIFF_NOT_MEASURED, /* in all runs */
	DIFF_EQUAL,        /* every run of both sides gave the same */
	DIFF_LESS,         /* a change, beyond noise */
	DIFF_MORE,
	DIFF_NOISE,   /* no more than runs of a side differ among themselves */
	DIFF_UNKNOWN, /* it differs, and there are too few runs to know the noise */
};

struct diff_change {
	double before, after;     /* means over the runs */
	double change;            /* after - before */
	struct interval interval; /* 95 %, of the change */
	double p;                 /* Welch's t test, corrected for all rows of the table; NAN: none */
	enum diff_verdict verdict;
};

struct diff_total {
	const char *name;  /* "fault_ns": JSON, CSV */
	const char *title; /* "fault time" */
	enum unit unit;
	struct diff_change change;
};

/* What the rows of a table are. */
enum diff_kind {
	DIFF_REGIONS,
	DIFF_DETAILS,
	DIFF_FUNCTIONS, /* themselves, without what they call */
	DIFF_STACKS,    /* of functions' names: lines of code may have moved */
	DIFF_KINDS,
};

struct diff_row {
	enum region region; /* REGION_COUNT: none, or several */
	char *name;         /* detail or function; "" */
	char *object;       /* of functions; "" */
	char **frames;      /* of stacks, the innermost first; NULL-terminated, or NULL */
	struct diff_change changes[STACK_VALUE_COUNT];
};

struct diff_table {
	struct diff_row *rows; /* the largest change of `value` first */
	size_t count;
	bool known; /* both sides have such rows */
};

struct diff_side {
	char *files;   /* names, with commas between them */
	char *command; /* of the first run; "" when it was attached to */
	size_t runs;
};

struct diff {
	struct diff_side sides[2];
	char **cautions; /* NULL-terminated: why comparing them may mislead, in words */
	bool noise_known;
	bool same; /* nothing that was counted differs */
	enum stack_value value;
	struct diff_total *totals;
	size_t total_count;
	struct diff_table tables[DIFF_KINDS];
};

const char *diff_verdict_name(enum diff_verdict verdict); /* "more", "noise": JSON, CSV */
const char *diff_kind_name(enum diff_kind kind);          /* "region", "function" */

struct diff *diff_new(void); /* NULL when out of memory */
void diff_free(struct diff *diff);

#endif
