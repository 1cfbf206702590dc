/* SPDX-License-Identifier: MIT */
/* Outputs of the matrix: its table, and the page and the JSON of its experiment with the table in it (docs/matrix.md).
 */
#ifndef MATRIX_OUTPUT_H
#define MATRIX_OUTPUT_H

#include <stdio.h>

#include "output/text.h"
#include "snapshot/matrix.h"

/* 0, or -1 with errno set. */
int matrix_table(const struct matrix *matrix, const struct experiment *experiment, FILE *file);
int matrix_html(const struct matrix *matrix, const struct experiment *experiment, FILE *file);
int matrix_json(const struct matrix *matrix, const struct experiment *experiment, FILE *file);

/* A cell's figure, and its interval: "12.10-12.31 ms", "too few runs", "" where both ends are the same. */
#define MATRIX_CELL 128
extern const char *const matrix_titles[MATRIX_COLUMNS];
struct figure matrix_figure(const struct matrix_cell *cell, enum matrix_column column);
void matrix_interval(const struct matrix_cell *cell, enum matrix_column column, char text[MATRIX_CELL]);

#endif
