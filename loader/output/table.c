/* SPDX-License-Identifier: MIT */
/*
 * The report to read: head, answer, then one line a region with its details below, largest first. What is unmeasured is
 * "n/a", a true zero "-".
 */
#include "output/output.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "output/columns.h"
#include "output/decision_text.h"
#include "output/groups_output.h"
#include "output/header.h"
#include "output/style.h"
#include "output/text.h"
#include "snapshot/yours.h"

#define DETAIL_COLUMNS 17
#define MOST_DETAILS   8

static const char *whose(const struct region_row *row)
{
	return yours_name(yours(row->region, row->detail));
}

/* The same for several rows: their common answer, if they have one. */
static const char *whose_together(const struct region_row *rows, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(whose(&rows[i]), whose(&rows[0])) != 0)
			return yours_name(YOURS_PARTLY);
	return whose(&rows[0]);
}

static struct figure quantile(const struct counts *counts, unsigned int permille)
{
	return figure_short_duration(counts->faults ? histogram_quantile(counts->histogram, permille) : 0);
}

static void write_row(const char *region, const char *detail, const struct counts *counts, const struct counts *total,
    const char *yours, FILE *file)
{
	style_begin(STYLE_MAIN, file);
	fprintf(file, "%-10s ", region);
	style_end(file);
	columns_cell(detail, DETAIL_COLUMNS, file);
	fprintf(file, " %9s %6s %9s %11s %6s %6s %9s   %s\n", figure_count(counts->faults).text,
	    figure_share(counts->faults, total->faults).text, figure_bytes(counts->zeroed_bytes).text,
	    figure_duration(counts->fault_ns).text, quantile(counts, 500).text, quantile(counts, 990).text,
	    figure_duration(counts->zero_ns).text, yours);
}

static bool is_percent(uint64_t part, uint64_t whole)
{
	return part && part != UNKNOWN && whole != UNKNOWN && part >= whole / 100;
}

/* How many of a region's rows, which come largest first, get a line of their own. */
static size_t shown_details(const struct region_row *rows, size_t count, const struct counts *total)
{
	size_t shown = 0;

	while (shown < count && shown < MOST_DETAILS &&
	       (is_percent(rows[shown].counts.faults, total->faults) ||
	           is_percent(rows[shown].counts.zeroed_bytes, total->zeroed_bytes)))
		shown++;
	/* Folding a single row saves no line. */
	return shown + 1 == count ? count : shown;
}

static void write_others(const struct region_row *rows, size_t count, const struct counts *total, FILE *file)
{
	struct counts sum = {0};
	char detail[40];

	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		counts_add(&sum, &rows[i].counts);
	snprintf(detail, sizeof(detail), "(%zu others)", count);
	write_row("", detail, &sum, total, whose_together(rows, count), file);
}

static bool is_empty(const struct counts *counts)
{
	return !counts->faults && (!counts->zeroed_bytes || counts->zeroed_bytes == UNKNOWN);
}

static void write_region(const struct region_row *rows, size_t count, const struct counts *total, FILE *file)
{
	const char *name = region_name(rows[0].region);
	struct counts sum = {0};
	char several[40] = "";
	size_t shown;

	/* Empty rows come last. */
	while (count && is_empty(&rows[count - 1].counts))
		count--;
	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		counts_add(&sum, &rows[i].counts);
	shown = shown_details(rows, count, total);
	/* Where no detail deserves a line, the region's own says how many there are. */
	if (!shown)
		snprintf(several, sizeof(several), "(%zu kinds)", count);
	write_row(name, count == 1 ? rows[0].detail : several, &sum, total, whose_together(rows, count), file);
	if (count == 1 || !shown)
		return;
	for (size_t i = 0; i < shown; i++)
		write_row("", rows[i].detail, &rows[i].counts, total, whose(&rows[i]), file);
	write_others(rows + shown, count - shown, total, file);
}

/* The rows of one region, which snapshot_finish() has put together. */
struct group {
	const struct region_row *rows;
	size_t count;
	uint64_t faults;
};

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->faults != b->faults)
		return a->faults < b->faults ? 1 : -1;
	return (int)a->rows->region - (int)b->rows->region;
}

static size_t find_groups(const struct snapshot *snapshot, struct group groups[REGION_COUNT])
{
	size_t count = 0, next;

	for (size_t first = 0; first < snapshot->region_count && count < REGION_COUNT; first = next) {
		enum region region = snapshot->regions[first].region;
		uint64_t faults = snapshot_region_sum(snapshot, region).faults;

		for (next = first + 1; next < snapshot->region_count && snapshot->regions[next].region == region;
		     next++)
			;
		groups[count++] =
		    (struct group){&snapshot->regions[first], next - first, faults == UNKNOWN ? 0 : faults};
	}
	return count;
}

/* Of the zeroed memory that was given back, what had nothing but zeroes in it by then. */
static void write_waste_row(const char *name, const struct waste *waste, FILE *file)
{
	if (waste->bytes == UNKNOWN || !waste->of_bytes)
		return;
	fprintf(file, "%-28s %9s %11s %6s %9s to %5s\n", name, figure_bytes(waste->of_bytes).text,
	    figure_bytes(waste->bytes).text, figure_share(waste->bytes, waste->of_bytes).text,
	    figure_share(waste->low, waste->of_bytes).text, figure_share(waste->high, waste->of_bytes).text);
}

static void write_waste(const struct snapshot *snapshot, const struct group *groups, size_t count, FILE *file)
{
	const struct waste *total = &snapshot->totals.counts.waste;
	size_t shown = 0;

	if (!total->bytes || total->bytes == UNKNOWN)
		return;
	fprintf(file, "\n%-28s %9s %11s %6s %18s\n", "ZEROED AND GIVEN BACK", "LOOKED AT", "STILL ZERO", "%",
	    "95 % INTERVAL");
	for (size_t i = 0; i < count; i++) {
		struct counts sum = snapshot_region_sum(snapshot, groups[i].rows->region);

		if (!is_percent(sum.waste.of_bytes, total->of_bytes))
			continue;
		write_waste_row(region_name(groups[i].rows->region), &sum.waste, file);
		shown++;
	}
	if (shown > 1)
		write_waste_row("all", total, file);
}

void table_head(const struct snapshot *snapshot, FILE *file)
{
	header_write(snapshot, file);
	fputc('\n', file);
	answer_write(snapshot, file);
	fputc('\n', file);
}

static void write_columns(FILE *file)
{
	style_begin(STYLE_HEAD, file);
	fprintf(file, "%-10s %-*s %9s %6s %9s %11s %6s %6s %9s   %s", "REGION", DETAIL_COLUMNS, "DETAIL", "FAULTS", "%",
	    "ZEROED", "FAULT TIME", "p50", "p99", "ZEROING", "YOURS?");
	style_end(file);
	fputc('\n', file);
}

int table_body(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	struct group groups[REGION_COUNT];
	size_t count = find_groups(snapshot, groups);
	int failed = 0;

	write_columns(file);
	qsort(groups, count, sizeof(groups[0]), compare_groups);
	for (size_t i = 0; i < count; i++)
		write_region(groups[i].rows, groups[i].count, &snapshot->totals.counts, file);
	write_waste(snapshot, groups, count, file);
	decisions_table(snapshot->deciders, file);
	if (snapshot->stacks)
		failed = table_stacks(snapshot, options, file);
	return failed || ferror(file) || fflush(file) ? -1 : 0;
}

int output_table(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	table_head(snapshot, file);
	return table_body(snapshot, options, file);
}
