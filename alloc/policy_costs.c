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
	    .even = POLICY_EVEN,
	    .huge_given = true,
	};
}

/* So many of a range's faults must have been timed before their mean is looked at. A huge page's is one of a chunk: so
 * of one alone nobody knows whether its processor did something else meanwhile, and the least of a few is heard. */
#define TIMED_LEAST_SMALL 16
#define TIMED_LEAST_HUGE  1
#define RANGES_LEAST_HUGE 4

/* Where faults clear little, those that a huge page was asked for got small ones. */
#define HUGE_GIVEN_LEAST (64 * KIB)
#define FAULTS_LEAST     8

static bool clears_huge_pages(uint64_t faults, uint64_t zeroed_bytes)
{
	return faults == 0 || zeroed_bytes / faults >= HUGE_GIVEN_LEAST;
}

static bool is_timed(const struct policy_sample *sample, bool huge)
{
	if (huge && !clears_huge_pages(sample->faults, sample->zeroed_bytes))
		return false;
	return sample->timed >= (huge ? TIMED_LEAST_HUGE : TIMED_LEAST_SMALL) && sample->fault_ns != 0;
}

void policy_sum_add(struct policy_sum *sum, const struct policy_sample *sample, bool huge)
{
	sum->faults = add(sum->faults, sample->faults);
	sum->zeroed_bytes = add(sum->zeroed_bytes, sample->zeroed_bytes);
	if (!is_timed(sample, huge))
		return;
	if (sum->ranges == 0 || sample->fault_ns / sample->timed < sum->least_ns)
		sum->least_ns = sample->fault_ns / sample->timed;
	sum->ranges++;
}

static uint64_t believed(uint64_t ns, uint64_t built_in)
{
	if (ns < built_in / POLICY_CHEAPEST)
		return built_in / POLICY_CHEAPEST;
	return ns < built_in * POLICY_DEAREST ? ns : built_in * POLICY_DEAREST;
}

/* A quarter of what is new. */
static uint64_t take_in(uint64_t number, uint64_t new)
{
	return (3 * number + new) / 4;
}

/* Without anything new, back to what is built in, so that what was dear once is tried again. */
static uint64_t forget(uint64_t number, uint64_t built_in)
{
	return (15 * number + built_in) / 16;
}

static uint64_t even_of(uint64_t small_ns, uint64_t huge_ns)
{
	return POLICY_WHOLE * huge_ns / (CHUNK_SIZE / PAGE_SIZE * (small_ns + POLICY_TRAP_NS));
}

void policy_costs_learn(struct policy_costs *costs, const struct policy_sum *small, const struct policy_sum *huge)
{
	bool small_heard = small->ranges != 0, huge_heard = huge->ranges >= RANGES_LEAST_HUGE;
	uint64_t small_ns = believed(small->least_ns, POLICY_PAGE_NS),
	         huge_ns = believed(huge->least_ns, POLICY_HUGE_NS);

	costs->page = small_heard ? take_in(costs->page, small_ns) : forget(costs->page, POLICY_PAGE_NS);
	/* Until it is nearly forgotten. */
	costs->measured =
	    small_heard ||
	    (costs->measured && (costs->page < POLICY_PAGE_NS / 16 * 15 || costs->page > POLICY_PAGE_NS / 16 * 17));
	if (huge->faults >= FAULTS_LEAST || huge->zeroed_bytes >= CHUNK_SIZE)
		costs->huge_given = clears_huge_pages(huge->faults, huge->zeroed_bytes);
	if (costs->huge_given)
		costs->huge = huge_heard ? take_in(costs->huge, huge_ns) : forget(costs->huge, POLICY_HUGE_NS);
	costs->even = small_heard && huge_heard ? take_in(costs->even, even_of(small_ns, huge_ns))
	                                        : forget(costs->even, POLICY_EVEN);
}
