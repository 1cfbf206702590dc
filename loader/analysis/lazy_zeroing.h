/* SPDX-License-Identifier: MIT */
/*
 * The claim that hakmem started from, as a profiling study of an allocator made it: zeroing is a tenth of the cycles;
 * an allocator that is lazy about it is so much faster; the rest of the faults is nobody's to save. Three parts, each
 * judged by an experiment whose arms are the same program with HAKMEM_ZERO=eager, lazy and keep, and what becomes of
 * the metadata that such an allocator may have cleared for nothing. docs/validate.md says it at length.
 */
#ifndef LAZY_ZEROING_H
#define LAZY_ZEROING_H

#include "snapshot/claim.h"

/* The arms, in this order; the experiment may have one more: the same work with an uninitialized pool. */
enum {
	LAZY_ZEROING_EAGER,
	LAZY_ZEROING_LAZY,
	LAZY_ZEROING_KEEP,
	LAZY_ZEROING_POOL,
};

/* What the study said. */
#define LAZY_ZEROING_LEAST_SHARE 0.10
#define LAZY_ZEROING_MOST_SHARE  0.13
#define LAZY_ZEROING_LEAST_GAIN  1.10
#define LAZY_ZEROING_MOST_GAIN   1.15
#define LAZY_ZEROING_RECYCLABLE  0.05

/* Add the three parts. 0, or -1 when out of memory. */
int lazy_zeroing_parts(struct claim *claim);

/* Judge them. 0, or -1 when out of memory. */
int lazy_zeroing_judge(struct claim *claim, const struct experiment *experiment);

#endif
