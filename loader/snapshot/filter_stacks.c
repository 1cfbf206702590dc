// SPDX-License-Identifier: MIT
/* What only stacks tell: functions, and which process's which region's faults are. See filter.h. */
#include "snapshot/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/stacks.h"

static bool fits_function(const struct patterns *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (strstr(name, patterns->list[i]))
			return true;
	return false;
}

/* Which frames fit, by their number; NULL when out of memory. */
static bool *fitting_frames(const struct filter *filter, const struct stacks *stacks)
{
	bool *fits = calloc(stacks->frame_count, sizeof(*fits));
	char text[FRAME_TEXT];

	for (size_t i = 1; fits && i < stacks->frame_count; i++)
		fits[i] = fits_function(&filter->functions, frame_name(&stacks->frames[i], text));
	return fits;
}

static bool has_fitting(const struct frames *frames, const bool *fits)
{
	for (size_t i = 0; i < frames->count; i++)
		if (fits[frames->frame[i]])
			return true;
	return false;
}

static bool fits_row(const struct filter *filter, const struct stack_key *key, const bool *fits)
{
	return filter_fits_region(filter, key->region, key->detail) &&
	       filter_fits_process(filter, key->pid, key->comm) &&
	       (!filter->functions.count || has_fitting(&key->touched, fits) || has_fitting(&key->allocated, fits));
}

/* A list of frames with their numbers in other stacks; they must be copied before the next call. */
static int renumber(const struct stacks *from, const struct frames *frames, struct stacks *into, uint32_t *numbers)
{
	for (size_t i = 0; i < frames->count; i++) {
		numbers[i] = stacks_frame(into, &from->frames[frames->frame[i]]);
		if (frames->frame[i] && !numbers[i])
			return -1;
	}
	return 0;
}

static int copy_row(const struct stacks *from, const struct stack_row *row, struct stacks *into)
{
	size_t touched = row->key.touched.count, allocated = row->key.allocated.count;
	uint32_t *numbers = malloc((touched + allocated + 1) * sizeof(*numbers));
	struct stack_row *copy = NULL;
	struct stack_row kept = *row;

	if (numbers && !renumber(from, &row->key.touched, into, numbers) &&
	    !renumber(from, &row->key.allocated, into, numbers + touched)) {
		kept.key.touched.frame = numbers;
		kept.key.allocated.frame = numbers + touched;
		copy = stacks_row(into, &kept.key);
	}
	free(numbers);
	if (!copy)
		return -1;
	kept.key = copy->key;
	*copy = kept;
	return 0;
}

/* Rows keep their order and their scale: that of the whole, whose share they are. */
struct stacks *filter_stacks(const struct filter *filter, const struct stacks *stacks)
{
	struct stacks *kept = stacks_new();
	bool *fits = fitting_frames(filter, stacks);

	if (!kept || !fits)
		goto failed;
	kept->unwinding = stacks->unwinding;
	kept->sampled = stacks->sampled;
	kept->kernel_frames = stacks->kernel_frames;
	kept->allocation_sites = stacks->allocation_sites;
	kept->lost = stacks->lost;
	kept->cut = stacks->cut;
	kept->stale = stacks->stale;
	for (size_t i = 0; i < stacks->row_count; i++)
		if (fits_row(filter, &stacks->rows[i].key, fits) && copy_row(stacks, &stacks->rows[i], kept))
			goto failed;
	free(fits);
	return kept;
failed:
	free(fits);
	stacks_free(kept);
	return NULL;
}

/* Sums over the stacks of a region or a process. */
struct sum {
	double faults, zeroed_bytes, ns, causes[FAULT_CAUSE_COUNT];
	bool any, bytes_unknown, time_unknown;
};

static void sum_add(struct sum *sum, const struct stack_row *row)
{
	sum->any = true;
	sum->faults += fmax(row->all_faults, 0);
	sum->causes[row->key.cause] += fmax(row->all_faults, 0);
	if (row->all_zeroed_bytes < 0)
		sum->bytes_unknown = true;
	else
		sum->zeroed_bytes += row->all_zeroed_bytes;
	if (row->all_ns < 0)
		sum->time_unknown = true;
	else
		sum->ns += row->all_ns;
}

