// SPDX-License-Identifier: MIT
/* Maps in, snapshot out. */
#include "trace/collect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"
#include "trace/kernel.h"
#include "trace/owner.h"
#include "trace/recognise.h"

_Static_assert(ACCOUNT_BUCKETS == HISTOGRAM_BUCKETS, "BPF and snapshot histograms differ");

#define CANNOT_MOST (SUBJECT_COUNT * RUNG_CANNOT + 5)

/* Names by object number; [0] is "". */
struct names {
	char (*name)[sizeof(((struct object *)0)->name)];
	size_t count;
};

static int read_names(struct trace *skeleton, struct names *names)
{
	int map = bpf_map__fd(skeleton->maps.objects);
	struct object_key key, *previous = NULL;
	struct object object;

	names->count = skeleton->bss->next_object + 1;
	names->name = calloc(names->count, sizeof(*names->name));
	if (!names->name)
		return -1;
	while (!bpf_map_get_next_key(map, previous, &key)) {
		previous = &key;
		if (!bpf_map_lookup_elem(map, &key, &object) && object.number < names->count)
			memcpy(names->name[object.number], object.name, sizeof(object.name) - 1);
	}
	return 0;
}

static void add_account(struct counts *into, const struct account *from)
{
	into->faults += from->faults;
	into->major += from->major;
	into->populated += from->populated;
	into->zeroed_bytes += from->zeroed_bytes;
	into->zeroed_twice_bytes += from->zeroed_twice_bytes;
	into->zero_events += from->zero_events;
	into->timed += from->timed;
	into->timed_ns += from->fault_ns;
	into->timed_squares += from->fault_ns_squared;
	into->zero_timed_bytes += from->zero_timed_bytes;
	into->zero_timed_ns += from->zero_ns;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->histogram[i] += from->histogram[i];
}

/* A row that was made beforehand and never needed. */
static bool is_empty(const struct account *values, int cpus)
{
	for (int cpu = 0; cpu < cpus; cpu++)
		if (values[cpu].faults || values[cpu].zero_events)
			return false;
	return true;
}

static int read_accounts(struct trace *skeleton, const struct names *names, struct snapshot *snapshot)
{
	int map = bpf_map__fd(skeleton->maps.accounts), cpus = libbpf_num_possible_cpus();
	struct account *values = calloc(cpus, sizeof(*values));
	struct account_key key, *previous = NULL;
	char detail[OWNER_DETAIL];

	if (!values)
		return -1;
	while (!bpf_map_get_next_key(map, previous, &key)) {
		size_t object = OWNER_OBJECT(key.owner);
		struct region_row *row;
		enum region region;

		previous = &key;
		if (bpf_map_lookup_elem(map, &key, values))
			continue;
		if (is_empty(values, cpus))
			continue;
		region =
		    owner_region(key.owner, key.block_size, object < names->count ? names->name[object] : "", detail);
		row = snapshot_region(snapshot, region, detail);
		if (!row) {
			free(values);
			return -1;
		}
		for (int cpu = 0; cpu < cpus; cpu++)
			add_account(&row->counts, &values[cpu]);
	}
	free(values);
	snapshot->totals.unseen = snapshot_region_sum(snapshot, REGION_UNSEEN).faults;
	return 0;
}

static int read_processes(struct trace *skeleton, struct snapshot *snapshot)
{
	int map = bpf_map__fd(skeleton->maps.processes);
	struct process_account account;
	__u32 key, *previous = NULL;
	size_t room = 0;

	while (!bpf_map_get_next_key(map, previous, &key)) {
		struct process_row *row;

		previous = &key;
		if (bpf_map_lookup_elem(map, &key, &account))
			continue;
		if (snapshot->process_count == room) {
			room = room ? 2 * room : 16;
			row = realloc(snapshot->processes, room * sizeof(*row));
			if (!row)
				return -1;
			snapshot->processes = row;
		}
		row = &snapshot->processes[snapshot->process_count];
		*row = (struct process_row){
		    .pid = key,
		    .parent = account.parent,
		    .comm = strndup(account.comm, sizeof(account.comm)),
		    .counts =
		        {
		            .faults = account.faults,
		            .major = account.major,
		            .populated = account.populated,
		            .zeroed_bytes = account.zeroed_bytes,
		            .zeroed_twice_bytes = account.zeroed_twice_bytes,
		            .zero_events = account.zero_events,
		            .timed = account.timed,
		            .timed_ns = account.fault_ns,
		            .zero_timed_bytes = account.zero_timed_bytes,
		            .zero_timed_ns = account.zero_ns,
		        },
		};
		if (!row->comm)
			return -1;
		snapshot->process_count++;
	}
	return 0;
}

