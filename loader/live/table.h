/* SPDX-License-Identifier: MIT */
/* The table of a page of the dashboard: its columns, the order of its rows, and their lines. */
#ifndef LIVE_TABLE_H
#define LIVE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/canvas.h"
#include "live/rows.h"

#define MOST_COLUMNS 16

/* Where a reader has put a page. */
struct table_state {
	size_t sort; /* which of the page's columns */
	bool reversed;
	size_t chosen; /* the row with the cursor */
	size_t top;    /* the first row that is shown */
};

struct table {
	enum page page;
	bool functions;    /* of stacks */
	uint64_t slice_ns; /* that `now` is of */
};

/* How many columns a page has on a screen so wide. */
size_t table_columns(const struct table *table, size_t columns);

/* Which of the page's columns stands at that place, counted from 0, of those. */
size_t table_shown_column(const struct table *table, size_t columns, size_t place);

/* The column that rows are in order of at first: the rate of faults. */
size_t table_first_sort(const struct table *table);

void table_sort(const struct table *table, struct rows *rows, const struct table_state *state);

/* The heads into one line and the rows into those below, `lines` in all; keeps the cursor among the rows, and shown. */
void table_draw(const struct table *table, const struct rows *rows, struct table_state *state, struct canvas *canvas,
    size_t line, size_t lines);

#endif
