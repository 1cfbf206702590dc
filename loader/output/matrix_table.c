// SPDX-License-Identifier: MIT
/*
 * The matrix to read: what was run, two lines a row (the figures, and below them their intervals), then which lever
 * made a difference. What is unmeasured is "n/a", and the head says why.
 */
#include <string.h>

#include "output/columns.h"
#include "output/experiment_output.h"
#include "output/matrix_output.h"

static const int widths[MATRIX_COLUMNS] = {13, 13, 14, 18, 18, 14};

/* Cells right-aligned, and nothing behind the last one that has something in it. */
static void write_cells(char texts[MATRIX_COLUMNS][MATRIX_CELL], FILE *file)
{
	int before = 0;

	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++) {
		before += 1 + widths[column];
		if (!texts[column][0])
			continue;
		fprintf(file, "%*s", before, texts[column]);
		before = 0;
	}
	fputc('\n', file);
}

static void write_row(const struct matrix *matrix, size_t row, FILE *file)
{
	char figures[MATRIX_COLUMNS][MATRIX_CELL], intervals[MATRIX_COLUMNS][MATRIX_CELL];

	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++) {
		const struct matrix_cell *cell = &matrix->cells[row][column];

		snprintf(figures[column], MATRIX_CELL, "%s", matrix_figure(cell, column).text);
		matrix_interval(cell, column, intervals[column]);
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
		fprintf(file, " %*s", widths[column], matrix_titles[column]);
	fputc('\n', file);
	for (size_t row = 0; row < MATRIX_ROWS; row++)
		write_row(matrix, row, file);
	fprintf(file, "Below each figure its 95 %% interval. Speedup is against the first row, in %s.\n\n",
	    experiment->main == MEASURE_METRIC ? "the metric" : measures[experiment->main].title);
	columns_wrapped(matrix->words, 0, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
