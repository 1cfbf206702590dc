// SPDX-License-Identifier: MIT
/* The order of rows. See table.h. */
#include "live/table.h"

#include <stdlib.h>
#include <string.h>

#include "live/column.h"

static double known(uint64_t value)
{
	return value == UNKNOWN ? -1 : (double)value;
}

static double share(uint64_t part, uint64_t whole)
{
	return part == UNKNOWN || whole == UNKNOWN || !whole ? -1 : (double)part / (double)whole;
}

static double cell_value(const struct row *row, enum cell_kind kind)
{
	switch (kind) {
	case CELL_PID:
		return -(double)row->pid;
	case CELL_PARENT:
		return -(double)row->parent;
	case CELL_FAULT_RATE:
	case CELL_FAULT_SHARE:
		return known(row->now.faults);
	case CELL_ZEROED_RATE:
	case CELL_ZEROED_SHARE:
		return known(row->now.zeroed_bytes);
	case CELL_FAULTS:
		return known(row->total.faults);
	case CELL_ZEROED:
		return known(row->total.zeroed_bytes);
	case CELL_TIME:
		return known(row->total.fault_ns);
	case CELL_MAJOR:
		return known(row->total.major);
	case CELL_FIRST:
		return share(row->total.first_touches, row->total.faults);
	case CELL_PURGED:
		return share(row->total.purged, row->total.faults);
	case CELL_HALF:
		return known(row->total.half_ns);
	case CELL_SLOW:
		return known(row->total.slow_ns);
	default:
		return 0;
	}
}

struct order {
	enum cell_kind kind;
	bool reversed;
};

static int descending(double left, double right)
{
	return (left < right) - (left > right);
}

/* Of classes their sizes, the smallest first. */
static int compare_words(const struct row *left, const struct row *right, enum cell_kind kind)
{
	if (kind == CELL_DETAIL && left->size != right->size)
		return left->size < right->size ? -1 : 1;
	return strcmp(cell_words(left, kind), cell_words(right, kind));
}

/* Where the column doesn't tell them apart: who has more faults, then who is who, so that rows don't jump about. */
static int compare_others(const struct row *left, const struct row *right)
{
	int result = descending(known(left->now.faults), known(right->now.faults));

	if (!result)
		result = descending(known(left->total.faults), known(right->total.faults));
	if (!result)
		result = descending(known(left->total.zeroed_bytes), known(right->total.zeroed_bytes));
	if (!result)
		result = (int)left->region - (int)right->region;
	if (!result)
		result = compare_words(left, right, CELL_DETAIL);
	if (!result)
		result = strcmp(left->name, right->name);
	return result ? result : (left->pid > right->pid) - (left->pid < right->pid);
}

static int compare(const void *one, const void *other, void *context)
{
	const struct row *left = one, *right = other;
	const struct order *order = context;
	int result = cell_words(left, order->kind)
	                 ? compare_words(left, right, order->kind)
	                 : descending(cell_value(left, order->kind), cell_value(right, order->kind));

	if (order->reversed)
		result = -result;
	return result ? result : compare_others(left, right);
}

void table_sort(const struct table *table, struct rows *rows, const struct table_state *state)
{
	struct order order = {columns_of(table)[state->sort].kind, state->reversed};

	if (rows->count)
		qsort_r(rows->list, rows->count, sizeof(*rows->list), compare, &order);
}
