// SPDX-License-Identifier: MIT
/* See column.h. */
#include "live/column.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output/text.h"

static const struct column region_columns[] = {
    {"REGION", CELL_REGION, 9, 0},
    {"DETAIL", CELL_DETAIL, 0, 0},
    {"FAULTS/s", CELL_FAULT_RATE, 8, 0},
    {"%", CELL_FAULT_SHARE, 5, 0},
    {"ZEROED/s", CELL_ZEROED_RATE, 8, 0},
    {"ZERO%", CELL_ZEROED_SHARE, 5, 0},
    {"FAULTS", CELL_FAULTS, 7, 0},
    {"ZEROED", CELL_ZEROED, 8, 92},
    {"TIME", CELL_TIME, 7, 101},
    {"MAJOR", CELL_MAJOR, 7, 110},
    {"p50", CELL_HALF, 5, 0},
    {"p99", CELL_SLOW, 5, 0},
    {"YOURS?", CELL_YOURS, 6, 0},
    {0},
};

static const struct column class_columns[] = {
    {"DETAIL", CELL_DETAIL, 0, 0},
    {"FAULTS/s", CELL_FAULT_RATE, 8, 0},
    {"%", CELL_FAULT_SHARE, 5, 0},
    {"ZEROED/s", CELL_ZEROED_RATE, 8, 0},
    {"FAULTS", CELL_FAULTS, 7, 0},
    {"ZEROED", CELL_ZEROED, 8, 0},
    {"FIRST%", CELL_FIRST, 6, 0},
    {"AGAIN%", CELL_PURGED, 6, 0},
    {"p50", CELL_HALF, 5, 0},
    {"p99", CELL_SLOW, 5, 0},
    {0},
};

static const struct column stack_columns[] = {
    {"FAULTS/s", CELL_FAULT_RATE, 8, 0},
    {"%", CELL_FAULT_SHARE, 5, 0},
    {"ZEROED/s", CELL_ZEROED_RATE, 8, 0},
    {"FAULTS", CELL_FAULTS, 9, 0},
    {"TIME", CELL_TIME, 7, 100},
    {"REGION", CELL_REGION, 9, 0},
    {"DETAIL", CELL_DETAIL, 14, 120},
    {"STACK, the innermost function first", CELL_NAME, 0, 0},
    {0},
};

static const struct column function_columns[] = {
    {"FAULTS/s", CELL_FAULT_RATE, 8, 0},
    {"%", CELL_FAULT_SHARE, 5, 0},
    {"ZEROED/s", CELL_ZEROED_RATE, 8, 0},
    {"FAULTS", CELL_FAULTS, 9, 0},
    {"TIME", CELL_TIME, 7, 100},
    {"FUNCTION", CELL_NAME, 0, 0},
    {"OBJECT", CELL_DETAIL, 16, 0},
    {0},
};

static const struct column process_columns[] = {
    {"PID", CELL_PID, 8, 0},
    {"PARENT", CELL_PARENT, 8, 0},
    {"NAME", CELL_NAME, 0, 0},
    {"FAULTS/s", CELL_FAULT_RATE, 8, 0},
    {"%", CELL_FAULT_SHARE, 5, 0},
    {"ZEROED/s", CELL_ZEROED_RATE, 8, 0},
    {"FAULTS", CELL_FAULTS, 9, 0},
    {"ZEROED", CELL_ZEROED, 8, 0},
    {"TIME", CELL_TIME, 7, 90},
    {"MAJOR", CELL_MAJOR, 7, 100},
    {0},
};

const struct column *columns_of(const struct table *table)
{
	static const struct column *const pages[PAGE_COUNT] = {
	    [PAGE_REGIONS] = region_columns,
	    [PAGE_CLASSES] = class_columns,
	    [PAGE_STACKS] = stack_columns,
	    [PAGE_PROCESSES] = process_columns,
	};

	if (table->page == PAGE_STACKS && table->functions)
		return function_columns;
	return pages[table->page] ? pages[table->page] : region_columns;
}

/* -- what a cell says -- */

/* A second's; a rate that is not nothing never looks like nothing. */
static void rate_text(uint64_t value, uint64_t slice_ns, bool bytes, char text[CELL_TEXT])
{
	double rate = slice_ns ? (double)value * 1e9 / (double)slice_ns : 0;

	if (value == UNKNOWN || !slice_ns)
		strcpy(text, "n/a");
	else if (!value)
		strcpy(text, "-");
	else if (bytes)
		strcpy(text, figure_bytes(rate < 1 ? 1 : (uint64_t)(rate + 0.5)).text);
	else if (rate < 0.05)
		strcpy(text, "<0.1");
	else if (rate < 9.95)
		snprintf(text, CELL_TEXT, "%.1f", rate);
	else
		strcpy(text, figure_count((uint64_t)(rate + 0.5)).text);
}

/* With a letter behind it where digits would take more than a column has. */
static void count_text(uint64_t count, size_t width, char text[CELL_TEXT])
{
	static const char letters[] = "kMGT";
	double scaled = (double)count;
	size_t letter = 0;

	strcpy(text, figure_count(count).text);
	if (strlen(text) <= width)
		return;
	for (scaled /= 1000; scaled >= 99999.5 && letters[letter + 1]; letter++)
		scaled /= 1000;
	snprintf(text, CELL_TEXT, "%.0f%c", scaled, letters[letter]);
}

void cell_text(const struct table *table, const struct rows *rows, const struct row *row, const struct column *column,
    char text[CELL_TEXT])
{
	const struct figures *now = &row->now, *total = &row->total;

	text[0] = '\0';
	switch (column->kind) {
	case CELL_PID:
	case CELL_PARENT:
		snprintf(text, CELL_TEXT, "%" PRIu32, column->kind == CELL_PID ? row->pid : row->parent);
		break;
	case CELL_FAULT_RATE:
		rate_text(now->faults, table->slice_ns, false, text);
		break;
	case CELL_FAULT_SHARE:
		strcpy(text, figure_share(now->faults, rows->faults).text);
		break;
	case CELL_ZEROED_RATE:
		rate_text(now->zeroed_bytes, table->slice_ns, true, text);
		break;
	case CELL_ZEROED_SHARE:
		strcpy(text, figure_share(now->zeroed_bytes, rows->zeroed_bytes).text);
		break;
	case CELL_FAULTS:
		count_text(total->faults, column->width, text);
		break;
	case CELL_ZEROED:
		strcpy(text, figure_bytes(total->zeroed_bytes).text);
		break;
	case CELL_TIME:
		strcpy(text, figure_duration(total->fault_ns).text);
		break;
	case CELL_MAJOR:
		count_text(total->major, column->width, text);
		break;
	case CELL_FIRST:
		strcpy(text, figure_share(total->first_touches, total->faults).text);
		break;
	case CELL_PURGED:
		strcpy(text, figure_share(total->purged, total->faults).text);
		break;
	case CELL_HALF:
		strcpy(text, figure_short_duration(total->half_ns).text);
		break;
	case CELL_SLOW:
		strcpy(text, figure_short_duration(total->slow_ns).text);
		break;
	default:
		break;
	}
}

const char *cell_words(const struct row *row, enum cell_kind kind)
{
	switch (kind) {
	case CELL_REGION:
		return row->region < REGION_COUNT ? region_name(row->region) : "";
	case CELL_DETAIL:
		return row->detail;
	case CELL_NAME:
		return row->name;
	case CELL_YOURS:
		return yours_name(row->yours);
	default:
		return NULL;
	}
}
