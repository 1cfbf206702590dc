// SPDX-License-Identifier: MIT
/* The matrix's figures as tables have them. See matrix_output.h. */
#include <string.h>

#include "output/experiment_text.h"
#include "output/matrix_output.h"

const char *const matrix_titles[MATRIX_COLUMNS] = {
    [MATRIX_CYCLES] = "CYCLES",
    [MATRIX_TLB_MISSES] = "dTLB MISSES",
    [MATRIX_FAULTS] = "FAULTS",
    [MATRIX_ZEROED] = "ZEROED",
    [MATRIX_TIME] = "TIME",
    [MATRIX_SPEEDUP] = "SPEEDUP",
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

struct figure matrix_figure(const struct matrix_cell *cell, enum matrix_column column)
{
	return figure_of(column, cell->middle);
}

/* The unit once, where both ends have the same. */
void matrix_interval(const struct matrix_cell *cell, enum matrix_column column, char text[MATRIX_CELL])
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
	if (!strcmp(low.text, high.text))
		return;
	if (unit && strchr(high.text, ' ') && !strcmp(unit, strchr(high.text, ' ')))
		*unit = '\0';
	snprintf(text, MATRIX_CELL, "%s-%s", low.text, high.text);
}
