// SPDX-License-Identifier: MIT
/* What the matrix's rows and columns are called. See matrix.h. */
#include "snapshot/matrix.h"

const char *const matrix_huge_pages[MATRIX_HUGE_PAGES] = {"off", "auto", "on"};
const char *const matrix_prefaults[MATRIX_PREFAULTS] = {"off", "populate", "touch"};

static const struct {
	const char *name;
	enum measure measure;
} columns[MATRIX_COLUMNS] = {
    [MATRIX_CYCLES] = {"cycles", MEASURE_CYCLES},
    [MATRIX_TLB_MISSES] = {"dtlb_load_misses", MEASURE_TLB_MISSES},
    [MATRIX_FAULTS] = {"faults", MEASURE_FAULTS},
    [MATRIX_ZEROED] = {"zeroed_bytes", MEASURE_ZEROED},
    [MATRIX_TIME] = {"wall_s", MEASURE_WALL},
    [MATRIX_SPEEDUP] = {"speedup", MEASURE_COUNT},
};

const char *matrix_column_name(enum matrix_column column)
{
	return columns[column].name;
}

enum measure matrix_measure(enum matrix_column column)
{
	return columns[column].measure;
}
