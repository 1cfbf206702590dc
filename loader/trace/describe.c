// SPDX-License-Identifier: MIT
/* What a snapshot says of its own figures: how they were measured, and which could not be. See describe.h. */
#include "trace/describe.h"

#include <stdlib.h>
#include <string.h>

#include "trace.skel.h"
#include "stack/alloc_sites.h"
#include "machine/kernel.h"
#include "trace/object.h"

#define CANNOT_MOST (SUBJECT_COUNT * RUNG_CANNOT + 9)

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void describe_hook(struct hook *hook, const struct rung *rung, enum subject subject)
{
	const struct provision *provision;

	if (!rung)
		return;
	provision = &rung->provides[subject];
	*hook = (struct hook){
	    .rung = copy(rung->name),
	    .name = copy(provision->hook),
	    .detail = copy(provision->detail),
	    .method = provision->method,
	};
}

/* Of which zeroed pages it is not known whether they were used; NULL: none. */
static const char *waste_limit(const struct tracer *tracer)
{
	if (tracer->perf || !tracer->selection.by[SUBJECT_ZERO])
		return NULL;
	if (!tracer->samples)
		return "which zeroed pages were never used is not known: with --max-overhead 0 none is looked at";
	if (object_is_old())
		return "which zeroed pages were never used is not known: that takes a kernel from 5.17 on";
	/* Before, a task has no memory any more when the hook of its exit comes (kernel/exit.c, do_exit()). */
	if (!kernel_is_from(KERNEL(6, 16)))
		return "zeroed pages of processes that a signal ends are not looked at for whether they were used";
	return NULL;
}

/* In words; returns how many. */
static size_t describe_limits(const struct tracer *tracer, const struct snapshot *snapshot, uint64_t missing,
    const char *mixed, const char *limits[CANNOT_MOST])
{
	size_t count = 0;

	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++) {
		const struct rung *rung = tracer->selection.by[subject];

		for (int i = 0; rung && i < RUNG_CANNOT && rung->provides[subject].cannot[i]; i++)
			limits[count++] = rung->provides[subject].cannot[i];
	}
	if (!tracer->selection.by[SUBJECT_FAULT_TIME])
		limits[count++] = "how long faults took is not measured";
	if (!tracer->selection.by[SUBJECT_ZERO])
		limits[count++] = tracer->perf ? "zeroing is not measured"
		                               : "zeroing is not measured, nor which pages are huge or copied: "
		                                 "causes of faults there may be unknown, or first touches "
		                                 "where a huge page was purged";
	else if (!tracer->selection.by[SUBJECT_ZERO_TIME])
		limits[count++] = "how long zeroing took is not measured";
	if (tracer->selection.by[SUBJECT_ZERO] && tracer->init_on_alloc < 0)
		limits[count++] =
		    "whether init_on_alloc is on: pages that it zeroes without being asked are not counted";
	if (tracer->skeleton && tracer->skeleton->bss->mains_awaited > tracer->skeleton->bss->mains_begun)
		limits[count++] =
		    "of some program it was not seen that its main began: all it did counts as before main";
	for (size_t i = 0; i < snapshot->phase_count; i++)
		if (!strcmp(snapshot->phases[i].name, PHASE_NAME_UNKNOWN))
			limits[count++] = "when main began in a program that this machine's C library doesn't start: "
			                  "its phase is unknown";
	if (tracer->perf)
		limits[count++] = "when and why faults happened is not known";
	else if (object_is_old())
		limits[count++] = "why faults happened is not known: that takes a kernel from 5.17 on";
	if (waste_limit(tracer))
		limits[count++] = waste_limit(tracer);
	if (tracer->events_missed)
		limits[count++] = "when many threads are at work a few of them, or of their mappings, may go unseen: "
		                  "the events sched_process_exit and raw_syscalls:sys_exit could not be attached to";
	if (tracer->collector && stack_collector_sites(tracer->collector) &&
	    alloc_sites_limit(stack_collector_sites(tracer->collector)))
		limits[count++] = alloc_sites_limit(stack_collector_sites(tracer->collector));
	if (missing)
		limits[count++] = "every process by itself: there were too many for the list";
	if (mixed)
		limits[count++] = mixed;
	return count;
}

