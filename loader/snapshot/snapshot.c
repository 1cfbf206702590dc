/* SPDX-License-Identifier: MIT */
/*
 * Life and arithmetic of a snapshot: rows by region and detail, sums in which the unknown stays unknown. See
 * snapshot.h.
 */
#include "snapshot/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/decisions.h"
#include "snapshot/stacks.h"
#include "snapshot/strings.h"

static const char *const region_names[REGION_COUNT] = {
    [REGION_ALLOCATOR] = "allocator",
    [REGION_TLS] = "tls",
    [REGION_STACK] = "stack",
    [REGION_LIBC] = "libc",
    [REGION_PROGRAM] = "program",
    [REGION_LIBRARY] = "library",
    [REGION_FILE] = "file",
    [REGION_ANON] = "anon",
    [REGION_KERNEL] = "kernel",
    [REGION_UNSEEN] = "unseen",
};

const char *region_name(enum region region)
{
	return (unsigned int)region < REGION_COUNT ? region_names[region] : "invalid";
}

const char *subject_name(enum subject subject)
{
	static const char *const names[SUBJECT_COUNT] = {
	    [SUBJECT_FAULT] = "fault",
	    [SUBJECT_FAULT_TIME] = "fault_time",
	    [SUBJECT_ZERO] = "zero",
	    [SUBJECT_ZERO_TIME] = "zero_time",
	};

	return names[subject];
}

const char *subject_title(enum subject subject)
{
	static const char *const titles[SUBJECT_COUNT] = {
	    [SUBJECT_FAULT] = "faults",
	    [SUBJECT_FAULT_TIME] = "fault time",
	    [SUBJECT_ZERO] = "zeroing",
	    [SUBJECT_ZERO_TIME] = "zeroing time",
	};

	return titles[subject];
}

const char *hook_method(const struct hook *hook, char text[METHOD_TEXT])
{
	static const char *const names[] = {
	    [METHOD_EXACT] = "exact",
	    [METHOD_EXACT_BUT] = "exact but",
	    [METHOD_UPPER_BOUND] = "upper bound",
	    [METHOD_ESTIMATE] = "estimate",
	    [METHOD_SAMPLED] = "sampled",
	};

	if (hook->method == METHOD_UNKNOWN)
		return NULL;
	/* "exact but without ...", and "sampled, without ...". */
	snprintf(text, METHOD_TEXT, "%s%s%s", names[hook->method],
	    !hook->detail                    ? ""
	    : hook->method == METHOD_SAMPLED ? ", "
	                                     : " ",
	    hook->detail ? hook->detail : "");
	return text;
}

static const char *const cause_names[FAULT_CAUSE_COUNT] = {
    [FAULT_CAUSE_UNKNOWN] = "unknown",
    [FAULT_CAUSE_FIRST_TOUCH] = "first-touch",
    [FAULT_CAUSE_PURGED] = "purged",
    [FAULT_CAUSE_COPY_ON_WRITE] = "copy-on-write",
    [FAULT_CAUSE_ZERO_PAGE] = "zero-page",
    [FAULT_CAUSE_FILE] = "file",
    [FAULT_CAUSE_SWAP] = "swap",
    [FAULT_CAUSE_PROTECTION] = "protection",
};

const char *fault_cause_name(enum fault_cause cause)
{
	return (unsigned int)cause < FAULT_CAUSE_COUNT ? cause_names[cause] : "invalid";
}

struct snapshot *snapshot_new(void)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (snapshot)
		snapshot->kernel.init_on_alloc = -1;
	return snapshot;
}

static void free_strings(char **strings)
{
	for (char **string = strings; string && *string; string++)
		free(*string);
	free(strings);
}

static void free_hook(struct hook *hook)
{
	free(hook->rung);
	free(hook->name);
	free(hook->detail);
}

void process_row_free(struct process_row *row)
{
	free(row->comm);
	free(row->cgroup);
}

int process_row_name(struct process_row *row, const char *comm, const char *cgroup)
{
	bool failed = false;
	struct process_row named = {.comm = string_copy(comm, &failed), .cgroup = string_copy(cgroup, &failed)};

	if (failed) {
		process_row_free(&named);
		return -1;
	}
	process_row_free(row);
	row->comm = named.comm;
	row->cgroup = named.cgroup;
	return 0;
}

void snapshot_drop_processes(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		process_row_free(&snapshot->processes[i]);
	free(snapshot->processes);
	snapshot->processes = NULL;
	snapshot->process_count = 0;
}

void snapshot_drop_stacks(struct snapshot *snapshot)
{
	stacks_free(snapshot->stacks);
	snapshot->stacks = NULL;
}

struct deciders *snapshot_deciders(struct snapshot *snapshot)
{
	if (!snapshot->deciders)
		snapshot->deciders = calloc(1, sizeof(*snapshot->deciders));
	return snapshot->deciders;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	free_strings(snapshot->command);
	free(snapshot->attachment.pids);
	free_strings(snapshot->attachment.names);
	free_strings(snapshot->attachment.cgroups);
	free(snapshot->kernel.release);
	free(snapshot->kernel.lockdown);
	for (int i = 0; i < SUBJECT_COUNT; i++)
		free_hook(&snapshot->kernel.hooks[i]);
	free_strings(snapshot->kernel.cannot);
	for (size_t i = 0; i < snapshot->region_count; i++)
		free(snapshot->regions[i].detail);
	free(snapshot->regions);
	snapshot_drop_processes(snapshot);
	for (size_t i = 0; i < snapshot->phase_count; i++)
		free(snapshot->phases[i].name);
	free(snapshot->phases);
	for (size_t i = 0; i < snapshot->purger_count; i++)
		free(snapshot->purgers[i].object);
	free(snapshot->purgers);
	snapshot_drop_stacks(snapshot);
	deciders_drop(&snapshot->deciders);
	free(snapshot->filter.words);
	free(snapshot);
}

