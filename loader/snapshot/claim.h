/* SPDX-License-Identifier: MIT */
/*
 * The model of a claim: what somebody says that a program or an allocator does, in parts, each with what is expected of
 * an experiment, and what became of it. Plain data: command/claim_file.c reads one, analysis/claim.c and
 * analysis/lazy_zeroing.c judge it, outputs show it. docs/validate.md says what each kind means.
 *
 * NAN means that it was not measured. Strings are owned by the claim and freed by claim_free(). Not thread-safe.
 */
#ifndef CLAIM_MODEL_H
#define CLAIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/experiment.h"

enum claim_kind {
	CLAIM_EFFECT, /* a measure of an arm beside the baseline's: a ratio */
	CLAIM_SAME,   /* the same, said to make no difference: within a margin of 1 */
	CLAIM_FIGURE, /* a measure of an arm by itself, in the measure's unit */
	CLAIM_SHARE,  /* a part of an arm's time or faults, 0..1 */
};

/* Which way round a ratio is told. */
enum claim_sense {
	SENSE_RATIO,  /* arm / baseline */
	SENSE_FASTER, /* how many times as fast the arm is */
	SENSE_SLOWER, /* how many times as slow */
};

/* What can be said to be a part of a run. */
enum claim_share {
	SHARE_ZEROING,    /* of the processor time, from here on */
	SHARE_FAULT_TIME, /* zeroing included */
	SHARE_RECYCLABLE, /* of the faults, from here on: those in malloc's memory whose page had been given back */
	SHARE_METADATA,   /* in the allocator's own metadata */
	SHARE_MALLOC,     /* in malloc's memory, whoever's malloc it is */
	SHARE_BEFORE_MAIN,
	SHARE_COUNT,
};

struct share_description {
	const char *name;  /* "zeroing": claim files, JSON */
	const char *title; /* "zeroing": "zeroing is 10 % of ..." */
	const char *whole; /* "the processor time" */
};

enum claim_verdict {
	CLAIM_CONFIRMED,
	CLAIM_INCONCLUSIVE,
	CLAIM_REFUTED, /* the worst */
};

struct claim_part {
	char *text; /* in words */
	enum claim_kind kind;
	enum claim_sense sense;   /* of an effect */
	enum claim_share share;   /* of a share */
	enum measure measure;     /* of an effect, a same and a figure */
	size_t arm;               /* whose; index into the arms. The baseline is 0 */
	struct interval expected; /* 0 and INFINITY where an end is open */

	/* Set by whoever judges it. */
	double measured;
	struct interval interval; /* of it, corrected for the number of parts */
	size_t runs;              /* it is from: pairs of them for a ratio */
	enum method method;       /* how sure the measure is; METHOD_UNKNOWN: not measured */
	double needed;            /* runs an arm that would tell; NAN: told already, or not known */
	enum claim_verdict verdict;
	char *evidence; /* a sentence or two */
};

struct claim {
	char *name; /* "lazy-zeroing", or the file's */
	char *text; /* in words */

	/* How to test it. */
	struct arm *arms; /* the baseline first */
	size_t arm_count;
	char **command;             /* NULL: none is written down */
	char *metric;               /* NULL: none */
	bool metric_less_is_better; /* the metric */
	uint32_t runs, traced;      /* of each arm; UINT32_MAX: not said */
	struct claim_part *parts;
	size_t part_count;

	/* Set by whoever judges it. */
	size_t corrected_for; /* intervals that hold together at 95 % */
	enum claim_verdict verdict;
	char *words; /* what follows from all of it; NULL: nothing more */
};

extern const struct share_description claim_shares[SHARE_COUNT];

const char *claim_kind_name(enum claim_kind kind);          /* "effect": JSON */
const char *claim_sense_name(enum claim_sense sense);       /* "ratio", "faster", "slower": JSON */
const char *claim_verdict_name(enum claim_verdict verdict); /* "confirmed": JSON */

struct claim *claim_new(void); /* NULL when out of memory */
void claim_free(struct claim *claim);

/* A new part, nothing measured; NULL when out of memory. The pointer holds until the next call. */
struct claim_part *claim_add_part(struct claim *claim);

/* A copy of the arm at the end of the list. 0, or -1 when out of memory. */
int claim_add_arm(struct claim *claim, const struct arm *arm);

/* The worst of the parts' verdicts. */
enum claim_verdict claim_worst(const struct claim *claim);

#endif
