// SPDX-License-Identifier: MIT
/* Counts, beside the address spaces that are kept from records. */
#include "trace/perf_only.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/owner.h"
#include "machine/perf_ring.h"
#include "trace/perf_spaces.h"

struct tally {
	uint64_t faults, major;
};

struct tallies {
	struct tally *tallies;
	size_t count;
};

struct perf_only {
	struct perf_ring *ring;
	struct perf_spaces spaces;
	struct tallies owners, processes; /* by the same indices as in spaces */
	uint64_t lost;
};

/* NULL: out of memory. */
static struct tally *tally_of(struct tallies *tallies, size_t index)
{
	struct tally *more;

	if (index < tallies->count)
		return &tallies->tallies[index];
	more = index == SIZE_MAX ? NULL : reallocarray(tallies->tallies, index + 1, sizeof(*more));
	if (!more)
		return NULL;
	memset(more + tallies->count, 0, (index + 1 - tallies->count) * sizeof(*more));
	tallies->tallies = more;
	tallies->count = index + 1;
	return &more[index];
}

static void take_fault(struct perf_only *perf, const struct perf_record *fault)
{
	struct perf_process *process = perf_spaces_process(&perf->spaces, fault->pid);
	struct tally *owner, *of_process;

	if (!process)
		return;
	owner = tally_of(&perf->owners, perf_spaces_owner(&perf->spaces, process, fault->address));
	of_process = tally_of(&perf->processes, process->number);
	if (!owner || !of_process) {
		perf->lost++;
		return;
	}
	owner->faults++;
	owner->major += fault->source == PERF_MAJOR_FAULTS;
	of_process->faults++;
	of_process->major += fault->source == PERF_MAJOR_FAULTS;
}

static void take(void *context, const struct perf_record *record)
{
	struct perf_only *perf = context;

	if (record->kind == PERF_LOST)
		perf->lost += record->length;
	else if (record->kind == PERF_SAMPLED)
		take_fault(perf, record);
	else
		perf_spaces_take(&perf->spaces, record);
}

struct perf_only *perf_only_new(void)
{
	return calloc(1, sizeof(struct perf_only));
}

static void forget(struct perf_only *perf)
{
	perf_ring_close(perf->ring);
	perf_spaces_free(&perf->spaces);
	free(perf->owners.tallies);
	free(perf->processes.tallies);
	*perf = (struct perf_only){};
}

void perf_only_free(struct perf_only *perf)
{
	if (perf)
		forget(perf);
	free(perf);
}

int perf_only_arm(struct perf_only *perf, pid_t pid, char reason[REFUSAL_TEXT])
{
	forget(perf);
	if (perf_spaces_start(&perf->spaces, pid, getpid()))
		return -1;
	perf->ring = perf_ring_open(pid, reason);
	return perf->ring ? 0 : -1;
}

int perf_only_descriptor(const struct perf_only *perf)
{
	return perf->ring ? perf_ring_descriptor(perf->ring) : -1;
}

void perf_only_drain(struct perf_only *perf)
{
	if (perf->ring && perf_ring_drain(perf->ring, false, take, perf))
		perf->lost++;
}

void perf_only_stop(struct perf_only *perf)
{
	if (perf->ring && perf_ring_drain(perf->ring, true, take, perf))
		perf->lost++;
	perf_ring_close(perf->ring);
	perf->ring = NULL;
}

static struct tally tally_at(const struct tallies *tallies, size_t index)
{
	return index < tallies->count ? tallies->tallies[index] : (struct tally){};
}

static int add_processes(const struct perf_only *perf, struct snapshot *snapshot)
{
	snapshot->processes = calloc(perf->spaces.process_count + 1, sizeof(*snapshot->processes));
	if (!snapshot->processes)
		return -1;
	for (size_t i = 0; i < perf->spaces.process_count; i++) {
		const struct perf_process *process = perf->spaces.processes[i];
		struct process_row *row = &snapshot->processes[snapshot->process_count];
		struct tally tally = tally_at(&perf->processes, i);

		if (!process->traced)
			continue;
		*row = (struct process_row){.pid = process->pid,
		    .parent = process->parent,
		    .comm = strdup(process->comm),
		    .counts = {
		        .faults = tally.faults,
		        .major = tally.major,
		        .populated = UNKNOWN,
		        .causes[FAULT_CAUSE_UNKNOWN] = tally.faults,
		    }};
		if (!row->comm)
			return -1;
		snapshot->process_count++;
	}
	return 0;
}

int perf_only_collect(const struct perf_only *perf, struct snapshot *snapshot)
{
	char detail[OWNER_DETAIL];

	for (size_t i = 0; i < perf->spaces.owner_count; i++) {
		const struct perf_owner *owner = &perf->spaces.owners[i];
		struct tally tally = tally_at(&perf->owners, i);
		enum region region = owner_region(OWNER(owner->kind, 0), 0, owner->object, detail);
		struct region_row *into = tally.faults ? snapshot_region(snapshot, region, detail) : NULL;

		if (!into && tally.faults)
			return -1;
		if (!into)
			continue;
		into->counts.faults += tally.faults;
		into->counts.major += tally.major;
		into->counts.causes[FAULT_CAUSE_UNKNOWN] += tally.faults;
		into->counts.populated = UNKNOWN;
	}
	snapshot_lose(snapshot, LOST_EVENTS, perf->lost + perf->spaces.lost);
	snapshot->totals.charged_minor = snapshot->totals.charged_major = UNKNOWN;
	snapshot->totals.unseen = snapshot->totals.failed = UNKNOWN;
	snapshot->totals.skipped = snapshot->totals.unallocated = UNKNOWN;
	snapshot->totals.traced_ns = snapshot->totals.own_ns = UNKNOWN;
	return add_processes(perf, snapshot);
}
