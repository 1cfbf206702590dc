/* SPDX-License-Identifier: MIT */
/*
 * What an experiment says of a claim. Pure: the claim and the trials in, verdicts with their evidence out.
 *
 * A part is CONFIRMED when the whole interval of what was measured lies within what is expected, bounds included;
 * REFUTED when no part of it does; else INCONCLUSIVE. The intervals of all parts hold together at 95 % (Bonferroni): of
 * twenty claims, however many parts they have, one may get a verdict that is wrong by chance.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include "analysis/effect.h"
#include "snapshot/claim.h"

/* Set every part's verdict, evidence and what was measured, and the claim's verdict. 0, or -1 when out of memory. */
int claim_judge(struct claim *claim, const struct experiment *experiment);

/* One part at this level; its evidence begins anew. 0, or -1 when out of memory. */
int claim_judge_part(struct claim_part *part, const struct experiment *experiment, double level);

/* The level of each of so many intervals that hold together. */
double claim_level(size_t intervals);

/* Where an interval lies. One that is NAN or open at both ends decides nothing. */
enum claim_verdict claim_place(struct interval measured, struct interval expected);

/* The same, by how sure the measure is: below an upper bound the truth may lie anywhere, an estimate decides nothing.
 */
enum claim_verdict claim_place_by(enum method method, struct interval measured, struct interval expected);

/* A ratio of the measure, told the other way where that is asked for; its bounds then change places. */
struct effect claim_turn(
    const struct effect *effect, const struct experiment *experiment, enum measure measure, enum claim_sense sense);

/* A share of an arm over its traced runs, and how sure it is. 0, or -1 when out of memory. */
int claim_share_of(const struct experiment *experiment, size_t arm, enum claim_share share, double level,
    struct effect *effect, enum method *method);

/* Record what was measured in a part. */
void claim_record(struct claim_part *part, const struct effect *effect, enum method method);

/* Runs an arm that would tell a ratio from each bound that its interval reaches over; NAN: not known. */
double claim_needed(const struct effect *effect, const struct interval *expected, double level);

/* How many times as fast a run can get at best by losing this share of its time: INFINITY for all of it. */
double amdahl(double share);

/* Sentences behind those that *text has; one blank between them. 0, or -1 when out of memory. */
int claim_say(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "About 40 runs of each arm would tell.", or why that is not known. 0, or -1 when out of memory. */
int claim_say_needed(char **text, const struct effect *effect, double needed);

#endif
