// SPDX-License-Identifier: MIT
/* From a sample of stacks to all that was counted, region by region. See stacks.h. */
#include "snapshot/stacks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/snapshot.h"

/* Sums over the stacks of one region and detail. */
struct stratum {
	double faults, zeroed_bytes, timed, timed_ns;
};

/* How far one figure's stacks have come on the way to their sum: what was given, and what should have been. */
struct progress {
	double due, given;
};

struct progresses {
	struct progress faults, zeroed_bytes, ns;
};

static size_t same_region(const struct snapshot *snapshot, const struct stack_key *key)
{
	size_t i = 0;

	while (i < snapshot->region_count &&
	       (snapshot->regions[i].region != key->region || strcmp(snapshot->regions[i].detail, key->detail)))
		i++;
	return i;
}

static void sum_up(const struct stacks *stacks, const struct snapshot *snapshot, struct stratum *sums)
{
	for (size_t i = 0; i < stacks->row_count; i++) {
		const struct stack_row *row = &stacks->rows[i];
		struct stratum *sum = &sums[same_region(snapshot, &row->key)];

		sum->faults += row->faults;
		sum->zeroed_bytes += row->zeroed_bytes;
		sum->timed += row->timed;
		sum->timed_ns += row->timed_ns;
	}
}

static double scaled(double value, double all, double sum)
{
	return sum > 0 && all >= 0 ? value * all / sum : value;
}

static double known(uint64_t count)
{
	return count == UNKNOWN ? -1 : (double)count;
}

/* `counts` NULL: the region was not counted, and the sample is all there is. */
static void scale_row(struct stack_row *row, const struct counts *counts, const struct stratum *sum)
{
	double ns = counts ? known(counts->fault_ns) : -1;

	row->all_faults = scaled(row->faults, counts ? known(counts->faults) : -1, sum->faults);
	row->all_zeroed_bytes = scaled(row->zeroed_bytes, counts ? known(counts->zeroed_bytes) : -1, sum->zeroed_bytes);
	if (counts && counts->zeroed_bytes == UNKNOWN)
		row->all_zeroed_bytes = -1;
	row->all_ns = ns < 0 || (ns > 0 && !sum->timed) ? -1 : scaled(row->timed_ns, ns, sum->timed_ns);
}

/* What was counted of a region without one stack of it: a row without frames says so. 0, or -1 when out of memory. */
static int add_rest(struct stacks *stacks, const struct region_row *region, const struct stratum *sum)
{
	const struct counts *counts = &region->counts;
	struct stack_key key = {.region = region->region, .detail = region->detail, .comm = ""};
	double faults = sum->faults > 0 ? 0 : known(counts->faults);
	double zeroed_bytes = sum->zeroed_bytes > 0 ? 0 : known(counts->zeroed_bytes);
	double ns = sum->timed_ns > 0 ? 0 : known(counts->fault_ns);
	struct stack_row *row;

	if (faults <= 0 && zeroed_bytes <= 0 && ns <= 0)
		return 0;
	row = stacks_row(stacks, &key);
	if (!row)
		return -1;
	/* If stacks without frames were taken, it is theirs, too. */
	row->all_faults += fmax(faults, 0);
	row->all_zeroed_bytes = zeroed_bytes < 0 ? -1 : fmax(row->all_zeroed_bytes, 0) + zeroed_bytes;
	row->all_ns = ns < 0 ? -1 : fmax(row->all_ns, 0) + ns;
	return 0;
}

static int add_rests(struct stacks *stacks, const struct snapshot *snapshot, const struct stratum *sums)
{
	for (size_t i = 0; i < snapshot->region_count; i++)
		if (add_rest(stacks, &snapshot->regions[i], &sums[i]))
			return -1;
	return 0;
}

/* The whole number that keeps the sum of those given nearest to the sum of those due. */
static double whole(double value, struct progress *progress)
{
	double given;

	if (value < 0)
		return value;
	progress->due += value;
	given = round(progress->due) - progress->given;
	progress->given += given;
	return given;
}

static void round_rows(struct stacks *stacks, const struct snapshot *snapshot, struct progresses *progress)
{
	for (size_t i = 0; i < stacks->row_count; i++) {
		struct stack_row *row = &stacks->rows[i];
		struct progresses *of = &progress[same_region(snapshot, &row->key)];

		row->all_faults = whole(row->all_faults, &of->faults);
		row->all_zeroed_bytes = whole(row->all_zeroed_bytes, &of->zeroed_bytes);
		row->all_ns = whole(row->all_ns, &of->ns);
	}
}

static int compare_frames(const struct stacks *stacks, const struct frames *one, const struct frames *other)
{
	for (size_t i = 0; i < one->count && i < other->count; i++) {
		const struct frame *a = &stacks->frames[one->frame[i]], *b = &stacks->frames[other->frame[i]];
		int order;

		if (a == b)
			continue;
		order = strcmp(a->function, b->function);
		if (!order)
			order = strcmp(a->object, b->object);
		if (!order)
			order = (a->address > b->address) - (a->address < b->address);
		if (!order)
			order = (a->line > b->line) - (a->line < b->line);
		if (!order)
			order = strcmp(a->source, b->source);
		if (order)
			return order;
	}
	return (one->count > other->count) - (one->count < other->count);
}

/* The most faults first; by who it is in the end, so that the same stacks are in the same order, however they came. */
static int most_first(const void *one, const void *other, void *context)
{
	const struct stack_row *a = one, *b = other;
	int order;

	if (a->all_faults != b->all_faults)
		return a->all_faults > b->all_faults ? -1 : 1;
	if (a->all_zeroed_bytes != b->all_zeroed_bytes)
		return a->all_zeroed_bytes > b->all_zeroed_bytes ? -1 : 1;
	order = (int)a->key.region - (int)b->key.region;
	if (!order)
		order = strcmp(a->key.detail, b->key.detail);
	if (!order)
		order = (a->key.pid > b->key.pid) - (a->key.pid < b->key.pid);
	if (!order)
		order = (int)a->key.cause - (int)b->key.cause;
	if (!order)
		order = strcmp(a->key.comm, b->key.comm);
	if (!order)
		order = compare_frames(context, &a->key.touched, &b->key.touched);
	return order ? order : compare_frames(context, &a->key.allocated, &b->key.allocated);
}

void stacks_scale(struct stacks *stacks, const struct snapshot *snapshot)
{
	struct stratum *sums = calloc(snapshot->region_count + 1, sizeof(*sums));
	struct progresses *progress = calloc(snapshot->region_count + 1, sizeof(*progress));
	bool failed = !sums || !progress;

	if (!failed) {
		sum_up(stacks, snapshot, sums);
		for (size_t i = 0; i < stacks->row_count; i++) {
			size_t region = same_region(snapshot, &stacks->rows[i].key);
			bool known = region < snapshot->region_count;

			scale_row(&stacks->rows[i], known ? &snapshot->regions[region].counts : NULL, &sums[region]);
		}
		failed = add_rests(stacks, snapshot, sums) || stacks_sort(stacks, most_first);
	}
	if (failed)
		stacks->row_count = 0; /* out of memory: rather none than wrong ones */
	else
		round_rows(stacks, snapshot, progress);
	free(sums);
	free(progress);
}
