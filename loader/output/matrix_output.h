/* SPDX-License-Identifier: MIT */
/* Outputs of the matrix: its table, and the JSON of its experiment with the table in it (docs/matrix.md). */
#ifndef MATRIX_OUTPUT_H
#define MATRIX_OUTPUT_H

#include <stdio.h>

#include "snapshot/matrix.h"

/* 0, or -1 with errno set. */
int matrix_table(const struct matrix *matrix, const struct experiment *experiment, FILE *file);
int matrix_json(const struct matrix *matrix, const struct experiment *experiment, FILE *file);

#endif
