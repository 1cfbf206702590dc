// SPDX-License-Identifier: MIT
/*
 * From samples of durations to all. Rows differ much, and so do parts of a run, so each row is scaled by its own mean
 * in each stratum (a stratified estimate: the counts are known exactly) and the variances are added.
 */
#include <math.h>

#include "snapshot/snapshot.h"

#define NORMAL_95  1.96
#define WASTE_UNIT 4096 /* bytes that a weight of 1 stands for */

/* A deviation of six minutes: what is told of a single fault that stands for very many. Recordings have no more. */
#define VARIANCE_MOST (1ULL << 57)

/* Variance of the sum over all of which some were measured, drawn without replacement, in ns squared. */
static double variance_of_sum(const struct sample *sample)
{
	double timed = sample->timed, all = sample->faults;
	double mean = sample->timed_ns / timed;
	double squares = (double)sample->timed_squares * SQUARE_NS * SQUARE_NS;
	double spread = squares - timed * mean * mean;

	if (timed >= all)
		return 0;
	/* Of a single one nothing is known; squares are rounded, which must not make a variance negative. */
	if (timed < 2)
		return all * all * mean * mean;
	return spread > 0 ? all * all * (1 - timed / all) * spread / (timed - 1) / timed : 0;
}

void covered_add(struct covered *covered, const struct sample *sample)
{
	if (sample->timed) {
		double variance = variance_of_sum(sample) / VARIANCE_NS / VARIANCE_NS + covered->variance;

		covered->faults += sample->faults;
		covered->ns += llround((double)sample->timed_ns / sample->timed * sample->faults);
		covered->variance = llround(fmin(variance, VARIANCE_MOST));
	}
	if (sample->zero_timed_bytes) {
		covered->zeroed_bytes += sample->zeroed_bytes;
		covered->zero_ns += llround((double)sample->zero_ns / sample->zero_timed_bytes * sample->zeroed_bytes);
	}
}

void covered_stretch(struct covered *covered, uint64_t faults, uint64_t zeroed_bytes)
{
	double ratio = covered->faults ? (double)faults / covered->faults : 1;

	if (ratio > 1) {
		covered->ns = llround(covered->ns * ratio);
		covered->variance = llround(fmin(covered->variance * ratio * ratio, VARIANCE_MOST));
		covered->faults = faults;
	}
	ratio = covered->zeroed_bytes ? (double)zeroed_bytes / covered->zeroed_bytes : 1;
	if (ratio > 1) {
		covered->zero_ns = llround(covered->zero_ns * ratio);
		covered->zeroed_bytes = zeroed_bytes;
	}
}

/*
 * The interval of a share (Wilson's, which holds for shares of 0 and 1, too) times `of`. `effective` is how many
 * equally likely draws would tell as much.
 */
static void share_interval(double share, double effective, double of, uint64_t *low, uint64_t *high)
{
	double z2 = NORMAL_95 * NORMAL_95 / effective;
	double middle = (share + z2 / 2) / (1 + z2);
	double half = sqrt(z2 * share * (1 - share) + z2 * z2 / 4) / (1 + z2);

	*low = llround(fmax(middle - half, 0) * of);
	*high = llround(fmin(middle + half, 1) * of);
}

/* A page of weight 1 was bound to be looked at, so it adds nothing to the variance. */
static void waste_finish(struct waste *waste, bool zeroed)
{
	double weight = waste->checked_weight, share, variance;

	waste->of_bytes = waste->bytes = waste->low = waste->high = UNKNOWN;
	if (waste->sampled == UNKNOWN || waste->zeroed_bytes == UNKNOWN)
		return;
	if (!waste->checked) {
		if (!zeroed)
			waste->of_bytes = waste->bytes = waste->low = waste->high = 0;
		return;
	}
	share = waste->unused_weight / weight;
	variance = ((double)waste->checked_squares - weight) / (weight * weight);
	/* How much was zeroed is known better than by the sample; but in an interval pages of an earlier one go. */
	if (weight <= waste->sampled_weight)
		waste->of_bytes = llround(waste->zeroed_bytes * (weight / waste->sampled_weight));
	else
		waste->of_bytes = llround(weight * WASTE_UNIT);
	waste->bytes = waste->low = waste->high = llround(share * waste->of_bytes);
	if (variance > 0)
		share_interval(share, 1 / variance, waste->of_bytes, &waste->low, &waste->high);
}

void counts_estimate(struct counts *counts)
{
	double faults = counts->covered.faults, bytes = counts->covered.zeroed_bytes;

	if (faults > 0 && counts->timeable != UNKNOWN) {
		double scale = counts->timeable / faults;

		counts->fault_ns = llround(counts->covered.ns * scale);
		counts->fault_ns_error = llround(NORMAL_95 * scale * sqrt(counts->covered.variance) * VARIANCE_NS);
	} else {
		counts->fault_ns = counts->timeable ? UNKNOWN : 0;
		counts->fault_ns_error = counts->fault_ns;
	}
	if (counts->covered.zero_ns == UNKNOWN || counts->zeroed_bytes == UNKNOWN)
		counts->zero_ns = UNKNOWN;
	else if (bytes > 0)
		counts->zero_ns = llround(counts->covered.zero_ns * (counts->zeroed_bytes / bytes));
	else
		counts->zero_ns = counts->zeroed_bytes ? UNKNOWN : 0;
	waste_finish(&counts->waste, counts->zeroed_bytes);
}

uint64_t known_sum(uint64_t one, uint64_t other)
{
	return one == UNKNOWN || other == UNKNOWN ? UNKNOWN : one + other;
}

static void add(uint64_t *into, uint64_t value)
{
	*into = known_sum(*into, value);
}

static void waste_add(struct waste *into, const struct waste *from)
{
	add(&into->zeroed_bytes, from->zeroed_bytes);
	add(&into->sampled, from->sampled);
	add(&into->checked, from->checked);
	add(&into->sampled_weight, from->sampled_weight);
	add(&into->checked_weight, from->checked_weight);
	add(&into->checked_squares, from->checked_squares);
	add(&into->unused_weight, from->unused_weight);
}

void counts_add(struct counts *into, const struct counts *from)
{
	add(&into->faults, from->faults);
	add(&into->major, from->major);
	add(&into->populated, from->populated);
	add(&into->zeroed_bytes, from->zeroed_bytes);
	add(&into->zeroed_twice_bytes, from->zeroed_twice_bytes);
	add(&into->zero_events, from->zero_events);
	add(&into->timeable, from->timeable);
	add(&into->timed, from->timed);
	add(&into->timed_ns, from->timed_ns);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->histogram[i] += from->histogram[i];
	for (size_t i = 0; i < FAULT_CAUSE_COUNT; i++)
		into->causes[i] += from->causes[i];
	add(&into->failed, from->failed);
	waste_add(&into->waste, &from->waste);
	add(&into->covered.faults, from->covered.faults);
	add(&into->covered.ns, from->covered.ns);
	into->covered.variance = fmin((double)into->covered.variance + from->covered.variance, VARIANCE_MOST);
	add(&into->covered.zeroed_bytes, from->covered.zeroed_bytes);
	add(&into->covered.zero_ns, from->covered.zero_ns);
	counts_estimate(into);
}