/* missing: events of processes that the process list has no room for. */
static int read_totals(struct tracer *tracer, struct snapshot *snapshot, uint64_t *missing)
{
	struct totals totals;

	if (tracer_totals(tracer, &totals))
		return -1;
	snapshot->totals.charged_minor = totals.minor;
	snapshot->totals.charged_major = totals.major;
	snapshot->totals.failed = totals.failed;
	for (int i = 0; i < LOSS_COUNT; i++)
		*(i == LOSS_PROCESS ? missing : &snapshot->totals.lost) += totals.lost[i];
	snapshot->totals.traced_ns = totals.runtime_ns;
	snapshot->totals.own_ns = tracer->price.known ? (uint64_t)price_of(&tracer->price, &totals) : UNKNOWN;
	return 0;
}

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

/* In words; returns how many. */
static size_t describe_limits(
    const struct tracer *tracer, uint64_t missing, const char *mixed, const char *limits[CANNOT_MOST])
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
		limits[count++] = "zeroing is not measured";
	else if (!tracer->selection.by[SUBJECT_ZERO_TIME])
		limits[count++] = "how long zeroing took is not measured";
	if (tracer->selection.by[SUBJECT_ZERO] && tracer->init_on_alloc < 0)
		limits[count++] =
		    "whether init_on_alloc is on: pages that it zeroes without being asked are not counted";
	if (missing)
		limits[count++] = "every process by itself: there were too many for the list";
	if (mixed)
		limits[count++] = mixed;
	return count;
}

static int describe_kernel(const struct tracer *tracer, struct snapshot *snapshot, uint64_t missing, const char *mixed)
{
	const char *limits[CANNOT_MOST];
	size_t count = describe_limits(tracer, missing, mixed, limits);

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

/* What could be measured of durations; what no rung measures is unknown, and not the 0 that the maps hold. */
static void describe_counts(const struct selection *selection, enum region region, struct counts *counts)
{
	const struct rung *rung = selection->by[SUBJECT_FAULT_TIME];

	if (region != REGION_UNSEEN && rung)
		counts->timeable = counts->faults - (rung->sees_populated ? 0 : counts->populated);
	if (!rung)
		counts->timed = counts->timed_ns = counts->timeable = UNKNOWN;
	if (!selection->by[SUBJECT_ZERO])
		counts->zeroed_bytes = counts->zero_events = UNKNOWN;
	if (!selection->by[SUBJECT_ZERO] || !selection->by[SUBJECT_ZERO]->hooks_huge_folios)
		counts->zeroed_twice_bytes = UNKNOWN; /* only the allocation is seen, not each clearing */
	if (!selection->by[SUBJECT_ZERO_TIME])
		counts->zero_timed_ns = UNKNOWN;
}

/* Once all counts are in: what was sampled says so. */
static void describe_sampling(struct snapshot *snapshot)
{
	const struct counts *counts = &snapshot->totals.counts;

	if (counts->timed < counts->timeable && counts->timed)
		snapshot->kernel.hooks[SUBJECT_FAULT_TIME].method = METHOD_SAMPLED;
}

int collect(struct tracer *tracer, struct snapshot *snapshot, char error[TRACER_ERROR])
{
	struct names names = {};
	int result = read_names(tracer->skeleton, &names);
	const char *mixed = recognise_files(tracer);
	uint64_t missing = 0;

	if (!result)
		result = read_accounts(tracer->skeleton, &names, snapshot);
	if (!result)
		result = read_processes(tracer->skeleton, snapshot);
	if (!result)
		result = read_totals(tracer, snapshot, &missing);
	snapshot->totals.lost += tracer->looks_failed;
	if (!result)
		result = describe_kernel(tracer, snapshot, missing, mixed);
	for (size_t i = 0; i < snapshot->region_count; i++)
		describe_counts(&tracer->selection, snapshot->regions[i].region, &snapshot->regions[i].counts);
	for (size_t i = 0; i < snapshot->process_count; i++)
		describe_counts(&tracer->selection, REGION_COUNT, &snapshot->processes[i].counts);
	free(names.name);
	if (result) {
		snprintf(error, TRACER_ERROR, "can't read the counts: %s", strerror(errno));
		return -1;
	}
	snapshot_finish(snapshot);
	describe_sampling(snapshot);
	return 0;
}