/*
 * Room for one more row, zeroed; NULL when out of memory. The array grows by doubling: it is full exactly when its
 * length is a power of two.
 */
static void *add_row(void **rows, size_t count, size_t size)
{
	void *grown;

	if (!(count & (count - 1))) {
		grown = reallocarray(*rows, count ? 2 * count : 1, size);
		if (!grown)
			return NULL;
		*rows = grown;
	}
	return memset((char *)*rows + count * size, 0, size);
}

struct region_row *snapshot_region(struct snapshot *snapshot, enum region region, const char *detail)
{
	struct region_row *row;

	for (size_t i = 0; i < snapshot->region_count; i++) {
		row = &snapshot->regions[i];
		if (row->region == region && !strcmp(row->detail, detail))
			return row;
	}
	row = add_row((void **)&snapshot->regions, snapshot->region_count, sizeof(*row));
	if (!row)
		return NULL;
	row->region = region;
	row->detail = strdup(detail);
	if (!row->detail)
		return NULL;
	snapshot->region_count++;
	return row;
}

struct phase_row *snapshot_phase(struct snapshot *snapshot, const char *name)
{
	struct phase_row *row;

	for (size_t i = 0; i < snapshot->phase_count; i++)
		if (!strcmp(snapshot->phases[i].name, name))
			return &snapshot->phases[i];
	row = add_row((void **)&snapshot->phases, snapshot->phase_count, sizeof(*row));
	if (!row)
		return NULL;
	row->name = strdup(name);
	if (!row->name)
		return NULL;
	snapshot->phase_count++;
	return row;
}

struct purger_row *snapshot_purger(struct snapshot *snapshot, const char *object, const char *call, enum region region)
{
	struct purger_row *row;

	for (size_t i = 0; i < snapshot->purger_count; i++) {
		row = &snapshot->purgers[i];
		if (row->region == region && !strcmp(row->call, call) && !strcmp(row->object, object))
			return row;
	}
	row = add_row((void **)&snapshot->purgers, snapshot->purger_count, sizeof(*row));
	if (!row)
		return NULL;
	row->object = strdup(object);
	row->call = call;
	row->region = region;
	if (!row->object)
		return NULL;
	snapshot->purger_count++;
	return row;
}

struct counts snapshot_region_sum(const struct snapshot *snapshot, enum region region)
{
	struct counts sum = {0};

	for (size_t i = 0; i < snapshot->region_count; i++)
		if (snapshot->regions[i].region == region)
			counts_add(&sum, &snapshot->regions[i].counts);
	return sum;
}

/* The larger first; what is unknown last. */
static int by_size(uint64_t left, uint64_t right)
{
	uint64_t known_left = left == UNKNOWN ? 0 : left;
	uint64_t known_right = right == UNKNOWN ? 0 : right;

	return (known_left < known_right) - (known_left > known_right);
}

/* By name in the end, so that two runs with the same figures give the same report. */
static int compare_rows(const void *left, const void *right)
{
	const struct region_row *a = left, *b = right;
	int order = (int)a->region - (int)b->region;

	if (!order)
		order = by_size(a->counts.faults, b->counts.faults);
	if (!order)
		order = by_size(a->counts.zeroed_bytes, b->counts.zeroed_bytes);
	return order ? order : strcmp(a->detail, b->detail);
}

static int compare_purgers(const void *left, const void *right)
{
	const struct purger_row *a = left, *b = right;
	int order = by_size(a->faults, b->faults);

	if (!order)
		order = (int)a->region - (int)b->region;
	if (!order)
		order = strcmp(a->object, b->object);
	return order ? order : strcmp(a->call, b->call);
}

static int compare_processes(const void *left, const void *right)
{
	const struct process_row *a = left, *b = right;
	int order = by_size(a->counts.faults, b->counts.faults);

	if (!order)
		order = by_size(a->counts.zeroed_bytes, b->counts.zeroed_bytes);
	return order ? order : (a->pid > b->pid) - (a->pid < b->pid);
}

static void finish_phase(struct phase_row *phase)
{
	memset(&phase->counts, 0, sizeof(phase->counts));
	for (enum region region = 0; region < REGION_COUNT; region++) {
		counts_estimate(&phase->regions[region]);
		counts_add(&phase->counts, &phase->regions[region]);
	}
}

void snapshot_finish(struct snapshot *snapshot)
{
	memset(&snapshot->totals.counts, 0, sizeof(snapshot->totals.counts));
	if (snapshot->region_count)
		qsort(snapshot->regions, snapshot->region_count, sizeof(*snapshot->regions), compare_rows);
	for (size_t i = 0; i < snapshot->phase_count; i++)
		finish_phase(&snapshot->phases[i]);
	if (snapshot->purger_count)
		qsort(snapshot->purgers, snapshot->purger_count, sizeof(*snapshot->purgers), compare_purgers);
	if (snapshot->process_count)
		qsort(snapshot->processes, snapshot->process_count, sizeof(*snapshot->processes), compare_processes);
	for (size_t i = 0; i < snapshot->region_count; i++) {
		counts_estimate(&snapshot->regions[i].counts);
		counts_add(&snapshot->totals.counts, &snapshot->regions[i].counts);
	}
	for (size_t i = 0; i < snapshot->process_count; i++)
		counts_estimate(&snapshot->processes[i].counts);
	if (snapshot->stacks)
		stacks_scale(snapshot->stacks, snapshot);
}
