/* SPDX-License-Identifier: MIT */
#include "output/lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/text.h"

#define INDENT 4

void line_text(struct line *line, const char *text)
{
	size_t separator = strlen(line->separator), length = text_columns(text);

	if (line->column && line->column + separator + length > REPORT_COLUMNS) {
		fprintf(line->file, "\n%*s", INDENT, "");
		line->column = INDENT;
	} else if (line->column) {
		fputs(line->separator, line->file);
		line->column += separator;
	}
	fputs(text, line->file);
	line->column += length;
}

void line_piece(struct line *line, const char *format, ...)
{
	char text[LINE_LONGEST];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	line_text(line, text);
}

void line_end(struct line *line)
{
	fputc('\n', line->file);
	line->column = 0;
}

char *lines_command(char **command)
{
	size_t size = 1;
	char *all, *safe;

	for (char **argument = command; argument && *argument; argument++)
		size += strlen(*argument) + 1;
	all = calloc(1, size);
	if (!all)
		return NULL;
	for (char **argument = command; argument && *argument; argument++) {
		if (argument != command)
			strcat(all, " ");
		strcat(all, *argument);
	}
	safe = text_printable(all);
	free(all);
	return safe;
}

/* Cut after so many columns, between characters. */
void lines_cut(char *string, size_t columns)
{
	size_t column = 0;

	if (text_columns(string) <= columns)
		return;
	for (char *at = string; *at; at++) {
		if (((unsigned char)*at & 0xc0) == 0x80)
			continue;
		if (column++ == columns - 3) {
			strcpy(at, "...");
			return;
		}
	}
}

void line_words(struct line *line, const char *sentence, const char *ending)
{
	char *copy = text_printable(sentence);
	char *rest = copy, *word;

	while (rest && (word = strsep(&rest, " ")))
		if (*word)
			line_piece(line, "%s%s", word, rest ? "" : ending);
	free(copy);
}
