/* SPDX-License-Identifier: MIT */
/*
 * A screen of styled characters, apart from any terminal: what the dashboard draws on, a test reads, and terminal.c
 * shows. What is put on it may come from a traced program: it is printable here whatever it was, and takes as many
 * columns as wcwidth() says (the caller has set a locale). Nothing is ever put beside the screen.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/snapshot.h"

/* What a character looks like is the terminal's business; these say what it is. */
enum look {
	LOOK_PLAIN,
	LOOK_TITLE,  /* what the screen is about */
	LOOK_FAINT,  /* what may be passed over */
	LOOK_WARN,   /* what the reader must know */
	LOOK_GOOD,   /* all is well */
	LOOK_HEAD,   /* what columns are called */
	LOOK_SORTED, /* the one that the rows are in order of */
	LOOK_CHOSEN, /* the row that the cursor is on */
	LOOK_KEY,    /* one that can be pressed */
	LOOK_FAULTS, /* graphs */
	LOOK_ZEROED,
	LOOK_TIME,
	LOOK_REGION, /* and one more for each region */
	LOOK_COUNT = LOOK_REGION + REGION_COUNT,
};

#define CELL_BYTES 24

struct cell {
	char text[CELL_BYTES]; /* a character with what combines with it; "": the second half of a wide one */
	enum look look;
};

struct canvas {
	size_t lines, columns;
	bool ascii; /* the terminal has no other characters */
	struct cell *cells;
};

/* Blank. 0, or -1 when out of memory. */
int canvas_open(struct canvas *canvas, size_t lines, size_t columns, bool ascii);
void canvas_close(struct canvas *canvas);

/*
 * Put a text at a place, in so many columns at most: what is longer ends in "..". The column behind it. The other
 * pads on the left.
 */
size_t canvas_put(struct canvas *canvas, size_t line, size_t column, size_t width, enum look look, const char *text);
size_t canvas_right(struct canvas *canvas, size_t line, size_t column, size_t width, enum look look, const char *text);

/* The whole line looks so. */
void canvas_paint(struct canvas *canvas, size_t line, enum look look);

/* A line's text without the blanks at its end; a fresh string, or NULL. */
char *canvas_text(const struct canvas *canvas, size_t line);

/* Columns that a text takes. */
size_t canvas_columns(const struct canvas *canvas, const char *text);

#endif
