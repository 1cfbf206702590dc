// SPDX-License-Identifier: MIT
#include "analysis/paragraph.h"

#include <stdarg.h>
#include <string.h>

#define COLUMNS 100
#define LONGEST 512

/* How many bytes the character of valid UTF-8 has that begins here; 0: it is none, or it steers a terminal. */
static size_t character(const unsigned char *at)
{
	size_t length = at[0] < 0x80   ? 1
	                : at[0] < 0xc2 ? 0
	                : at[0] < 0xe0 ? 2
	                : at[0] < 0xf0 ? 3
	                : at[0] < 0xf5 ? 4
	                               : 0;

	if (length == 1 && (at[0] < ' ' || at[0] == 0x7f))
		return 0;
	if (at[0] == 0xc2 && at[1] < 0xa0)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Names and marks are the program's: nothing of them may steer a terminal. */
static void disarm(char *text)
{
	while (*text) {
		size_t length = character((unsigned char *)text);

		if (!length)
			*text = '?';
		text += length ? length : 1;
	}
}

void say(struct paragraph *paragraph, const char *format, ...)
{
	char text[LONGEST], *rest = text, *word;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	disarm(text);
	while ((word = strsep(&rest, " "))) {
		size_t length = strlen(word);

		if (paragraph->column && paragraph->column + 1 + length > COLUMNS) {
			fputc('\n', paragraph->file);
			paragraph->column = 0;
		} else if (paragraph->column) {
			fputc(' ', paragraph->file);
			paragraph->column++;
		}
		fputs(word, paragraph->file);
		paragraph->column += length;
	}
}
