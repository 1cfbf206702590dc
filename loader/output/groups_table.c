// SPDX-License-Identifier: MIT
/*
 * Rows of --by to read, one line each; stacks are blocks (stack_table.c). Each grouping has its own leading columns,
 * and all have the same figures behind them.
 */
#include "output/groups_output.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/columns.h"
#include "output/lines.h"
#include "output/style.h"
#include "output/text.h"

#define MOST_ROWS      20 /* where nobody said how many */
#define MOST_FRAMES    30 /* of a stack, where stacks are what was asked for */
#define LEADING        50 /* columns before the figures */
#define OBJECT_COLUMNS 18
#define BAR_COLUMNS    20

static struct figure count_of(double value)
{
	return figure_count(cost_figure(value));
}

static struct figure share_of(double value, double whole)
{
	return figure_share(cost_figure(value), cost_figure(whole));
}

/* A path keeps its end. */
static void write_path(const char *path, uint32_t line, size_t columns, FILE *file)
{
	char place[512], number[16] = "";
	const char *from = path;
	size_t over;

	if (line)
		snprintf(number, sizeof(number), ":%" PRIu32, line);
	over = text_columns(path) + strlen(number);
	over = over > columns ? over - columns + 2 : 0;
	while (over && *from) {
		from++;
		over -= ((unsigned char)*from & 0xc0) != 0x80;
	}
	snprintf(place, sizeof(place), "%s%s%s", from > path ? ".." : "", from, number);
	columns_cell(place, columns, file);
}

static void write_time(const struct group_row *row, double most, FILE *file)
{
	size_t length = row->cost.faults > 0 && most > 0 ? ceil(row->cost.faults / most * BAR_COLUMNS) : 0;
	char text[80], bar[BAR_COLUMNS + 1];

	memset(bar, '#', length);
	bar[length] = '\0';
	snprintf(text, sizeof(text), "%s to %s", row->start_ns ? figure_precise_duration(row->start_ns).text : "0 s",
	    figure_precise_duration(row->end_ns).text);
	columns_cell(text, LEADING - BAR_COLUMNS - 1, file);
	fprintf(file, " %-*s", BAR_COLUMNS, bar);
}

/* What no stack is known of has no name in any column. */
static void write_leading(const struct groups *groups, const struct group_row *row, FILE *file)
{
	const char *region = row->region < REGION_COUNT ? region_name(row->region) : "";

	style_begin(row->rest ? STYLE_FAINT : STYLE_MAIN, file);
	if (row->rest) {
		columns_cell(groups->by == GROUP_PROCESS ? "(no process is known)" : "(no stack is known)",
		    groups->by == GROUP_FUNCTION ? LEADING - 6 : LEADING, file);
	} else {
		switch (groups->by) {
		case GROUP_DETAIL:
			fprintf(file, "%-10s ", region);
			columns_cell(row->name, LEADING - 11, file);
			break;
		case GROUP_FUNCTION:
			columns_cell(
			    row->name[0] ? row->name : "(no name is known)", LEADING - 7 - OBJECT_COLUMNS, file);
			style_end(file);
			fputc(' ', file);
			columns_cell(row->object, OBJECT_COLUMNS, file);
			break;
		case GROUP_FILE:
		case GROUP_LINE:
			write_path(row->name[0] ? row->name : row->object, row->line, LEADING - 11, file);
			style_end(file);
			fprintf(file, " %-10s", row->name[0] ? "" : "no source");
			break;
		case GROUP_PROCESS:
			fprintf(file, "%10" PRIu32 " ", row->pid);
			columns_cell(row->name, LEADING - 11, file);
			break;
		default:
			columns_cell(region, LEADING, file);
		}
	}
	style_end(file);
}

static void write_titles(const struct groups *groups, FILE *file)
{
	static const char *const titles[GROUP_COUNT] = {
	    [GROUP_REGION] = "REGION",
	    [GROUP_DETAIL] = "REGION     DETAIL",
	    [GROUP_FILE] = "SOURCE FILE",
	    [GROUP_LINE] = "SOURCE LINE",
	    [GROUP_PROCESS] = "   PROCESS NAME",
	    [GROUP_TIME] = "TIME",
	};

	style_begin(STYLE_HEAD, file);
	if (groups->by == GROUP_FUNCTION)
		fprintf(file, "%-*s %-*s %9s %6s %9s %6s %9s %11s", LEADING - 7 - OBJECT_COLUMNS, "FUNCTION",
		    OBJECT_COLUMNS, "OF", "FAULTS", "%", "ITSELF", "%", "ZEROED", "FAULT TIME");
	else
		fprintf(file, "%-*s %9s %6s %9s %11s %9s", LEADING, titles[groups->by], "FAULTS", "%", "ZEROED",
		    "FAULT TIME", "ZEROING");
	style_end(file);
	fputc('\n', file);
}

