// SPDX-License-Identifier: MIT
/*
 * The matrix to read: what was run, two lines a row (the figures, and below them their intervals), then which lever
 * made a difference. What is unmeasured is "n/a", and the head says why.
 */
#include <string.h>

#include "output/columns.h"
#include "output/experiment_output.h"
#include "output/experiment_text.h"
#include "output/matrix_output.h"

#define CELL 128

static const struct {
	const char *title;
	int width;
} columns[MATRIX_COLUMNS] = {
    [MATRIX_CYCLES] = {"CYCLES", 13},
    [MATRIX_TLB_MISSES] = {"dTLB MISSES", 13},
    [MATRIX_FAULTS] = {"FAULTS", 14},
    [MATRIX_ZEROED] = {"ZEROED", 18},
    [MATRIX_TIME] = {"TIME", 18},
    [MATRIX_SPEEDUP] = {"SPEEDUP", 14},
};

/* Counts are whole, whatever the median of several is. */
static struct figure figure_of(enum matrix_column column, double value)
{
	enum measure measure = matrix_measure(column);

	if (column == MATRIX_SPEEDUP)
		return experiment_ratio(value);
	if (measures[measure].unit == UNIT_COUNT && isfinite(value))
		return figure_plain(llround(value));
	return experiment_figure(measure, value);
}

/* "12.10-12.31 ms": the unit once, where both ends have the same. */
static void write_interval(const struct matrix_cell *cell, enum matrix_column column, char text[CELL])
{
	struct figure low = figure_of(column, cell->interval.low), high = figure_of(column, cell->interval.high);
	char *unit = strchr(low.text, ' ');

	text[0] = '\0';
	if (isnan(cell->interval.low) || isnan(cell->interval.high))
		return;
	if (isinf(cell->interval.high)) {
		strcpy(text, "too few runs");
		return;
	}
	if (unit && strchr(high.text, ' ') && !strcmp(unit, strchr(high.text, ' ')))
		*unit = '\0';
	if (strcmp(low.text, high.text) != 0)
		snprintf(text, CELL, "%s-%s", low.text, high.text);
}

/* Cells right-aligned, and nothing behind the last one that has something in it. */
static void write_cells(char texts[MATRIX_COLUMNS][CELL], FILE *file)
{
	int before = 0;

	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++) {
		before += 1 + columns[column].width;
		if (!texts[column][0])
			continue;
		fprintf(file, "%*s", before, texts[column]);
		before = 0;
	}
	fputc('\n', file);
}

static void write_row(const struct matrix *matrix, size_t row, FILE *file)
{
	char figures[MATRIX_COLUMNS][CELL], intervals[MATRIX_COLUMNS][CELL];

	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++) {
		const struct matrix_cell *cell = &matrix->cells[row][column];

		snprintf(figures[column], CELL, "%s", figure_of(column, cell->middle).text);
		write_interval(cell, column, intervals[column]);
	}
	fprintf(file, "%-4s %-8s", matrix_huge_pages[row / MATRIX_PREFAULTS], matrix_prefaults[row % MATRIX_PREFAULTS]);
	write_cells(figures, file);
	fprintf(file, "%-13s", "");
	write_cells(intervals, file);
}

int matrix_table(const struct matrix *matrix, const struct experiment *experiment, FILE *file)
{
	experiment_table_head(experiment, file);
	fprintf(file, "\n%-4s %-8s", "THP", "PREFAULT");
	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++)
		fprintf(file, " %*s", columns[column].width, columns[column].title);
	fputc('\n', file);
	for (size_t row = 0; row < MATRIX_ROWS; row++)
		write_row(matrix, row, file);
	fprintf(file, "Below each figure its 95 %% interval. Speedup is against the first row, in %s.\n\n",
	    experiment->main == MEASURE_METRIC ? "the metric" : measures[experiment->main].title);
	columns_wrapped(matrix->words, 0, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
