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

/* So many faults must have been timed before their mean is looked at. A huge page's is one of a chunk. */
#define TIMED_LEAST_SMALL 16
#define TIMED_LEAST_HUGE  1

static uint64_t mean(const struct policy_sample *sample)
{
	return sample->timed != 0 ? sample->fault_ns / sample->timed : 0;
}

void policy_sample_add(struct policy_sample *sum, const struct policy_sample *sample, bool huge)
{
	sum->faults = add(sum->faults, sample->faults);
	sum->zeroed_bytes = add(sum->zeroed_bytes, sample->zeroed_bytes);
	if (sample->timed < (huge ? TIMED_LEAST_HUGE : TIMED_LEAST_SMALL) || sample->fault_ns == 0)
		return;
	if (sum->timed != 0 && mean(sum) <= mean(sample))
		return;
	sum->timed = sample->timed;
	sum->fault_ns = sample->fault_ns;
}

/* A quarter of what is new; without anything new, back to what is built in, so that what was dear once is tried again.
 */
static bool learn(uint64_t *cost, uint64_t built_in, const struct policy_sample *sample)
{
	uint64_t now = mean(sample);

	if (sample->timed == 0) {
		*cost = (15 * *cost + built_in) / 16;
		return false;
	}
	if (now < built_in / POLICY_CHEAPEST)
		now = built_in / POLICY_CHEAPEST;
	if (now > built_in * POLICY_DEAREST)
		now = built_in * POLICY_DEAREST;
	*cost = (3 * *cost + now) / 4;
	return true;
}

/* Where faults clear little, those that a huge page was asked for got small ones. */
#define HUGE_GIVEN_LEAST (64 * KIB)
#define FAULTS_LEAST     8

void policy_costs_learn(struct policy_costs *costs, const struct policy_sample *small, const struct policy_sample *huge)
{
	bool learned = learn(&costs->page, POLICY_PAGE_NS, small);

	/* Until it is nearly forgotten. */
	costs->measured =
	    learned ||
	    (costs->measured && (costs->page < POLICY_PAGE_NS / 16 * 15 || costs->page > POLICY_PAGE_NS / 16 * 17));
	if (huge->faults >= FAULTS_LEAST || huge->zeroed_bytes >= CHUNK_SIZE)
		costs->huge_given = huge->faults == 0 || huge->zeroed_bytes / huge->faults >= HUGE_GIVEN_LEAST;
	if (costs->huge_given)
		learn(&costs->huge, POLICY_HUGE_NS, huge);
}
