// SPDX-License-Identifier: MIT
/*
 * From a sample of durations to all. Which faults are timed does not depend on whose they are, but rows differ much, so
 * each row is scaled by its own mean (a stratified estimate: the counts are known exactly) and the variances are added.
 */
#include <math.h>

#include "snapshot/snapshot.h"

#define NORMAL_95 1.96

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
	else if (counts->zero_timed_bytes)
		counts->zero_ns =
		    llround((double)counts->zero_timed_ns / counts->zero_timed_bytes * counts->zeroed_bytes);
	else
		counts->zero_ns = counts->zeroed_bytes ? UNKNOWN : 0;
}

void counts_estimate(struct counts *counts)
{
	bool known = counts->timed && counts->timed != UNKNOWN && counts->timeable != UNKNOWN;

	counts->covered.faults = known ? counts->timeable : 0;
	counts->covered.ns = known ? (double)counts->timed_ns / counts->timed * counts->timeable : 0;
	counts->covered.variance = known && counts->timed < counts->timeable ? variance_of_sum(counts) : 0;
	finish(counts);
}

static void add(uint64_t *into, uint64_t value)
{
	if (*into == UNKNOWN || value == UNKNOWN)
		*into = UNKNOWN;
	else
		*into += value;
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
	into->covered.faults += from->covered.faults;
	into->covered.ns += from->covered.ns;
	into->covered.variance += from->covered.variance;
	finish(into);
}
