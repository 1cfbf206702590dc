/* SPDX-License-Identifier: MIT */
/*
 * Snapshots of one run at different times: the later minus the earlier is what happened in between. See snapshot.h.
 */
#include "snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/process_index.h"
#include "snapshot/stacks.h"

/* What is only read while it is counted may seem to shrink by what is on its way: never below nothing. */
static void take(uint64_t *from, uint64_t value)
{
	if (*from == UNKNOWN || value == UNKNOWN)
		*from = UNKNOWN;
	else
		*from = *from > value ? *from - value : 0;
}

static void waste_take(struct waste *from, const struct waste *waste)
{
	take(&from->zeroed_bytes, waste->zeroed_bytes);
	take(&from->sampled, waste->sampled);
	take(&from->checked, waste->checked);
	take(&from->sampled_weight, waste->sampled_weight);
	take(&from->checked_weight, waste->checked_weight);
	take(&from->checked_squares, waste->checked_squares);
	take(&from->unused_weight, waste->unused_weight);
}

static void counts_take(struct counts *from, const struct counts *counts)
{
	take(&from->faults, counts->faults);
	take(&from->major, counts->major);
	take(&from->populated, counts->populated);
	take(&from->zeroed_bytes, counts->zeroed_bytes);
	take(&from->zeroed_twice_bytes, counts->zeroed_twice_bytes);
	take(&from->zero_events, counts->zero_events);
	take(&from->timeable, counts->timeable);
	take(&from->timed, counts->timed);
	take(&from->timed_ns, counts->timed_ns);
	take(&from->covered.faults, counts->covered.faults);
	take(&from->covered.ns, counts->covered.ns);
	take(&from->covered.variance, counts->covered.variance);
	take(&from->covered.zeroed_bytes, counts->covered.zeroed_bytes);
	take(&from->covered.zero_ns, counts->covered.zero_ns);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		take(&from->histogram[i], counts->histogram[i]);
	for (size_t i = 0; i < FAULT_CAUSE_COUNT; i++)
		take(&from->causes[i], counts->causes[i]);
	take(&from->failed, counts->failed);
	waste_take(&from->waste, &counts->waste);
}

static bool is_empty(const struct counts *counts)
{
	return !counts->faults && !counts->zero_events && (!counts->failed || counts->failed == UNKNOWN) &&
	       (!counts->waste.checked || counts->waste.checked == UNKNOWN);
}

static const struct region_row *same_region(const struct snapshot *snapshot, const struct region_row *row)
{
	for (size_t i = 0; i < snapshot->region_count; i++)
		if (snapshot->regions[i].region == row->region && !strcmp(snapshot->regions[i].detail, row->detail))
			return &snapshot->regions[i];
	return NULL;
}

static void subtract_regions(struct snapshot *later, const struct snapshot *before)
{
	size_t kept = 0;

	for (size_t i = 0; i < later->region_count; i++) {
		struct region_row *row = &later->regions[i];
		const struct region_row *earlier = same_region(before, row);

		if (earlier)
			counts_take(&row->counts, &earlier->counts);
		if (is_empty(&row->counts))
			free(row->detail);
		else
			later->regions[kept++] = *row;
	}
	later->region_count = kept;
}

static void subtract_processes(struct snapshot *later, const struct snapshot *before)
{
	struct process_index index;
	size_t kept = 0;

	if (process_index_make(&index, before)) {
		snapshot_drop_processes(later); /* out of memory: rather none than wrong ones */
		return;
	}
	for (size_t i = 0; i < later->process_count; i++) {
		struct process_row *row = &later->processes[i];
		uint32_t earlier = process_index_find(&index, row->pid);

		if (earlier != LOOKUP_NONE)
			counts_take(&row->counts, &before->processes[earlier].counts);
		if (is_empty(&row->counts))
			process_row_free(row);
		else
			later->processes[kept++] = *row;
	}
	later->process_count = kept;
	process_index_free(&index);
}

/* Phases keep their rows: that one was there, and nothing happened in it, is told. */
static void subtract_phases(struct snapshot *later, const struct snapshot *before)
{
	for (size_t i = 0; i < later->phase_count; i++)
		for (size_t j = 0; j < before->phase_count; j++)
			if (!strcmp(later->phases[i].name, before->phases[j].name))
				for (size_t region = 0; region < REGION_COUNT; region++)
					counts_take(
					    &later->phases[i].regions[region], &before->phases[j].regions[region]);
}

static bool same_purger(const struct purger_row *left, const struct purger_row *right)
{
	return left->region == right->region && !strcmp(left->object, right->object) &&
	       !strcmp(left->call, right->call);
}

static void subtract_purgers(struct snapshot *later, const struct snapshot *before)
{
	size_t kept = 0;

	for (size_t i = 0; i < later->purger_count; i++) {
		struct purger_row *row = &later->purgers[i];

		for (size_t j = 0; j < before->purger_count; j++) {
			if (!same_purger(row, &before->purgers[j]))
				continue;
			take(&row->faults, before->purgers[j].faults);
			take(&row->zeroed_bytes, before->purgers[j].zeroed_bytes);
		}
		if (row->faults)
			later->purgers[kept++] = *row;
		else
			free(row->object);
	}
	later->purger_count = kept;
}

