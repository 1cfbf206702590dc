/* SPDX-License-Identifier: MIT */
/* Lines of a report to read, which are broken where a terminal ends, between pieces. */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdio.h>

#define REPORT_COLUMNS 100
#define LINE_LONGEST   512 /* a piece, with its zero byte */

/* Pieces joined by a separator. */
struct line {
	FILE *file;
	const char *separator;
	size_t column; /* 0 at first */
};

void line_text(struct line *line, const char *text);
void line_piece(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void line_end(struct line *line);

/* Each word of an untrusted sentence is a piece; `ending` follows the last one. */
void line_words(struct line *line, const char *sentence, const char *ending);

/* A command's words with blanks between them, printable; a fresh string, or NULL when out of memory. */
char *lines_command(char **command);

/* Cut after so many columns, between characters. */
void lines_cut(char *string, size_t columns);

#endif
