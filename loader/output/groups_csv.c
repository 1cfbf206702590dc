// SPDX-License-Identifier: MIT
/* Rows of --by as comma-separated values: the same columns whatever the rows are (docs/csv.md). */
#include "output/groups_output.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "output/csv_value.h"
#include "output/stack_text.h"

static void write_count(uint64_t value, FILE *file)
{
	fputc(',', file);
	if (value != UNKNOWN)
		fprintf(file, "%" PRIu64, value);
}

static void write_text(const char *text, FILE *file)
{
	fputc(',', file);
	csv_value_string(text, file);
}

static void write_cost(const struct group_cost *cost, FILE *file)
{
	write_count(cost_figure(cost->faults), file);
	write_count(cost_figure(cost->zeroed_bytes), file);
	write_count(cost_figure(cost->fault_ns), file);
	write_count(cost_figure(cost->zero_ns), file);
}

static void write_frames(const struct stacks *stacks, const struct frames *frames, FILE *file)
{
	char *text = stacks ? stack_text_frames(stacks, frames) : NULL;

	write_text(text ? text : "", file);
	free(text);
}

/* Columns that make no sense for a grouping stay empty. */
static void write_names(const struct groups *groups, const struct group_row *row, FILE *file)
{
	bool file_rows = groups->by == GROUP_FILE || groups->by == GROUP_LINE;

	fputs(row->rest ? "rest" : grouping_name(groups->by), file);
	write_text(row->region < REGION_COUNT && !file_rows ? region_name(row->region) : "", file);
	write_text(row->name, file);
	write_text(row->object, file);
	write_count(row->line ? row->line : UNKNOWN, file);
	write_count(groups->by == GROUP_PROCESS && !row->rest ? row->pid : UNKNOWN, file);
	write_count(groups->by == GROUP_TIME ? row->start_ns : UNKNOWN, file);
	write_count(groups->by == GROUP_TIME ? row->end_ns : UNKNOWN, file);
}

int groups_csv(
    const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	static const struct group_cost none = {NAN, NAN, NAN, NAN};
	size_t shown = options->top && options->top < groups->count ? options->top : groups->count;

	fputs("by,region,name,object,line,pid,start_ns,end_ns,faults,zeroed_bytes,fault_ns,zero_ns,"
	      "self_faults,self_zeroed_bytes,self_fault_ns,self_zero_ns,samples,stack\n",
	    file);
	for (size_t i = 0; i < shown; i++) {
		const struct group_row *row = &groups->rows[i];

		write_names(groups, row, file);
		write_cost(&row->cost, file);
		write_cost(groups->by == GROUP_FUNCTION ? &row->self : &none, file);
		write_count(groups->from_stacks ? row->samples : UNKNOWN, file);
		write_frames(snapshot->stacks, &row->frames, file);
		fputc('\n', file);
	}
	return ferror(file) || fflush(file) ? -1 : 0;
}