static void subtract_stacks(struct snapshot *later, const struct snapshot *before)
{
	if (!later->stacks || !before->stacks || !stacks_subtract(later->stacks, before->stacks))
		return;
	snapshot_drop_stacks(later); /* out of memory: rather none than wrong ones */
}

void snapshot_subtract(struct snapshot *later, const struct snapshot *before)
{
	subtract_stacks(later, before);
	subtract_regions(later, before);
	subtract_phases(later, before);
	subtract_purgers(later, before);
	subtract_processes(later, before);
	take(&later->totals.charged_minor, before->totals.charged_minor);
	take(&later->totals.charged_major, before->totals.charged_major);
	take(&later->totals.unseen, before->totals.unseen);
	take(&later->totals.failed, before->totals.failed);
	take(&later->totals.lost, before->totals.lost);
	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++)
		take(&later->totals.lost_by[kind], before->totals.lost_by[kind]);
	take(&later->totals.skipped, before->totals.skipped);
	take(&later->totals.unallocated, before->totals.unallocated);
	take(&later->totals.traced_ns, before->totals.traced_ns);
	take(&later->totals.own_ns, before->totals.own_ns);
	snapshot_finish(later);
}

static void add(uint64_t *into, uint64_t value)
{
	*into = known_sum(*into, value);
}

static int add_process(struct snapshot *into, struct process_index *index, const struct process_row *from)
{
	uint32_t number = process_index_find(index, from->pid);
	struct process_row *row = number == LOOKUP_NONE ? NULL : &into->processes[number];

	if (!row) {
		struct process_row *rows =
		    reallocarray(into->processes, into->process_count + 1, sizeof(*into->processes));

		if (!rows)
			return -1;
		into->processes = rows;
		row = &rows[into->process_count];
		*row = (struct process_row){.pid = from->pid, .parent = from->parent};
		if (process_row_name(row, from->comm, from->cgroup))
			return -1;
		if (process_index_add(index, into->process_count++))
			return -1;
	}
	counts_add(&row->counts, &from->counts);
	return 0;
}

static int add_processes(struct snapshot *into, const struct snapshot *from)
{
	struct process_index index;
	int result = 0;

	if (process_index_make(&index, into))
		return -1;
	for (size_t i = 0; i < from->process_count && !result; i++)
		result = add_process(into, &index, &from->processes[i]);
	process_index_free(&index);
	return result;
}

static int add_phases(struct snapshot *into, const struct snapshot *from)
{
	for (size_t i = 0; i < from->phase_count; i++) {
		struct phase_row *row = snapshot_phase(into, from->phases[i].name);

		if (!row)
			return -1;
		for (size_t region = 0; region < REGION_COUNT; region++)
			counts_add(&row->regions[region], &from->phases[i].regions[region]);
	}
	return 0;
}

static int add_purgers(struct snapshot *into, const struct snapshot *from)
{
	for (size_t i = 0; i < from->purger_count; i++) {
		const struct purger_row *added = &from->purgers[i];
		struct purger_row *row = snapshot_purger(into, added->object, added->call, added->region);

		if (!row)
			return -1;
		add(&row->faults, added->faults);
		add(&row->zeroed_bytes, added->zeroed_bytes);
	}
	return 0;
}

static int add_stacks(struct snapshot *into, const struct snapshot *from)
{
	if (!from->stacks)
		return 0;
	if (!into->stacks)
		into->stacks = stacks_new();
	return into->stacks ? stacks_add(into->stacks, from->stacks) : -1;
}

int snapshot_add(struct snapshot *into, const struct snapshot *from)
{
	for (size_t i = 0; i < from->region_count; i++) {
		struct region_row *row = snapshot_region(into, from->regions[i].region, from->regions[i].detail);

		if (!row)
			return -1;
		counts_add(&row->counts, &from->regions[i].counts);
	}
	if (add_processes(into, from) || add_phases(into, from) || add_purgers(into, from) || add_stacks(into, from))
		return -1;
	add(&into->totals.charged_minor, from->totals.charged_minor);
	add(&into->totals.charged_major, from->totals.charged_major);
	add(&into->totals.unseen, from->totals.unseen);
	add(&into->totals.failed, from->totals.failed);
	add(&into->totals.lost, from->totals.lost);
	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++)
		add(&into->totals.lost_by[kind], from->totals.lost_by[kind]);
	add(&into->totals.skipped, from->totals.skipped);
	add(&into->totals.unallocated, from->totals.unallocated);
	add(&into->totals.traced_ns, from->totals.traced_ns);
	add(&into->totals.own_ns, from->totals.own_ns);
	snapshot_finish(into);
	return 0;
}
