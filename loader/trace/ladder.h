/* SPDX-License-Identifier: MIT */
/* Choosing a rung for each subject: what the user demands, what was found not to work, and the best that is left. */
#ifndef LADDER_H
#define LADDER_H

#include "trace/rung.h"

/* Of each subject. All zero: whatever is best. */
struct demand {
	const struct rung *rung[SUBJECT_COUNT]; /* by this one, or fail */
	bool exact[SUBJECT_COUNT];              /* by one whose figure is exact, or fail */
	bool zeroing_required;                  /* some of that was asked of zeroing by name */
	bool no_zeroing;                        /* faults alone: what zeroing's hooks cost is saved */
};

/* What `option --rung NAME` asks for: everything that this rung provides. */
void demand_rung(struct demand *demand, const struct rung *rung);

/*
 * "exact": counts of faults and zeroed bytes that are exact. "NAME": zeroing by that rung. "SUBJECT=exact",
 * "SUBJECT=NAME": the same of one subject. Returns NULL, or what is wrong with it, in words.
 */
const char *demand_parse(struct demand *demand, const char *text);

struct ladder {
	struct demand demand;
	bool probed[RUNGS_MOST];
	bool out[RUNGS_MOST][SUBJECT_COUNT];
	char reason[RUNGS_MOST][REFUSAL_TEXT]; /* the first for which something of it was ruled out; "" */
};

/* Why something did not work, and what it says about the ladder. */
struct failure {
	const struct rung *rung; /* NULL: not the fault of one rung */
	enum subject subject;    /* what the rung fails to provide */
	char text[REFUSAL_TEXT];
};

/* The best selection that is left. Returns 0, or -1 when a demand can't be met; a line in `error` then says why. */
#define LADDER_ERROR 2048
int ladder_choose(struct ladder *ladder, struct selection *selection, char error[LADDER_ERROR]);

/* Don't choose it again. Returns -1 when that leaves nothing to try: every rung would fail like that. */
int ladder_rule_out(struct ladder *ladder, const struct failure *failure);

/* Why faults are not counted by BPF, as far as the last such rung that was tried knows; empty when they are, or when
 * nobody tried. */
void ladder_why_no_bpf(const struct ladder *ladder, const struct selection *selection, char error[LADDER_ERROR]);

#endif
