// SPDX-License-Identifier: MIT
/* The page of an experiment, whose answer is the matrix and which lever matters. */
#include "output/experiment_html.h"
#include "output/matrix_output.h"
#include "output/plot.h"

static void write_cell(const struct matrix_cell *cell, enum matrix_column column, FILE *file)
{
	char interval[MATRIX_CELL];

	matrix_interval(cell, column, interval);
	fputs("<td class=\"n\">", file);
	plot_text(matrix_figure(cell, column).text, file);
	fputs("<br><span class=\"soft\">", file);
	plot_text(interval, file);
	fputs("</span></td>", file);
}

static void write_answer(const void *context, FILE *file)
{
	const struct matrix *matrix = context;

	fputs("<div class=\"verdict\"><p>", file);
	plot_text(matrix->words, file);
	fputs("</p></div>\n<div class=\"card\"><table><tr><th>THP</th><th>prefault</th>", file);
	for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++)
		fprintf(file, "<th class=\"n\">%s</th>", matrix_titles[column]);
	fputs("</tr>\n", file);
	for (size_t row = 0; row < MATRIX_ROWS; row++) {
		fprintf(file, "<tr><td>%s</td><td>%s</td>", matrix_huge_pages[row / MATRIX_PREFAULTS],
		    matrix_prefaults[row % MATRIX_PREFAULTS]);
		for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++)
			write_cell(&matrix->cells[row][column], column, file);
		fputs("</tr>\n", file);
	}
	fputs("</table></div>\n<p class=\"soft\">Below each figure its 95 % interval.</p>\n", file);
}

int matrix_html(const struct matrix *matrix, const struct experiment *experiment, FILE *file)
{
	const struct html_answer answer = {
	    .title = "libhakmem's levers on huge pages and prefaulting", .write = write_answer, .context = matrix};

	return experiment_html_with(experiment, &answer, file);
}
