// SPDX-License-Identifier: MIT
/*
 * Folded stacks, which flame graph tools read: a line a stack, its text (stack_text.h) and its figure. Stacks that read
 * the same are one line.
 */
#include "output/output.h"

#include <stdlib.h>
#include <string.h>

#include "output/stack_text.h"

struct line {
	char *text;
	double value;
};

static int compare_lines(const void *one, const void *other)
{
	return strcmp(((const struct line *)one)->text, ((const struct line *)other)->text);
}

/* Lines of the stacks that have such a value; -1 when out of memory. */
static long make_lines(const struct stacks *stacks, enum stack_value value, struct line *lines)
{
	long count = 0;

	for (size_t i = 0; i < stacks->row_count; i++) {
		double of_row = stack_value_of(&stacks->rows[i], value);

		if (of_row <= 0)
			continue;
		lines[count] = (struct line){stack_text_whole(stacks, &stacks->rows[i].key), of_row};
		if (!lines[count++].text)
			return -1;
	}
	return count;
}

static void write_lines(struct line *lines, size_t count, FILE *file)
{
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++)
		if (i + 1 < count && !strcmp(lines[i].text, lines[i + 1].text))
			lines[i + 1].value += lines[i].value;
		else
			fprintf(file, "%s %.0f\n", lines[i].text, lines[i].value);
}

int output_folded(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	size_t rows = snapshot->stacks->row_count;
	struct line *lines = calloc(rows + 1, sizeof(*lines));
	long count = lines ? make_lines(snapshot->stacks, options->value, lines) : -1;

	if (count > 0)
		write_lines(lines, count, file);
	for (size_t i = 0; lines && i < rows; i++)
		free(lines[i].text);
	free(lines);
	return count < 0 || ferror(file) || fflush(file) ? -1 : 0;
}
