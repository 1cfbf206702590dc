// SPDX-License-Identifier: MIT
/* Groupings of what is counted, and what all groupings share. group_stacks.c has those of stacks. See group.h. */
#include "snapshot/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[GROUP_COUNT] = {
    [GROUP_REGION] = "region",
    [GROUP_DETAIL] = "detail",
    [GROUP_STACK] = "stack",
    [GROUP_FUNCTION] = "function",
    [GROUP_FILE] = "file",
    [GROUP_LINE] = "line",
    [GROUP_PROCESS] = "process",
    [GROUP_TIME] = "time",
};

enum grouping grouping_find(const char *name)
{
	enum grouping by = 0;

	while (by < GROUP_COUNT && strcmp(names[by], name) != 0)
		by++;
	return by;
}

const char *grouping_name(enum grouping by)
{
	return names[by];
}

bool grouping_needs_stacks(enum grouping by)
{
	return by == GROUP_STACK || by == GROUP_FUNCTION || by == GROUP_FILE || by == GROUP_LINE;
}

static double known(uint64_t value)
{
	return value == UNKNOWN ? NAN : (double)value;
}

struct group_cost cost_of(const struct counts *counts)
{
	return (struct group_cost){
	    known(counts->faults), known(counts->zeroed_bytes), known(counts->fault_ns), known(counts->zero_ns)};
}

uint64_t cost_figure(double value)
{
	return isnan(value) ? UNKNOWN : value > 0 ? (uint64_t)llround(value) : 0;
}

double cost_value(const struct group_cost *cost, enum stack_value value)
{
	switch (value) {
	case STACK_VALUE_ZEROED:
		return cost->zeroed_bytes;
	case STACK_VALUE_TIME:
		return cost->fault_ns;
	default:
		return cost->faults;
	}
}

void cost_add(struct group_cost *into, const struct group_cost *from)
{
	into->faults += from->faults;
	into->zeroed_bytes += from->zeroed_bytes;
	into->fault_ns += from->fault_ns;
	into->zero_ns += from->zero_ns;
}

static int by_size(double left, double right)
{
	double a = isnan(left) ? -1 : left, b = isnan(right) ? -1 : right;

	return (a < b) - (a > b);
}

static int compare_rows(const void *left, const void *right, void *context)
{
	const struct group_row *a = left, *b = right;
	const struct groups *groups = context;
	int order = a->rest - b->rest;

	if (!order)
		order = by_size(cost_value(&a->cost, groups->value), cost_value(&b->cost, groups->value));
	if (!order)
		order = by_size(a->cost.faults, b->cost.faults);
	if (!order)
		order = by_size(a->cost.zeroed_bytes, b->cost.zeroed_bytes);
	if (!order)
		order = by_size(a->self.faults, b->self.faults);
	if (!order)
		order = strcmp(a->name, b->name);
	if (!order)
		order = strcmp(a->object, b->object);
	if (!order)
		order = (int)a->region - (int)b->region;
	return order ? order : (a->line > b->line) - (a->line < b->line);
}

void groups_sort(struct groups *groups)
{
	if (groups->count)
		qsort_r(groups->rows, groups->count, sizeof(*groups->rows), compare_rows, groups);
}

/* Full exactly when the count is a power of two. */
struct group_row *groups_add(struct groups *groups)
{
	if (!(groups->count & (groups->count - 1))) {
		size_t room = groups->count ? 2 * groups->count : 1;
		struct group_row *rows = reallocarray(groups->rows, room, sizeof(*rows));

		if (!rows)
			return NULL;
		groups->rows = rows;
	}
	groups->rows[groups->count] = (struct group_row){.region = REGION_COUNT, .name = "", .object = ""};
	return &groups->rows[groups->count++];
}

static bool is_empty(const struct counts *counts)
{
	return !counts->faults && (!counts->zeroed_bytes || counts->zeroed_bytes == UNKNOWN);
}

static int by_detail(struct groups *groups, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *from = &snapshot->regions[i];
		struct group_row *row;

		if (is_empty(&from->counts))
			continue;
		row = groups_add(groups);
		if (!row)
			return -1;
		row->region = from->region;
		row->name = from->detail;
		row->cost = row->self = cost_of(&from->counts);
	}
	return 0;
}

static int by_region(struct groups *groups, const struct snapshot *snapshot)
{
	for (enum region region = 0; region < REGION_COUNT; region++) {
		struct counts sum = snapshot_region_sum(snapshot, region);
		struct group_row *row;

		if (is_empty(&sum))
			continue;
		row = groups_add(groups);
		if (!row)
			return -1;
		row->region = region;
		row->cost = row->self = cost_of(&sum);
	}
	return 0;
}

