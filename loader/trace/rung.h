/* SPDX-License-Identifier: MIT */
/*
 * The ladder: each way to see faults and zeroing, best first; what it provides for each subject, how sure that is, and
 * what it cannot see. A rung is one file in bpf/, whose programs are named NAME_fault_* and NAME_zero_*, and one row
 * here. Faults and zeroing are taken from a rung each, the best that works for it; the time of either comes from the
 * same hooks as its count, or is not measured.
 */
#ifndef RUNG_H
#define RUNG_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/refusal.h"
#include "snapshot/snapshot.h"

#define RUNG_CANNOT 3
#define RUNGS_MOST  8

struct provision {
	const char *hook; /* NULL: nothing is provided for this subject */
	enum method method;
	const char *detail;              /* as in struct hook */
	const char *cannot[RUNG_CANNOT]; /* what can't be seen, in words */
};

struct rung {
	const char *name;
	bool without_bpf;       /* nothing else can be measured beside it */
	bool misses_populated;  /* sees nothing of get_user_pages' faults */
	bool dear;              /* taken only when it, or exact figures, are asked for */
	bool hooks_huge_folios; /* sees the clearing of huge folios itself */
	unsigned int
	    skipped_from;    /* the release (KERNEL()) from which a fault hook may be skipped: bpf/fault_event.h */
	bool sees_populated; /* get_user_pages' faults pass through its hooks, and are timed */
	bool misses_hugetlb; /* sees nothing of hugetlb pages' clearing: what they are part of is unknown */
	const char *needs;   /* what makes it available */
	/* A quick try of what can fail: 0, or -1 with the step and its error in `reason`. */
	int (*probe)(char reason[REFUSAL_TEXT]);
	struct provision provides[SUBJECT_COUNT];
};

extern const struct rung rungs[];
extern const size_t rung_count;

const struct rung *rung_find(const char *name); /* NULL: there is none of that name */

/* Whether a program of bpf/ belongs to this rung's hooks for faults (SUBJECT_FAULT) or zeroing (SUBJECT_ZERO). */
bool rung_has_program(const struct rung *rung, enum subject subject, const char *program);

/* Which rung is in use for each subject; NULL: it is not measured. */
struct selection {
	const struct rung *by[SUBJECT_COUNT];
};

#endif
