// SPDX-License-Identifier: MIT
/* A difference as comma-separated values, one figure of one row a line (docs/diff.md). */
#include "output/diff_output.h"

#include <math.h>
#include <stdlib.h>

#include "output/csv_value.h"

static void write_text(const char *text, FILE *file)
{
	csv_value_string(text, file);
	fputc(',', file);
}

/* What is not known stays empty. */
static void write_number(double value, FILE *file)
{
	if (!isnan(value))
		fprintf(file, "%.12g", value);
	fputc(',', file);
}

static void write_change(const char *figure, const struct diff_change *change, FILE *file)
{
	write_text(figure, file);
	write_number(change->before, file);
	write_number(change->after, file);
	write_number(change->change, file);
	write_number(change->interval.low, file);
	write_number(change->interval.high, file);
	write_number(change->p, file);
	fprintf(file, "%s\n", diff_verdict_name(change->verdict));
}

/* The outermost first, as folded stacks have it. */
static void write_frames(char **frames, FILE *file)
{
	char *folded = NULL;
	size_t size = 0, count = 0;
	FILE *memory = open_memstream(&folded, &size);

	while (frames && frames[count])
		count++;
	if (memory) {
		for (size_t i = count; i-- > 0;)
			fprintf(memory, "%s%s", frames[i], i ? ";" : "");
		fclose(memory);
	}
	write_text(folded ? folded : "", file);
	free(folded);
}

static void write_row(enum diff_kind kind, const struct diff_row *row, FILE *file)
{
	static const char *const figures[STACK_VALUE_COUNT] = {
	    [STACK_VALUE_FAULTS] = "faults",
	    [STACK_VALUE_ZEROED] = "zeroed_bytes",
	    [STACK_VALUE_TIME] = "fault_ns",
	};

	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++) {
		write_text(diff_kind_name(kind), file);
		write_text(row->region < REGION_COUNT ? region_name(row->region) : "", file);
		write_text(row->name, file);
		write_text(row->object, file);
		write_frames(row->frames, file);
		write_change(figures[value], &row->changes[value], file);
	}
}

int diff_csv_write(const struct diff *diff, const struct diff_output_options *options, FILE *file)
{
	fputs("record,region,name,object,stack,figure,before,after,change,low,high,p,verdict\n", file);
	for (size_t i = 0; i < diff->total_count; i++) {
		fputs("total,,,,,", file);
		write_change(diff->totals[i].name, &diff->totals[i].change, file);
	}
	for (enum diff_kind kind = 0; kind < DIFF_KINDS; kind++) {
		const struct diff_table *table = &diff->tables[kind];
		size_t shown = options->top && options->top < table->count ? options->top : table->count;

		for (size_t i = 0; options->kinds[kind] && i < shown; i++)
			write_row(kind, &table->rows[i], file);
	}
	return ferror(file) || fflush(file) ? -1 : 0;
}
