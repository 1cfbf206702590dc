// SPDX-License-Identifier: MIT
/* Call stacks to read, a block each; and the end of a snapshot's table: the leading stacks and functions. */
#include "output/groups_output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/columns.h"
#include "output/lines.h"
#include "output/style.h"
#include "output/text.h"

#define INDENT        8
#define NAME_COLUMNS  48
#define PLACE_COLUMNS (REPORT_COLUMNS - INDENT - NAME_COLUMNS - 1)
#define MOST_ROWS     10
#define FEW_FRAMES    5 /* of a stack that nobody asked for by itself */

/* "bench.c:41", else the object. Folders don't fit, and the function tells already. */
static const char *place_of(const struct frame *frame, char text[FRAME_TEXT])
{
	const char *slash = strrchr(frame->source, '/'), *name = slash ? slash + 1 : frame->source;

	if (!frame->source[0])
		return frame->object;
	if (!frame->line)
		return name;
	snprintf(text, FRAME_TEXT, "%s:%" PRIu32, name, frame->line);
	return text;
}

static void write_frame(const struct frame *frame, FILE *file)
{
	char name[FRAME_TEXT], place[FRAME_TEXT], text[FRAME_TEXT + 16];

	snprintf(text, sizeof(text), "%s%s", frame_name(frame, name), frame->inlined ? " (inlined)" : "");
	fprintf(file, "%*s", INDENT, "");
	columns_cell(text, NAME_COLUMNS, file);
	fputc(' ', file);
	style_begin(STYLE_FAINT, file);
	columns_wrapped(place_of(frame, place), REPORT_COLUMNS - PLACE_COLUMNS, file);
	style_end(file);
}

void stack_lines(const struct stacks *stacks, const struct frames *frames, size_t most, FILE *file)
{
	/* Leaving out a single frame saves no line. */
	size_t shown = frames->count > most + 1 ? most : frames->count;
	char name[FRAME_TEXT];

	for (size_t i = 0; i < shown; i++)
		write_frame(&stacks->frames[frames->frame[i]], file);
	if (shown == frames->count)
		return;
	style_begin(STYLE_FAINT, file);
	fprintf(file, "%*s... %zu more, up to ", INDENT, "", frames->count - shown);
	columns_wrapped(frame_name(&stacks->frames[frames->frame[frames->count - 1]], name), INDENT, file);
	style_end(file);
}

static struct figure share_of(const struct groups *groups, const struct group_cost *cost)
{
	return figure_share(
	    cost_figure(cost_value(cost, groups->value)), cost_figure(cost_value(&groups->total, groups->value)));
}

static void write_block(
    const struct groups *groups, const struct group_row *row, const struct stacks *stacks, size_t frames, FILE *file)
{
	char what[300];

	if (row->rest)
		snprintf(what, sizeof(what), "(no stack is known)");
	else
		snprintf(what, sizeof(what), "%s %s", region_name(row->region),
		    row->name[0] ? row->name : "(several details)");
	fprintf(file, "%5s %%  %9s faults  %9s zeroed  %9s  ", share_of(groups, &row->cost).text,
	    figure_count(cost_figure(row->cost.faults)).text, figure_bytes(cost_figure(row->cost.zeroed_bytes)).text,
	    figure_duration(cost_figure(row->cost.fault_ns)).text);
	style_begin(row->rest ? STYLE_FAINT : STYLE_MAIN, file);
	columns_wrapped(what, 58, file);
	style_end(file);
	stack_lines(stacks, &row->frames, frames, file);
}

void stack_blocks(const struct groups *groups, const struct stacks *stacks, size_t shown, size_t frames, FILE *file)
{
	struct group_cost sum = {0};

	for (size_t i = 0; i < shown; i++)
		write_block(groups, &groups->rows[i], stacks, frames, file);
	if (shown >= groups->count)
		return;
	for (size_t i = shown; i < groups->count; i++)
		cost_add(&sum, &groups->rows[i].cost);
	style_begin(STYLE_FAINT, file);
	fprintf(file, "%5s %%  %9s faults  %9s zeroed  %9s  (%zu more)\n", share_of(groups, &sum).text,
	    figure_count(cost_figure(sum.faults)).text, figure_bytes(cost_figure(sum.zeroed_bytes)).text,
	    figure_duration(cost_figure(sum.fault_ns)).text, groups->count - shown);
	style_end(file);
}

static void write_title(const char *title, FILE *file)
{
	fputc('\n', file);
	style_begin(STYLE_HEAD, file);
	fputs(title, file);
	style_end(file);
	fputc('\n', file);
}

int table_stacks(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	struct output_options few = {.value = options->value, .top = options->top ? options->top : MOST_ROWS};
	struct groups *stacks = group_snapshot(snapshot, GROUP_STACK, options->value);
	struct groups *functions = group_snapshot(snapshot, GROUP_FUNCTION, options->value);
	int failed = -1;

	if (!stacks || !functions) {
		errno = ENOMEM;
	} else {
		write_title("WHERE FAULTS COME FROM, the innermost function first", file);
		stack_blocks(
		    stacks, snapshot->stacks, few.top < stacks->count ? few.top : stacks->count, FEW_FRAMES, file);
		fputc('\n', file);
		failed = groups_table(functions, snapshot, &few, file);
	}
	groups_free(stacks);
	groups_free(functions);
	return failed;
}
