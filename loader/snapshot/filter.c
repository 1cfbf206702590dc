// SPDX-License-Identifier: MIT
/* What is counted exactly: regions, phases, purgers, processes. filter_stacks.c has the rest. See filter.h. */
#include "snapshot/filter.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/decisions.h"
#include "snapshot/stacks.h"

bool patterns_fit(const struct patterns *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (!fnmatch(patterns->list[i], name, 0))
			return true;
	return false;
}

int patterns_add(struct patterns *patterns, const char *pattern)
{
	if (patterns->count == MOST_PATTERNS)
		return -1;
	patterns->list[patterns->count++] = pattern;
	return 0;
}

bool filter_is_empty(const struct filter *filter)
{
	return !filter->regions && !filter->details.count && !filter->processes.count && !filter->functions.count &&
	       !filter->phases.count;
}

bool filter_fits_region(const struct filter *filter, enum region region, const char *detail)
{
	return (!filter->regions || filter->regions & 1u << region) &&
	       (!filter->details.count || patterns_fit(&filter->details, detail));
}

bool filter_fits_process(const struct filter *filter, uint32_t pid, const char *comm)
{
	char number[16];

	snprintf(number, sizeof(number), "%" PRIu32, pid);
	return !filter->processes.count || patterns_fit(&filter->processes, comm) ||
	       patterns_fit(&filter->processes, number);
}

/* It can be answered by what knows regions and nothing else. */
static bool knows_regions_only(const struct filter *filter)
{
	return !filter->details.count && !filter->processes.count && !filter->functions.count;
}

/* Only stacks tell. */
static bool needs_stacks(const struct filter *filter)
{
	if (filter->rows_of_processes)
		return filter->functions.count || filter->regions || filter->details.count;
	return filter->functions.count || filter->processes.count;
}

const char *filter_conflict(const struct filter *filter)
{
	if (filter->phases.count && (!knows_regions_only(filter) || filter->rows_of_processes))
		return "of a phase only the regions are known: --phase goes with --region, and with no other filter "
		       "or --by process";
	return NULL;
}

const char *filter_problem(const struct filter *filter, const struct snapshot *snapshot)
{
	if (filter_conflict(filter))
		return filter_conflict(filter);
	if (snapshot->stacks || !needs_stacks(filter))
		return NULL;
	if (filter->functions.count)
		return "whose function a fault is of is known from call stacks, and there are none: trace with "
		       "--stacks";
	return "in which regions a process's faults are is known from call stacks, and there are none: trace with "
	       "--stacks, or use --process with --by process alone";
}

static void keep_regions(const struct filter *filter, struct snapshot *snapshot)
{
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->region_count; i++) {
		if (filter_fits_region(filter, snapshot->regions[i].region, snapshot->regions[i].detail))
			snapshot->regions[kept++] = snapshot->regions[i];
		else
			free(snapshot->regions[i].detail);
	}
	snapshot->region_count = kept;
}

/* Purgers know regions and not details. */
static void keep_purgers(const struct filter *filter, struct snapshot *snapshot)
{
	bool any = !filter->phases.count && knows_regions_only(filter);
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->purger_count; i++) {
		if (any && filter_fits_region(filter, snapshot->purgers[i].region, ""))
			snapshot->purgers[kept++] = snapshot->purgers[i];
		else
			free(snapshot->purgers[i].object);
	}
	snapshot->purger_count = kept;
}

static bool fits_phase(const struct filter *filter, const struct phase_row *phase)
{
	return !filter->phases.count || patterns_fit(&filter->phases, phase->name);
}

/* The same holds of phases. */
static void keep_phases(const struct filter *filter, struct snapshot *snapshot)
{
	bool any = knows_regions_only(filter);
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->phase_count; i++) {
		struct phase_row *phase = &snapshot->phases[i];

		if (!any || !fits_phase(filter, phase)) {
			free(phase->name);
			continue;
		}
		memset(&phase->counts, 0, sizeof(phase->counts));
		for (enum region region = 0; region < REGION_COUNT; region++)
			if (filter_fits_region(filter, region, ""))
				counts_add(&phase->counts, &phase->regions[region]);
			else
				memset(&phase->regions[region], 0, sizeof(phase->regions[region]));
		snapshot->phases[kept++] = *phase;
	}
	snapshot->phase_count = kept;
}

static void keep_processes(const struct filter *filter, struct snapshot *snapshot)
{
	bool any = !filter->regions && !filter->details.count && !filter->phases.count;
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct process_row *row = &snapshot->processes[i];

		if (any && filter_fits_process(filter, row->pid, row->comm))
			snapshot->processes[kept++] = *row;
		else
			process_row_free(row);
	}
	snapshot->process_count = kept;
}

