// SPDX-License-Identifier: MIT
/* The JSON of an experiment, and in it the object "matrix". See docs/matrix.md. */
#include "output/experiment_json.h"
#include "output/json_value.h"
#include "output/matrix_output.h"

static json_t *cell(const struct matrix_cell *from)
{
	return json_pack(
	    "{s:o, s:o}", "value", json_value_number(from->middle), "interval", json_value_interval(&from->interval));
}

static json_t *row(const struct matrix *matrix, size_t number)
{
	json_t *object = json_pack("{s:s, s:s}", "thp", matrix_huge_pages[number / MATRIX_PREFAULTS], "prefault",
	    matrix_prefaults[number % MATRIX_PREFAULTS]);

	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++)
		json_value_put(&object, matrix_column_name(column), cell(&matrix->cells[number][column]));
	return object;
}

int matrix_json(const struct matrix *matrix, const struct experiment *experiment, FILE *file)
{
	json_t *object = experiment_to_json(experiment), *rows = json_array();

	for (size_t i = 0; i < MATRIX_ROWS; i++)
		json_value_append(&rows, row(matrix, i));
	json_value_put(
	    &object, "matrix", json_pack("{s:o, s:o}", "rows", rows, "words", json_value_string(matrix->words)));
	return json_value_write(object, file);
}
