// SPDX-License-Identifier: MIT
/*
 * policy_costs: what things cost, as far as measurements can be believed.
 */
#include "policy.h"

/* Sums of what a process can have written stay sums. */
static uint64_t add(uint64_t sum, uint64_t number)
{
	return number > UINT64_MAX - sum ? UINT64_MAX : sum + number;
}

struct policy_costs policy_costs_built_in(void)
{
	return (struct policy_costs){
	    .page = POLICY_PAGE_NS,
	    .trap = POLICY_TRAP_NS,
	    .call = POLICY_CALL_NS,
	    .purge = POLICY_PURGE_NS,
	    .huge = POLICY_HUGE_NS,
	    .huge_given = true,
	};
}

void policy_sample_add(struct policy_sample *sum, const struct policy_sample *sample)
{
	sum->faults = add(sum->faults, sample->faults);
	sum->timed = add(sum->timed, sample->timed);
	sum->fault_ns = add(sum->fault_ns, sample->fault_ns);
	sum->zeroed_bytes = add(sum->zeroed_bytes, sample->zeroed_bytes);
}

/* So many faults must have been timed before their mean is looked at. */
#define TIMED_LEAST_SMALL 16
#define TIMED_LEAST_HUGE  2

static bool learn(uint64_t *cost, uint64_t built_in, const struct policy_sample *sample, uint64_t least)
{
	uint64_t mean;

	if (sample->timed < least || sample->fault_ns == 0)
		return false;
	mean = sample->fault_ns / sample->timed;
	if (mean < built_in / POLICY_CHEAPEST)
		mean = built_in / POLICY_CHEAPEST;
	if (mean > built_in * POLICY_DEAREST)
		mean = built_in * POLICY_DEAREST;
	*cost = (3 * *cost + mean) / 4;
	return true;
}

/* Where faults clear little, those that a huge page was asked for got small ones. */
#define HUGE_GIVEN_LEAST (64 * KIB)
#define FAULTS_LEAST     8

void policy_costs_learn(struct policy_costs *costs, const struct policy_sample *small, const struct policy_sample *huge)
{
	if (learn(&costs->page, POLICY_PAGE_NS, small, TIMED_LEAST_SMALL))
		costs->measured = true;
	if (huge->faults >= FAULTS_LEAST || huge->zeroed_bytes >= CHUNK_SIZE)
		costs->huge_given = huge->faults == 0 || huge->zeroed_bytes / huge->faults >= HUGE_GIVEN_LEAST;
	if (costs->huge_given)
		learn(&costs->huge, POLICY_HUGE_NS, huge, TIMED_LEAST_HUGE);
}