static void write_figures(const struct groups *groups, const struct group_cost *cost, FILE *file)
{
	fprintf(file, " %9s %6s %9s %11s %9s\n", count_of(cost->faults).text,
	    share_of(cost->faults, groups->total.faults).text, figure_bytes(cost_figure(cost->zeroed_bytes)).text,
	    figure_duration(cost_figure(cost->fault_ns)).text, figure_duration(cost_figure(cost->zero_ns)).text);
}

/* With what a function calls, and without. */
static void write_function_figures(const struct groups *groups, const struct group_row *row, FILE *file)
{
	double whole = groups->total.faults;

	fprintf(file, " %9s %6s %9s %6s %9s %11s\n", count_of(row->cost.faults).text,
	    share_of(row->cost.faults, whole).text, count_of(row->self.faults).text,
	    share_of(row->self.faults, whole).text, figure_bytes(cost_figure(row->cost.zeroed_bytes)).text,
	    figure_duration(cost_figure(row->cost.fault_ns)).text);
}

static double most_faults(const struct groups *groups)
{
	double most = 0;

	for (size_t i = 0; i < groups->count; i++)
		most = fmax(most, groups->rows[i].cost.faults);
	return most;
}

static void write_row(const struct groups *groups, const struct group_row *row, double most, FILE *file)
{
	if (groups->by == GROUP_TIME)
		write_time(row, most, file);
	else
		write_leading(groups, row, file);
	if (groups->by == GROUP_FUNCTION)
		write_function_figures(groups, row, file);
	else
		write_figures(groups, &row->cost, file);
}

/* Functions' figures overlap, and have no sum. */
static void write_left_out(const struct groups *groups, size_t shown, FILE *file)
{
	struct group_cost sum = {0};
	char text[48];

	if (shown == groups->count)
		return;
	style_begin(STYLE_FAINT, file);
	snprintf(text, sizeof(text), "(%zu more)", groups->count - shown);
	if (groups->by == GROUP_FUNCTION) {
		fprintf(file, "%s\n", text);
	} else {
		for (size_t i = shown; i < groups->count; i++)
			cost_add(&sum, &groups->rows[i].cost);
		columns_cell(text, LEADING, file);
		write_figures(groups, &sum, file);
	}
	style_end(file);
}

static void write_origin(const struct groups *groups, const struct snapshot *snapshot, FILE *file)
{
	const struct stacks *stacks = snapshot->stacks;
	struct line line = {.file = file, .separator = " | "};
	uint64_t samples = 0;

	if (!groups->from_stacks || !stacks)
		return;
	for (size_t i = 0; i < stacks->row_count; i++)
		samples += stacks->rows[i].samples;
	line_piece(&line, "%s from %s call stacks (%s)%s", groups->by == GROUP_STACK ? "stacks" : "rows",
	    figure_plain(samples).text, unwinding_name(stacks->unwinding),
	    groups->estimated ? ", a sample: figures are estimates" : "");
	if (groups->value != STACK_VALUE_FAULTS)
		line_piece(&line, "by %s", stack_value_title(groups->value));
	if (stacks->lost)
		line_piece(&line, "%s stacks lost", figure_plain(stacks->lost).text);
	if (stacks->cut)
		line_piece(&line, "%s without their outermost frames", figure_plain(stacks->cut).text);
	if (stacks->stale)
		line_piece(&line, "%s frames of replaced files", figure_plain(stacks->stale).text);
	line_end(&line);
}

int groups_table(
    const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	size_t top = options->top;
	bool all = !top && (groups->by == GROUP_REGION || groups->by == GROUP_TIME);
	size_t most = all ? groups->count : top ? top : MOST_ROWS, shown;
	double faults = most_faults(groups);

	write_origin(groups, snapshot, file);
	shown = most < groups->count ? most : groups->count;
	/* Folding a single row saves no line. */
	if (!top && shown + 1 == groups->count && groups->by != GROUP_STACK)
		shown++;
	if (groups->by == GROUP_STACK) {
		stack_blocks(groups, snapshot->stacks, shown, MOST_FRAMES, file);
	} else {
		write_titles(groups, file);
		for (size_t i = 0; i < shown; i++)
			write_row(groups, &groups->rows[i], faults, file);
		write_left_out(groups, shown, file);
	}
	return ferror(file) || fflush(file) ? -1 : 0;
}