static int by_process(struct groups *groups, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process_row *from = &snapshot->processes[i];
		struct group_row *row = groups_add(groups);

		if (!row)
			return -1;
		row->name = from->comm;
		row->pid = from->pid;
		row->cost = row->self = cost_of(&from->counts);
	}
	return 0;
}

/* What the rows' own figures don't come to: faults of which no stack, or no process, is known. */
static int add_rest(struct groups *groups)
{
	struct group_cost sum = {0};
	struct group_row *row;

	for (size_t i = 0; i < groups->count; i++)
		cost_add(&sum, &groups->rows[i].self);
	/* Estimates were rounded. */
	if (!(groups->total.faults - sum.faults > 0.5) && !(groups->total.zeroed_bytes - sum.zeroed_bytes > 0.5))
		return 0;
	row = groups_add(groups);
	if (!row)
		return -1;
	row->rest = true;
	row->cost.faults = fmax(groups->total.faults - sum.faults, 0);
	row->cost.zeroed_bytes = groups->total.zeroed_bytes - sum.zeroed_bytes;
	row->cost.fault_ns = groups->total.fault_ns - sum.fault_ns;
	row->cost.zero_ns = groups->total.zero_ns - sum.zero_ns;
	/* A difference of estimates may come out below nothing. */
	if (row->cost.zeroed_bytes < 0)
		row->cost.zeroed_bytes = 0;
	if (row->cost.fault_ns < 0)
		row->cost.fault_ns = 0;
	if (row->cost.zero_ns < 0)
		row->cost.zero_ns = 0;
	row->self = row->cost;
	return 0;
}

static int fill(struct groups *groups, const struct snapshot *snapshot)
{
	switch (groups->by) {
	case GROUP_REGION:
		return by_region(groups, snapshot);
	case GROUP_DETAIL:
		return by_detail(groups, snapshot);
	case GROUP_PROCESS:
		return by_process(groups, snapshot) || add_rest(groups) ? -1 : 0;
	case GROUP_FUNCTION:
		return group_by_function(groups, snapshot->stacks) || add_rest(groups) ? -1 : 0;
	case GROUP_FILE:
	case GROUP_LINE:
		return group_by_place(groups, snapshot->stacks) || add_rest(groups) ? -1 : 0;
	case GROUP_STACK:
		return group_by_stack(groups, snapshot->stacks, false) || add_rest(groups) ? -1 : 0;
	default:
		return 0;
	}
}

static struct groups *groups_new(enum grouping by, const struct snapshot *snapshot, enum stack_value value)
{
	struct groups *groups = calloc(1, sizeof(*groups));

	if (!groups)
		return NULL;
	groups->by = by;
	groups->value = value;
	groups->total = cost_of(&snapshot->totals.counts);
	groups->from_stacks = grouping_needs_stacks(by) || snapshot->filter.from_stacks;
	groups->estimated =
	    groups->from_stacks && snapshot->stacks && (snapshot->stacks->sampled || snapshot->stacks->lost);
	return groups;
}

static struct groups *finished(struct groups *groups, int failed)
{
	if (failed) {
		groups_free(groups);
		return NULL;
	}
	groups_sort(groups);
	return groups;
}

struct groups *group_snapshot(const struct snapshot *snapshot, enum grouping by, enum stack_value value)
{
	struct groups *groups = groups_new(by, snapshot, value);

	return groups ? finished(groups, fill(groups, snapshot)) : NULL;
}

struct groups *group_calls(const struct snapshot *snapshot)
{
	struct groups *groups = groups_new(GROUP_STACK, snapshot, STACK_VALUE_FAULTS);

	return groups ? finished(groups, group_by_stack(groups, snapshot->stacks, true)) : NULL;
}

struct groups *group_slices(struct snapshot *const *slices, size_t count)
{
	struct groups *groups = calloc(1, sizeof(*groups));

	if (!groups)
		return NULL;
	groups->by = GROUP_TIME;
	for (size_t i = 0; i < count; i++) {
		struct group_row *row = groups_add(groups);

		if (!row) {
			groups_free(groups);
			return NULL;
		}
		row->start_ns = slices[i]->part.start_ns;
		row->end_ns = slices[i]->part.end_ns;
		row->cost = row->self = cost_of(&slices[i]->totals.counts);
		cost_add(&groups->total, &row->cost);
	}
	return groups;
}

void groups_free(struct groups *groups)
{
	if (!groups)
		return;
	free(groups->rows);
	free(groups);
}
