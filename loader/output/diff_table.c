// SPDX-License-Identifier: MIT
/*
 * A difference to read: what is compared, what may mislead, totals, then rows that changed, the largest change first.
 * A change within noise has a `~` behind it.
 */
#include "output/diff_output.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/columns.h"
#include "output/style.h"
#include "output/text.h"

#define MOST_ROWS    15 /* where nobody said how many */
#define MOST_FRAMES  6
#define NAME_COLUMNS 36
#define INDENT       8

static struct figure plain(double value, enum unit unit)
{
	uint64_t whole = isnan(value) ? UNKNOWN : (uint64_t)llround(fabs(unit == UNIT_SECONDS ? value * 1e9 : value));

	struct figure figure;

	switch (unit) {
	case UNIT_BYTES:
		return figure_bytes(whole);
	case UNIT_SECONDS:
		return figure_duration(whole);
	default:
		break;
	}
	/* Means of a few have parts. */
	if (isnan(value) || fabs(value) >= 100 || value == round(value))
		return figure_count(whole);
	snprintf(figure.text, sizeof(figure.text), "%.1f", fabs(value));
	return figure;
}

static const enum unit units[STACK_VALUE_COUNT] = {
    [STACK_VALUE_FAULTS] = UNIT_COUNT,
    [STACK_VALUE_ZEROED] = UNIT_BYTES,
    [STACK_VALUE_TIME] = UNIT_SECONDS,
};

/* Rows have nanoseconds. */
static double in_unit(double value, enum stack_value figure)
{
	return figure == STACK_VALUE_TIME ? value / 1e9 : value;
}

static struct figure with_sign(double value, enum unit unit)
{
	struct figure figure = plain(value, unit), result;

	if (!isdigit((unsigned char)figure.text[0]))
		return figure;
	snprintf(result.text, sizeof(result.text), "%c%.30s", value < 0 ? '-' : '+', figure.text);
	return result;
}

/* "+12 KiB~" */
static struct figure marked(const struct diff_change *change, double value, enum unit unit)
{
	struct figure figure = with_sign(value, unit);

	if (change->verdict == DIFF_NOISE && value != 0)
		strcat(figure.text, "~");
	return figure;
}

static struct figure relative(const struct diff_change *change)
{
	struct figure figure = {"-"};

	if (isnan(change->change))
		strcpy(figure.text, "n/a");
	else if (change->change != 0 && change->before == 0)
		strcpy(figure.text, "new");
	else if (change->change != 0 && change->after == 0)
		strcpy(figure.text, "gone");
	else if (change->change != 0)
		snprintf(figure.text, sizeof(figure.text), "%+.1f", 100 * change->change / change->before);
	return figure;
}

static void begin(const struct diff_change *change, FILE *file)
{
	if (change->verdict == DIFF_NOISE || change->verdict == DIFF_EQUAL)
		style_begin(STYLE_FAINT, file);
	else if (change->change > 0)
		style_begin(STYLE_MORE, file);
	else if (change->change < 0)
		style_begin(STYLE_LESS, file);
}

static void write_side(const char *name, const struct diff_side *side, FILE *file)
{
	char runs[48] = "";
	char *text = NULL;

	if (side->runs > 1)
		snprintf(runs, sizeof(runs), "  (mean of %zu runs)", side->runs);
	if (asprintf(&text, "%s: %s%s", side->files, side->command[0] ? side->command : "attached", runs) < 0)
		return;
	fprintf(file, "%s  ", name);
	columns_wrapped(text, 3, file);
	free(text);
}

static void write_noise(const struct diff *diff, FILE *file)
{
	if (diff->same)
		return;
	if (!diff->noise_known)
		columns_wrapped(
		    "noise: unknown, for a side has one run; several a side (hakmem-trace diff A1 A2 A3 -- B1 B2 "
		    "B3) tell which changes are more than runs differ anyway",
		    0, file);
	else
		columns_wrapped(
		    "noise: ~ marks changes that may be noise: Welch's t test of the runs, at 5 % over all rows "
		    "of a table together (Holm); intervals are 95 % each",
		    0, file);
}

static void write_head(const struct diff *diff, FILE *file)
{
	fputs("hakmem-trace diff: what changed from A to B\n", file);
	write_side("A", &diff->sides[0], file);
	write_side("B", &diff->sides[1], file);
	for (char **caution = diff->cautions; *caution; caution++) {
		style_begin(STYLE_WARN, file);
		fputs("careful: ", file);
		style_end(file);
		columns_wrapped(*caution, 9, file);
	}
	write_noise(diff, file);
}

static void write_interval(const struct diff_change *change, enum unit unit, FILE *file)
{
	const struct interval *interval = &change->interval;

	if (!isnan(interval->low) && change->change != 0)
		fprintf(file, "  %s to %s", interval->low == 0 ? "0" : with_sign(interval->low, unit).text,
		    interval->high == 0 ? "0" : with_sign(interval->high, unit).text);
	fputc('\n', file);
}

static void write_titles(const char *first, const char *rest, FILE *file)
{
	fputc('\n', file);
	style_begin(STYLE_HEAD, file);
	fprintf(file, "%-*s %s", NAME_COLUMNS, first, rest);
	style_end(file);
	fputc('\n', file);
}

