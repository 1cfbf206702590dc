// SPDX-License-Identifier: MIT
/* See columns.h. */
#include "output/columns.h"

#include <stdlib.h>
#include <string.h>

#include "output/text.h"

void columns_cell(const char *text, size_t columns, FILE *file)
{
	char *safe = text_printable(text), *end = safe;
	size_t used = safe ? text_columns(safe) : 0;

	if (used > columns) {
		for (used = 0; used + 2 < columns || ((unsigned char)*end & 0xc0) == 0x80; end++)
			used += ((unsigned char)*end & 0xc0) != 0x80;
		*end = '\0';
		fprintf(file, "%s..", safe);
		used += 2;
	} else {
		fputs(safe ? safe : "", file);
	}
	fprintf(file, "%*s", (int)(columns - used), "");
	free(safe);
}

void columns_wrapped(const char *text, size_t indent, FILE *file)
{
	char *safe = text_printable(text), *word = safe;
	size_t column = indent;

	while (word && *word) {
		size_t bytes = strcspn(word, " ");
		char *rest = word + bytes + (word[bytes] == ' ');
		size_t columns;

		word[bytes] = '\0';
		columns = text_columns(word);
		if (column > indent && column + 1 + columns > COLUMNS) {
			fprintf(file, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', file);
			column++;
		}
		fputs(word, file);
		column += columns;
		word = rest;
	}
	fputc('\n', file);
	free(safe);
}
