// SPDX-License-Identifier: MIT
/*
 * From a sample of durations to all. Which faults are timed does not depend on whose they are, but rows differ much, so
 * each row is scaled by its own mean (a stratified estimate: the counts are known exactly) and the variances are added.
 */
#include <math.h>

#include "snapshot/snapshot.h"

#define NORMAL_95  1.96
#define WASTE_UNIT 4096 /* bytes that a weight of 1 stands for */

/* Variance of the sum over `all` of which `timed` were measured, drawn without replacement. */
static double variance_of_sum(const struct counts *counts)
{
	double timed = counts->timed, all = counts->timeable;
	double mean = counts->timed_ns / timed;
	double squares = (double)counts->timed_squares * SQUARE_NS * SQUARE_NS;
	double spread = squares - timed * mean * mean;

	/* Of a single one nothing is known; squares are rounded, which must not make a variance negative. */
	if (timed < 2)
		return all * all * mean * mean;
	return spread > 0 ? all * all * (1 - timed / all) * spread / (timed - 1) / timed : 0;
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

static void finish(struct counts *counts)
{
	double scale = counts->covered.faults ? counts->timeable / counts->covered.faults : 0;

	if (counts->covered.faults) {
		counts->fault_ns = llround(counts->covered.ns * scale);
		counts->fault_ns_error = llround(NORMAL_95 * scale * sqrt(counts->covered.variance));
	} else {
		counts->fault_ns = counts->timeable ? UNKNOWN : 0;
		counts->fault_ns_error = counts->fault_ns;
	}
	if (counts->zero_timed_ns == UNKNOWN || counts->zeroed_bytes == UNKNOWN)
		counts->zero_ns = UNKNOWN;
	else if (counts->covered.zeroed_bytes)
		counts->zero_ns =
		    llround(counts->covered.zero_ns * (counts->zeroed_bytes / counts->covered.zeroed_bytes));
	else
		counts->zero_ns = counts->zeroed_bytes ? UNKNOWN : 0;
	waste_finish(&counts->waste, counts->zeroed_bytes);
}

void counts_estimate(struct counts *counts)
{
	bool known = counts->timed && counts->timed != UNKNOWN && counts->timeable != UNKNOWN;

	counts->covered.faults = known ? counts->timeable : 0;
	counts->covered.ns = known ? (double)counts->timed_ns / counts->timed * counts->timeable : 0;
	counts->covered.variance = known && counts->timed < counts->timeable ? variance_of_sum(counts) : 0;
	known = counts->zero_timed_bytes && counts->zero_timed_ns != UNKNOWN && counts->zeroed_bytes != UNKNOWN;
	counts->covered.zeroed_bytes = known ? counts->zeroed_bytes : 0;
	counts->covered.zero_ns =
	    known ? (double)counts->zero_timed_ns / counts->zero_timed_bytes * counts->zeroed_bytes : 0;
	finish(counts);
}

static void add(uint64_t *into, uint64_t value)
{
	if (*into == UNKNOWN || value == UNKNOWN)
		*into = UNKNOWN;
	else
		*into += value;
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
	add(&into->timed_squares, from->timed_squares);
	add(&into->zero_timed_bytes, from->zero_timed_bytes);
	add(&into->zero_timed_ns, from->zero_timed_ns);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->histogram[i] += from->histogram[i];
	for (size_t i = 0; i < FAULT_CAUSE_COUNT; i++)
		into->causes[i] += from->causes[i];
	add(&into->failed, from->failed);
	waste_add(&into->waste, &from->waste);
	into->covered.faults += from->covered.faults;
	into->covered.ns += from->covered.ns;
	into->covered.variance += from->covered.variance;
	into->covered.zeroed_bytes += from->covered.zeroed_bytes;
	into->covered.zero_ns += from->covered.zero_ns;
	finish(into);
}