static void write_totals(const struct diff *diff, FILE *file)
{
	char rest[80];

	snprintf(rest, sizeof(rest), "%9s %9s %11s %7s%s", "A", "B", "CHANGE", "%",
	    diff->noise_known ? "  95 % INTERVAL OF THE CHANGE" : "");
	write_titles("TOTAL", rest, file);
	for (size_t i = 0; i < diff->total_count; i++) {
		const struct diff_total *total = &diff->totals[i];
		const struct diff_change *change = &total->change;

		columns_cell(total->title, NAME_COLUMNS, file);
		fprintf(
		    file, " %9s %9s ", plain(change->before, total->unit).text, plain(change->after, total->unit).text);
		begin(change, file);
		fprintf(file, "%11s %7s", marked(change, change->change, total->unit).text, relative(change).text);
		style_end(file);
		write_interval(change, total->unit, file);
	}
}

static void write_name(enum diff_kind kind, const struct diff_row *row, FILE *file)
{
	const char *region = row->region < REGION_COUNT ? region_name(row->region) : "";
	char text[512];

	if (kind == DIFF_FUNCTIONS)
		snprintf(text, sizeof(text), "%s (%s)", row->name[0] ? row->name : "?", row->object);
	else
		snprintf(text, sizeof(text), "%-10s %s", region,
		    kind == DIFF_STACKS && !row->name[0] ? "(several details)" : row->name);
	style_begin(STYLE_MAIN, file);
	columns_cell(text, NAME_COLUMNS, file);
	style_end(file);
}

static void write_frames(char **frames, FILE *file)
{
	size_t count = 0;

	while (frames[count])
		count++;
	for (size_t i = 0; i < count && (i < MOST_FRAMES || count == MOST_FRAMES + 1); i++) {
		fprintf(file, "%*s", INDENT, "");
		columns_wrapped(frames[i], INDENT, file);
	}
	if (count <= MOST_FRAMES + 1)
		return;
	fprintf(file, "%*s... %zu more, up to ", INDENT, "", count - MOST_FRAMES);
	columns_wrapped(frames[count - 1], INDENT, file);
}

static void write_row(enum diff_kind kind, const struct diff_row *row, FILE *file)
{
	const struct diff_change *faults = &row->changes[STACK_VALUE_FAULTS];

	write_name(kind, row, file);
	fprintf(file, " %9s %9s ", plain(faults->before, UNIT_COUNT).text, plain(faults->after, UNIT_COUNT).text);
	begin(faults, file);
	fprintf(file, "%10s %7s", marked(faults, faults->change, UNIT_COUNT).text, relative(faults).text);
	style_end(file);
	for (enum stack_value value = STACK_VALUE_ZEROED; value <= STACK_VALUE_TIME; value++) {
		const struct diff_change *change = &row->changes[value];

		fputc(' ', file);
		begin(change, file);
		fprintf(file, "%*s", value == STACK_VALUE_ZEROED ? 11 : 10,
		    marked(change, in_unit(change->change, value), units[value]).text);
		style_end(file);
	}
	fputc('\n', file);
	if (row->frames)
		write_frames(row->frames, file);
}

/* Times always differ a little: by them alone no row is one that changed, unless they are what is asked for. */
static bool changed(const struct diff_row *row, enum stack_value wanted)
{
	if (wanted == STACK_VALUE_TIME)
		return row->changes[wanted].verdict > DIFF_EQUAL;
	return row->changes[STACK_VALUE_FAULTS].verdict > DIFF_EQUAL ||
	       row->changes[STACK_VALUE_ZEROED].verdict > DIFF_EQUAL;
}

static void write_table(const struct diff *diff, enum diff_kind kind, size_t top, FILE *file)
{
	static const char *const titles[DIFF_KINDS] = {
	    [DIFF_REGIONS] = "REGION",
	    [DIFF_DETAILS] = "REGION     DETAIL",
	    [DIFF_FUNCTIONS] = "FUNCTION ITSELF (OBJECT)",
	    [DIFF_STACKS] = "STACK, the innermost first",
	};
	const struct diff_table *table = &diff->tables[kind];
	size_t most = top ? top : MOST_ROWS, shown = 0, changes = 0;
	char rest[80];

	if (!table->known)
		return;
	for (size_t i = 0; i < table->count; i++)
		changes += changed(&table->rows[i], diff->value);
	if (!changes)
		return;
	snprintf(
	    rest, sizeof(rest), "%9s %9s %10s %7s %11s %10s", "A FAULTS", "B FAULTS", "CHANGE", "%", "ZEROED", "TIME");
	write_titles(titles[kind], rest, file);
	for (size_t i = 0; i < table->count && shown < most; i++) {
		if (!changed(&table->rows[i], diff->value))
			continue;
		write_row(kind, &table->rows[i], file);
		shown++;
	}
	if (shown < changes)
		fprintf(file, "(%zu more that changed)\n", changes - shown);
}

int diff_table_write(const struct diff *diff, const struct diff_output_options *options, FILE *file)
{
	write_head(diff, file);
	if (diff->same)
		fputs("\nno difference: every count of A and B is the same\n", file);
	write_totals(diff, file);
	for (enum diff_kind kind = 0; kind < DIFF_KINDS; kind++)
		if (options->kinds[kind])
			write_table(diff, kind, options->top, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
