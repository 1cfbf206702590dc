// SPDX-License-Identifier: MIT
/* See canvas.h. */
#include "live/canvas.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "output/text.h"

#define ELLIPSIS ".."

int canvas_open(struct canvas *canvas, size_t lines, size_t columns, bool ascii)
{
	*canvas = (struct canvas){.lines = lines, .columns = columns, .ascii = ascii};
	canvas->cells = calloc(lines * columns + 1, sizeof(*canvas->cells));
	for (size_t i = 0; canvas->cells && i < lines * columns; i++)
		strcpy(canvas->cells[i].text, " ");
	return canvas->cells ? 0 : -1;
}

void canvas_close(struct canvas *canvas)
{
	free(canvas->cells);
	canvas->cells = NULL;
}

/* Characters that show nothing and turn others round or hide them. */
static bool steers(wchar_t character)
{
	return character == 0xad || character == 0x61c || (character >= 0x200b && character <= 0x200f) ||
	       (character >= 0x2028 && character <= 0x202e) || (character >= 0x2060 && character <= 0x206f) ||
	       character == 0xfeff || (character >= 0xfff9 && character <= 0xfffb) || character >= 0xe0000;
}

/* One character of a valid text. */
struct character {
	const char *bytes;
	size_t size;
	size_t columns; /* 0: it combines with the one before */
};

/* The next character, as it is to be shown. */
static struct character next(const struct canvas *canvas, const char **text)
{
	static const char unknown[] = "?";
	const unsigned char *at = (const unsigned char *)*text;
	size_t size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	wchar_t character = at[0] & (size == 1 ? 0x7f : 0xff >> (size + 1));
	int columns;

	for (size_t i = 1; i < size; i++)
		character = character << 6 | (at[i] & 0x3f);
	*text += size;
	if (size == 1)
		return (struct character){(const char *)at, 1, 1};
	columns = steers(character) || canvas->ascii ? -1 : wcwidth(character);
	if (columns < 0)
		return (struct character){unknown, 1, 1};
	return (struct character){(const char *)at, size, columns};
}

static size_t columns_of(const struct canvas *canvas, const char *printable)
{
	size_t columns = 0;

	while (*printable)
		columns += next(canvas, &printable).columns;
	return columns;
}

size_t canvas_columns(const struct canvas *canvas, const char *text)
{
	char *printable = text_printable(text);
	size_t columns = printable ? columns_of(canvas, printable) : 0;

	free(printable);
	return columns;
}

static void combine(struct cell *cell, const struct character *character)
{
	size_t used = strlen(cell->text);

	/* More than a few have no purpose but mischief. */
	if (used + character->size < CELL_BYTES) {
		memcpy(cell->text + used, character->bytes, character->size);
		cell->text[used + character->size] = '\0';
	}
}

static void set(struct cell *cell, const struct character *character, enum look look)
{
	memcpy(cell->text, character->bytes, character->size);
	cell->text[character->size] = '\0';
	cell->look = look;
	for (size_t i = 1; i < character->columns; i++)
		cell[i] = (struct cell){.look = look};
}

/* As many characters as fit. The column behind them. */
static size_t write_characters(
    struct canvas *canvas, size_t line, size_t column, size_t width, enum look look, const char *printable)
{
	struct cell *cells = &canvas->cells[line * canvas->columns];
	size_t end = column + width, start = column, last = column;

	while (*printable) {
		struct character character = next(canvas, &printable);

		if (!character.columns) {
			if (column > start)
				combine(&cells[last], &character);
			continue;
		}
		if (column + character.columns > end)
			break;
		set(&cells[column], &character, look);
		last = column;
		column += character.columns;
	}
	return column;
}

size_t canvas_put(struct canvas *canvas, size_t line, size_t column, size_t width, enum look look, const char *text)
{
	char *printable;
	size_t needed;

	if (line >= canvas->lines || column >= canvas->columns)
		return column;
	if (width > canvas->columns - column)
		width = canvas->columns - column;
	printable = text_printable(text);
	if (!printable)
		return column;
	needed = columns_of(canvas, printable);
	if (needed <= width || width <= strlen(ELLIPSIS)) {
		column = write_characters(canvas, line, column, width, look, printable);
	} else {
		column = write_characters(canvas, line, column, width - strlen(ELLIPSIS), look, printable);
		column = write_characters(canvas, line, column, strlen(ELLIPSIS), look, ELLIPSIS);
	}
	free(printable);
	return column;
}

size_t canvas_right(struct canvas *canvas, size_t line, size_t column, size_t width, enum look look, const char *text)
{
	size_t needed = canvas_columns(canvas, text);

	if (needed < width) {
		column += width - needed;
		width = needed;
	}
	return canvas_put(canvas, line, column, width, look, text);
}

void canvas_paint(struct canvas *canvas, size_t line, enum look look)
{
	for (size_t column = 0; line < canvas->lines && column < canvas->columns; column++)
		canvas->cells[line * canvas->columns + column].look = look;
}

char *canvas_text(const struct canvas *canvas, size_t line)
{
	const struct cell *cells = &canvas->cells[line * canvas->columns];
	char *text = malloc(canvas->columns * CELL_BYTES + 1), *to = text;
	size_t count = canvas->columns;

	if (!text)
		return NULL;
	while (count && !strcmp(cells[count - 1].text, " "))
		count--;
	for (size_t i = 0; i < count; i++)
		to = stpcpy(to, cells[i].text);
	*to = '\0';
	return text;
}