/* As if all of it had been measured: then sums of such rows need no estimate. */
static struct counts counts_of(const struct sum *sum)
{
	struct counts counts = {
	    .faults = llround(sum->faults),
	    .major = UNKNOWN,
	    .populated = UNKNOWN,
	    .zeroed_bytes = sum->bytes_unknown ? UNKNOWN : (uint64_t)llround(sum->zeroed_bytes),
	    .zeroed_twice_bytes = UNKNOWN,
	    .zero_events = UNKNOWN,
	    .failed = UNKNOWN,
	    .timed = UNKNOWN,
	    .zero_ns = UNKNOWN,
	    .fault_ns = sum->time_unknown ? UNKNOWN : (uint64_t)llround(sum->ns),
	    .fault_ns_error = UNKNOWN,
	    .waste = {.sampled = UNKNOWN, .zeroed_bytes = UNKNOWN, .of_bytes = UNKNOWN, .bytes = UNKNOWN},
	};

	counts.waste.low = counts.waste.high = UNKNOWN;
	counts.timeable = counts.faults;
	counts.covered.zero_ns = UNKNOWN;
	if (!sum->time_unknown) {
		counts.covered.faults = counts.faults;
		counts.covered.ns = llround(sum->ns);
	}
	for (size_t i = 0; i < FAULT_CAUSE_COUNT; i++)
		counts.causes[i] = llround(sum->causes[i]);
	return counts;
}

static size_t region_of(struct snapshot *snapshot, const struct stack_key *key)
{
	const struct region_row *row = snapshot_region(snapshot, key->region, key->detail);

	return row ? (size_t)(row - snapshot->regions) : SIZE_MAX;
}

static int compare_rows(const void *left, const void *right)
{
	const struct region_row *a = left, *b = right;

	if (a->region != b->region)
		return (int)a->region - (int)b->region;
	if (a->counts.faults != b->counts.faults)
		return a->counts.faults < b->counts.faults ? 1 : -1;
	return strcmp(a->detail, b->detail);
}

static int make_regions(struct snapshot *snapshot)
{
	const struct stacks *stacks = snapshot->stacks;
	struct sum *sums = calloc(stacks->row_count + 1, sizeof(*sums));
	int failed = sums ? 0 : -1;

	for (size_t i = 0; i < snapshot->region_count; i++)
		free(snapshot->regions[i].detail);
	snapshot->region_count = 0;
	for (size_t i = 0; !failed && i < stacks->row_count; i++) {
		size_t row = region_of(snapshot, &stacks->rows[i].key);

		if (row == SIZE_MAX)
			failed = -1;
		else
			sum_add(&sums[row], &stacks->rows[i]);
	}
	for (size_t i = 0; !failed && i < snapshot->region_count; i++)
		snapshot->regions[i].counts = counts_of(&sums[i]);
	free(sums);
	if (!failed && snapshot->region_count)
		qsort(snapshot->regions, snapshot->region_count, sizeof(*snapshot->regions), compare_rows);
	return failed;
}

/* A process that has no stacks left has nothing left. */
static int make_processes(struct snapshot *snapshot)
{
	const struct stacks *stacks = snapshot->stacks;
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct process_row *row = &snapshot->processes[i];
		struct sum sum = {0};

		for (size_t j = 0; j < stacks->row_count; j++)
			if (stacks->rows[j].key.pid == row->pid)
				sum_add(&sum, &stacks->rows[j]);
		if (!sum.any) {
			free(row->comm);
			continue;
		}
		row->counts = counts_of(&sum);
		snapshot->processes[kept++] = *row;
	}
	snapshot->process_count = kept;
	return 0;
}

int filter_from_stacks(struct snapshot *snapshot)
{
	return make_regions(snapshot) || make_processes(snapshot) ? -1 : 0;
}