static void forget_regions(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->region_count; i++)
		free(snapshot->regions[i].detail);
	snapshot->region_count = 0;
	free(snapshot->regions);
	snapshot->regions = NULL; /* arrays grow by their count */
}

/* What phases have no figures of. */
static void forget_asides(struct counts *counts)
{
	counts->failed = counts->waste.sampled = UNKNOWN;
	counts->waste.bytes = counts->waste.of_bytes = counts->waste.low = counts->waste.high = UNKNOWN;
}

/* Regions as the phases that stay have them. */
static int regions_of_phases(struct snapshot *snapshot)
{
	forget_regions(snapshot);
	for (enum region region = 0; region < REGION_COUNT; region++) {
		struct counts sum = {0};
		struct region_row *row;

		for (size_t i = 0; i < snapshot->phase_count; i++)
			counts_add(&sum, &snapshot->phases[i].regions[region]);
		if (!sum.faults && !sum.zero_events)
			continue;
		row = snapshot_region(snapshot, region, "");
		if (!row)
			return -1;
		forget_asides(&sum);
		row->counts = sum;
	}
	return 0;
}

static void sum_up(const struct filter *filter, struct snapshot *snapshot)
{
	struct counts *sum = &snapshot->totals.counts;

	memset(sum, 0, sizeof(*sum));
	if (filter->rows_of_processes && filter->processes.count) {
		forget_regions(snapshot);
		for (size_t i = 0; i < snapshot->process_count; i++)
			counts_add(sum, &snapshot->processes[i].counts);
		forget_asides(sum);
	}
	for (size_t i = 0; i < snapshot->region_count; i++)
		counts_add(sum, &snapshot->regions[i].counts);
	/* The kernel counts tasks, and nothing smaller. */
	snapshot->totals.charged_minor = snapshot->totals.charged_major = UNKNOWN;
	snapshot->totals.failed = sum->failed;
	if (snapshot->filter.from_stacks)
		sum->fault_ns_error = UNKNOWN;
}

static void name_patterns(const char *what, const struct patterns *patterns, FILE *file)
{
	for (size_t i = 0; i < patterns->count; i++)
		fprintf(file, "%s%s%s", ftell(file) ? i ? " or " : ", " : "", i ? "" : what, patterns->list[i]);
}

/* "region allocator or libc, function parse" */
static char *in_words(const struct filter *filter)
{
	const char *before = "region ";
	char *words = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&words, &size);

	if (!file)
		return NULL;
	for (enum region region = 0; region < REGION_COUNT; region++) {
		if (!(filter->regions & 1u << region))
			continue;
		fprintf(file, "%s%s", before, region_name(region));
		before = " or ";
	}
	name_patterns("detail ", &filter->details, file);
	name_patterns("process ", &filter->processes, file);
	name_patterns("function ", &filter->functions, file);
	name_patterns("phase ", &filter->phases, file);
	fclose(file);
	return words;
}

/* Stacks know of no phases. */
static int keep_stacks(const struct filter *filter, struct snapshot *snapshot)
{
	struct stacks *kept = NULL;

	if (!snapshot->stacks)
		return 0;
	if (!filter->phases.count) {
		kept = filter_stacks(filter, snapshot->stacks);
		if (!kept)
			return -1;
	}
	stacks_free(snapshot->stacks);
	snapshot->stacks = kept;
	return 0;
}

static void keep_deciders(const struct filter *filter, struct deciders *deciders)
{
	size_t kept = 0;

	for (size_t i = 0; deciders && i < deciders->count; i++)
		if (filter_fits_process(filter, deciders->list[i].pid, deciders->list[i].comm))
			deciders->list[kept++] = deciders->list[i];
		else
			decider_free(&deciders->list[i]);
	if (deciders)
		deciders->count = kept;
}

int filter_apply(const struct filter *filter, struct snapshot *snapshot)
{
	if (filter_is_empty(filter))
		return 0;
	free(snapshot->filter.words);
	snapshot->filter.words = in_words(filter);
	if (!snapshot->filter.words)
		return -1;
	snapshot->filter.faults = snapshot->totals.counts.faults;
	snapshot->filter.zeroed_bytes = snapshot->totals.counts.zeroed_bytes;
	snapshot->filter.from_stacks = needs_stacks(filter);
	if (keep_stacks(filter, snapshot))
		return -1;
	keep_phases(filter, snapshot);
	keep_purgers(filter, snapshot);
	keep_deciders(filter, snapshot->deciders);
	if (snapshot->filter.from_stacks) {
		if (filter_from_stacks(snapshot))
			return -1;
	} else {
		keep_regions(filter, snapshot);
		keep_processes(filter, snapshot);
		if (filter->phases.count && regions_of_phases(snapshot))
			return -1;
	}
	sum_up(filter, snapshot);
	return 0;
}
