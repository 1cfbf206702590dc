// SPDX-License-Identifier: MIT
#include "recording/json_counts.h"

#include <math.h>
#include <string.h>

#define NORMAL_95  1.96
#define WASTE_UNIT 4096

enum region json_region(const json_t *object, struct json_problem *problem)
{
	const char *name = json_string_value(json_object_get(object, "region"));

	for (enum region region = 0; name && region < REGION_COUNT; region++)
		if (!strcmp(name, region_name(region)))
			return region;
	json_wrong(problem, "there is no region '%s'", name ? name : "");
	return REGION_UNSEEN;
}

/* As if all of what has a time had been timed: then sums need no estimate. */
static void durations(const struct hook *zero_time, struct counts *counts)
{
	if (counts->fault_ns == UNKNOWN) {
		counts->timeable = counts->timed == UNKNOWN ? UNKNOWN : counts->faults;
	} else {
		counts->timeable = counts->fault_ns ? counts->faults : 0;
		counts->covered.faults = counts->timeable;
		counts->covered.ns = counts->fault_ns;
		if (counts->faults && counts->timed != UNKNOWN)
			counts->timed_ns = llround((double)counts->fault_ns / counts->faults * counts->timed);
	}
	if (counts->zero_ns != UNKNOWN) {
		counts->covered.zeroed_bytes = counts->zeroed_bytes;
		counts->covered.zero_ns = counts->zero_ns;
	} else if (!zero_time->name) {
		counts->covered.zero_ns = UNKNOWN;
	}
}

void json_counts(
    const json_t *object, const struct hook *zero_time, struct counts *counts, struct json_problem *problem)
{
	counts->faults = json_count(object, "faults", problem);
	counts->major = json_count(object, "major", problem);
	counts->populated = json_count(object, "populated", problem);
	counts->timed = json_count(object, "timed", problem);
	counts->fault_ns = json_count(object, "fault_ns", problem);
	counts->fault_ns_error = counts->fault_ns == UNKNOWN ? UNKNOWN : 0;
	counts->zeroed_bytes = json_count(object, "zeroed_bytes", problem);
	counts->zeroed_twice_bytes = json_count(object, "zeroed_twice_bytes", problem);
	counts->zero_events = json_count(object, "zero_events", problem);
	counts->zero_ns = json_count(object, "zero_ns", problem);
	durations(zero_time, counts);
}

/* Weights that give the reported share and an interval about as wide. */
static void weigh(struct waste *waste)
{
	double share, half, variance;

	if (waste->bytes == UNKNOWN || !waste->of_bytes)
		return;
	waste->zeroed_bytes = waste->of_bytes;
	waste->sampled_weight = waste->checked_weight = waste->of_bytes / WASTE_UNIT;
	waste->unused_weight = waste->bytes / WASTE_UNIT;
	share = (double)waste->bytes / waste->of_bytes;
	half = (double)(waste->high - waste->low) / 2 / waste->of_bytes / NORMAL_95;
	variance = half * half / fmax(share * (1 - share), 0.01);
	waste->checked_squares =
	    waste->checked_weight + llround(variance * waste->checked_weight * waste->checked_weight);
}

static void waste(const json_t *object, struct waste *waste, struct json_problem *problem)
{
	const json_t *member = json_object_get(object, "waste");

	if (!member || json_is_null(member)) {
		waste->zeroed_bytes = waste->sampled = waste->checked = UNKNOWN;
		waste->sampled_weight = waste->checked_weight = waste->checked_squares = waste->unused_weight = UNKNOWN;
		waste->of_bytes = waste->bytes = waste->low = waste->high = UNKNOWN;
		return;
	}
	waste->of_bytes = json_count(member, "of_bytes", problem);
	waste->bytes = json_count(member, "bytes", problem);
	waste->low = json_count(member, "low_bytes", problem);
	waste->high = json_count(member, "high_bytes", problem);
	waste->sampled = json_count(member, "sampled", problem);
	waste->checked = json_count(member, "checked", problem);
	weigh(waste);
}

void json_row_counts(const json_t *object, struct counts *counts, struct json_problem *problem)
{
	counts->fault_ns_error = json_count(object, "fault_ns_error", problem);
	if (counts->fault_ns_error != UNKNOWN)
		counts->covered.variance = llround(pow(counts->fault_ns_error / NORMAL_95 / VARIANCE_NS, 2));
	counts->failed = json_count(object, "failed", problem);
	waste(object, &counts->waste, problem);
}

void json_causes(const json_t *object, struct counts *counts, struct json_problem *problem)
{
	const json_t *causes = json_object_get(object, "causes");

	for (enum fault_cause cause = 0; causes && cause < FAULT_CAUSE_COUNT; cause++) {
		counts->causes[cause] = json_count(causes, fault_cause_name(cause), problem);
		if (counts->causes[cause] == UNKNOWN)
			counts->causes[cause] = 0;
	}
}

void json_histogram(const json_t *object, struct counts *counts, struct json_problem *problem)
{
	const json_t *array = json_object_get(object, "fault_ns_histogram");

	if (!array || json_is_null(array))
		return;
	if (json_array_size(array) != HISTOGRAM_BUCKETS)
		json_wrong(problem, "'fault_ns_histogram' has not %d numbers", HISTOGRAM_BUCKETS);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS && i < json_array_size(array); i++)
		counts->histogram[i] = json_integer_value(json_array_get(array, i));
}
