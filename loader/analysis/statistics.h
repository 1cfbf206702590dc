/* SPDX-License-Identifier: MIT */
/*
 * Statistics of repeated runs: pure functions over arrays, without any knowledge of what the numbers mean. The reasons
 * for these and no others are in docs/compare.md. No value may be NAN. Functions that sort say so.
 */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/experiment.h"

/* A stream of random numbers that depends on its seed alone (splitmix64). */
struct random_stream {
	uint64_t state;
};

struct random_stream random_start(uint64_t seed);
uint64_t random_next(struct random_stream *stream);
size_t random_below(struct random_stream *stream, size_t bound);                    /* unbiased; bound > 0 */
void random_permutation(struct random_stream *stream, size_t *order, size_t count); /* of 0..count-1 */

/* Sorts the values. */
void statistics_sort(double *values, size_t count);

/* Of sorted values, interpolated between them (as R's type 7); NAN for none. share: 0.5 is the median. */
double statistics_quantile(const double *sorted, size_t count, double share);

double statistics_median(double *values, size_t count); /* sorts them; NAN for none */

/*
 * Wilcoxon's signed-rank test that the differences lie symmetrically about 0: the exact two-sided p over all ways to
 * flip their signs, ties and zeroes included (zeroes are left out). 1 when there are only zeroes or no differences; a
 * normal approximation above SIGNED_RANK_EXACT of them.
 */
#define SIGNED_RANK_EXACT 200
double signed_rank_p(const double *differences, size_t count);

/*
 * What shifts of the differences that test does not reject at 1 - level, with their pseudo-median (the median of all
 * pairs' means) in *middle. False when out of memory. Too few differences for the level: -INFINITY to INFINITY.
 */
bool signed_rank_interval(
    const double *differences, size_t count, double level, double *middle, struct interval *interval);

/* The least p that so many differences can give. */
double signed_rank_least_p(size_t count);

/*
 * Percentile bootstrap of median(right) / median(left), pairs drawn together. False when out of memory.
 */
bool bootstrap_median_ratio(
    const double *left, const double *right, size_t count, double level, uint64_t seed, struct interval *interval);

/* Holm's correction of p for all of them being looked at; each at most 1. */
void holm(double *p, size_t count);

/* The standard normal distribution's quantile; 0 < p < 1. */
double normal_quantile(double p);

/*
 * How many pairs tell a shift of `difference` from none at `level` (0.01) with the given power (0.8), when an interval
 * of `interval_level` (0.95) over `pairs` of them was `half_width` wide on each side. Never less than the fewest that
 * can. NAN when the width isn't known or the difference is 0.
 */
double pairs_needed(
    size_t pairs, double half_width, double interval_level, double difference, double level, double power);

#endif
