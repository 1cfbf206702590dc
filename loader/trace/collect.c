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

_Static_assert(ACCOUNT_BUCKETS == HISTOGRAM_BUCKETS, "BPF and snapshot histograms differ");

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
	into->timed += from->timed;
	into->fault_ns += from->fault_ns;
	into->zeroed_bytes += from->zeroed_bytes;
	into->zero_events += from->zero_events;
	into->zero_ns += from->zero_ns;
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
		            .timed = account.timed,
		            .fault_ns = account.fault_ns,
		            .zeroed_bytes = account.zeroed_bytes,
		            .zero_events = account.zero_events,
		            .zero_ns = account.zero_ns,
		        },
		};
		if (!row->comm)
			return -1;
		snapshot->process_count++;
	}
	return 0;
}

/* missing: events of processes that the process list has no room for. */
static int read_totals(struct trace *skeleton, struct snapshot *snapshot, uint64_t *missing)
{
	int map = bpf_map__fd(skeleton->maps.totals), cpus = libbpf_num_possible_cpus();
	struct totals *values = calloc(cpus, sizeof(*values));
	__u32 key = 0;
	int result = values ? bpf_map_lookup_elem(map, &key, values) : -1;

	for (int cpu = 0; !result && cpu < cpus; cpu++) {
		snapshot->totals.charged_minor += values[cpu].minor;
		snapshot->totals.charged_major += values[cpu].major;
		snapshot->totals.failed += values[cpu].failed;
		for (int i = 0; i < LOSS_COUNT; i++)
			*(i == LOSS_PROCESS ? missing : &snapshot->totals.lost) += values[cpu].lost[i];
	}
	free(values);
	return result;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int describe_kernel(const struct tracer *tracer, struct snapshot *snapshot, uint64_t missing)
{
	const struct rung *rung = tracer->rung;
	size_t count = 0;

	snapshot->kernel.release = copy(kernel_release());
	snapshot->kernel.lockdown = copy(kernel_lockdown());
	snapshot->kernel.rung = copy(rung->name);
	snapshot->kernel.fault = (struct hook){copy(rung->fault), copy(rung->fault_method)};
	snapshot->kernel.fault_time = (struct hook){copy(rung->fault_time), copy(rung->fault_time_method)};
	snapshot->kernel.zero = (struct hook){copy(rung->zero), copy(rung->zero_method)};
	snapshot->kernel.zero_time = (struct hook){copy(rung->zero_time), copy(rung->zero_time_method)};
	snapshot->kernel.init_on_alloc = tracer->init_on_alloc;
	while (rung->cannot[count])
		count++;
	snapshot->kernel.cannot = calloc(count + 3, sizeof(char *));
	if (!snapshot->kernel.cannot)
		return -1;
	for (size_t i = 0; i < count; i++)
		snapshot->kernel.cannot[i] = copy(rung->cannot[i]);
	if (tracer->init_on_alloc < 0)
		snapshot->kernel.cannot[count++] =
		    copy("whether init_on_alloc is on: pages that it zeroes without being asked are not counted");
	if (missing)
		snapshot->kernel.cannot[count] = copy("every process by itself: there were too many for the list");
	return 0;
}

int collect(struct tracer *tracer, struct snapshot *snapshot, char error[TRACER_ERROR])
{
	struct names names = {};
	int result = read_names(tracer->skeleton, &names);
	uint64_t missing = 0;

	if (!result)
		result = read_accounts(tracer->skeleton, &names, snapshot);
	if (!result)
		result = read_processes(tracer->skeleton, snapshot);
	if (!result)
		result = read_totals(tracer->skeleton, snapshot, &missing);
	snapshot->totals.lost += tracer->looks_failed;
	if (!result)
		result = describe_kernel(tracer, snapshot, missing);
	free(names.name);
	if (result) {
		snprintf(error, TRACER_ERROR, "can't read the counts: %s", strerror(errno));
		return -1;
	}
	snapshot_finish(snapshot);
	return 0;
}
