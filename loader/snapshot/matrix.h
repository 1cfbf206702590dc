/* SPDX-License-Identifier: MIT */
/*
 * The matrix of libhakmem's levers on huge pages and prefaulting, as a table to be: one row a setting of the two, one
 * column a figure. Plain data, filled in by analysis/matrix.c from an experiment that has an arm for each row.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stddef.h>

#include "snapshot/experiment.h"

#define MATRIX_HUGE_PAGES 3
#define MATRIX_PREFAULTS  3
#define MATRIX_ROWS       (MATRIX_HUGE_PAGES * MATRIX_PREFAULTS)

enum matrix_column {
	MATRIX_CYCLES,
	MATRIX_TLB_MISSES,
	MATRIX_FAULTS,
	MATRIX_ZEROED,
	MATRIX_TIME,
	MATRIX_SPEEDUP, /* against the first row, in the experiment's main figure */
	MATRIX_COLUMNS,
};

struct matrix_cell {
	double middle;            /* NAN: not measured */
	struct interval interval; /* 95 %, of this cell alone */
};

struct matrix {
	struct matrix_cell cells[MATRIX_ROWS][MATRIX_COLUMNS];
	char *words; /* which lever made a difference; owned */
};

/* Values of HAKMEM_THP and HAKMEM_SS_PREFAULT; row = huge pages * MATRIX_PREFAULTS + prefault. */
extern const char *const matrix_huge_pages[MATRIX_HUGE_PAGES];
extern const char *const matrix_prefaults[MATRIX_PREFAULTS];

/* "cycles", ...: JSON. The measure a column is of; MEASURE_COUNT for the speed-up. */
const char *matrix_column_name(enum matrix_column column);
enum measure matrix_measure(enum matrix_column column);

#endif
