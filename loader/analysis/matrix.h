/* SPDX-License-Identifier: MIT */
/* From an experiment with an arm for each row of the matrix to its cells, and to what they say of the levers. */
#ifndef MATRIX_ANALYSIS_H
#define MATRIX_ANALYSIS_H

#include "snapshot/matrix.h"

/* After verdict_fill(). The experiment has MATRIX_ROWS arms. The caller frees matrix->words. 0, or -1 when out of
 * memory. */
int matrix_fill(struct matrix *matrix, const struct experiment *experiment);

#endif
