// SPDX-License-Identifier: MIT
/*
 * Folded stacks, which flame graph tools read: a line a stack, `process;outermost;...;innermost;[region detail] COUNT`.
 * Kernel functions end in _[k], inlined ones in _[i] and compiled ones of a JIT in _[j], as those tools know it.
 * Stacks that read the same are one line.
 */
#include "output/output.h"

#include <stdlib.h>
#include <string.h>

#include "output/text.h"

struct line {
	char *text;
	double value;
};

/* What has a meaning in the format is replaced. */
static int write_name(const char *name, FILE *file)
{
	char *safe = text_printable(name);

	if (!safe)
		return -1;
	for (char *at = safe; *at; at++)
		fputc(*at == ';' ? ':' : *at, file);
	free(safe);
	return 0;
}

static const char *suffix(const struct frame *frame)
{
	if (frame->kernel)
		return "_[k]";
	if (!strcmp(frame->object, "[jit]"))
		return "_[j]";
	return frame->inlined ? "_[i]" : "";
}

static int write_frames(const struct stacks *stacks, const struct frames *frames, FILE *file)
{
	char name[FRAME_TEXT];

	if (!frames->count)
		fputs("[no stack];", file);
	for (size_t i = frames->count; i--;) {
		const struct frame *frame = &stacks->frames[frames->frame[i]];

		if (write_name(frame_name(frame, name), file))
			return -1;
		fprintf(file, "%s;", suffix(frame));
	}
	return 0;
}

static int write_stack(const struct stacks *stacks, const struct stack_key *key, FILE *file)
{
	if (key->comm[0] && (write_name(key->comm, file) || fputc(';', file) == EOF))
		return -1;
	if (write_frames(stacks, &key->touched, file))
		return -1;
	fprintf(file, "[%s", region_name(key->region));
	if (key->detail[0] && (fputc(' ', file) == EOF || write_name(key->detail, file)))
		return -1;
	fputc(']', file);
	return 0;
}

/* NULL when out of memory. */
static char *stack_text(const struct stacks *stacks, const struct stack_key *key)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);
	int failed = memory ? write_stack(stacks, key, memory) | fclose(memory) : -1;

	if (!failed)
		return text;
	free(text);
	return NULL;
}

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
		lines[count] = (struct line){stack_text(stacks, &stacks->rows[i].key), of_row};
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
	size_t rows = snapshot->stacks ? snapshot->stacks->row_count : 0;
	struct line *lines = calloc(rows + 1, sizeof(*lines));
	long count = lines && rows ? make_lines(snapshot->stacks, options->value, lines) : 0;

	if (lines && count > 0)
		write_lines(lines, count, file);
	for (size_t i = 0; lines && i < rows; i++)
		free(lines[i].text);
	free(lines);
	return !lines || count < 0 || ferror(file) || fflush(file) ? -1 : 0;
}