int describe_kernel(const struct tracer *tracer, struct snapshot *snapshot, uint64_t missing, const char *mixed)
{
	const char *limits[CANNOT_MOST];
	size_t count = describe_limits(tracer, snapshot, missing, mixed, limits);

	snapshot->kernel.release = copy(kernel_release());
	snapshot->kernel.lockdown = copy(kernel_lockdown());
	snapshot->kernel.init_on_alloc = tracer->init_on_alloc;
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		describe_hook(&snapshot->kernel.hooks[subject], tracer->selection.by[subject], subject);
	snapshot->kernel.cannot = calloc(count + 1, sizeof(char *));
	if (!snapshot->kernel.cannot)
		return -1;
	for (size_t i = 0; i < count; i++)
		snapshot->kernel.cannot[i] = copy(limits[i]);
	return 0;
}

/* Of which memory zeroed pages are sampled: bpf/sample.h, is_sampled(). */
static void describe_waste(const struct tracer *tracer, enum region region, struct counts *counts)
{
	bool sampled = region != REGION_FILE && region != REGION_KERNEL && region != REGION_UNSEEN;

	if (tracer->perf)
		counts->failed = UNKNOWN;
	if (tracer->perf || !tracer->samples || object_is_old() || !tracer->selection.by[SUBJECT_ZERO])
		counts->waste.sampled = UNKNOWN;
	else if (sampled)
		counts->waste.zeroed_bytes = counts->zeroed_bytes;
}

/* What could be measured of durations; what no rung measures is unknown, and not the 0 that the maps hold. */
static void describe_row(const struct tracer *tracer, enum region region, struct counts *counts)
{
	const struct selection *selection = &tracer->selection;

	if (!selection->by[SUBJECT_FAULT_TIME])
		counts->timed = counts->timed_ns = counts->timeable = UNKNOWN;
	if (!selection->by[SUBJECT_ZERO])
		counts->zeroed_bytes = counts->zero_events = UNKNOWN;
	if (!selection->by[SUBJECT_ZERO] || !selection->by[SUBJECT_ZERO]->hooks_huge_folios)
		counts->zeroed_twice_bytes = UNKNOWN; /* only the allocation is seen, not each clearing */
	if (!selection->by[SUBJECT_ZERO_TIME])
		counts->covered.zero_ns = UNKNOWN;
	describe_waste(tracer, region, counts);
}

void describe_sampling(struct snapshot *snapshot)
{
	const struct counts *counts = &snapshot->totals.counts;

	if (counts->timeable && counts->timeable != UNKNOWN && !counts->timed)
		snapshot->kernel.hooks[SUBJECT_FAULT_TIME].method = METHOD_UNKNOWN;
	else if (counts->timed && counts->timed < counts->timeable)
		snapshot->kernel.hooks[SUBJECT_FAULT_TIME].method = METHOD_SAMPLED;
	if (counts->zeroed_bytes && counts->zeroed_bytes != UNKNOWN && !counts->covered.zeroed_bytes)
		snapshot->kernel.hooks[SUBJECT_ZERO_TIME].method = METHOD_UNKNOWN;
}

void describe_counts(const struct tracer *tracer, struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->region_count; i++)
		describe_row(tracer, snapshot->regions[i].region, &snapshot->regions[i].counts);
	for (size_t i = 0; i < snapshot->process_count; i++)
		describe_row(tracer, REGION_COUNT, &snapshot->processes[i].counts);
	for (size_t i = 0; i < snapshot->phase_count; i++)
		for (enum region region = 0; region < REGION_COUNT; region++)
			describe_row(tracer, region, &snapshot->phases[i].regions[region]);
	for (size_t i = 0; i < snapshot->purger_count; i++)
		if (!tracer->selection.by[SUBJECT_ZERO])
			snapshot->purgers[i].zeroed_bytes = UNKNOWN;
}
