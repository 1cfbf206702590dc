/* SPDX-License-Identifier: MIT */
/* Columns of the dashboard's tables: what each says of a row, and in which order it puts rows. For table*.c. */
#ifndef LIVE_COLUMN_H
#define LIVE_COLUMN_H

#include "live/table.h"

#define CELL_TEXT 64

enum cell_kind {
	CELL_REGION,
	CELL_DETAIL,
	CELL_NAME,
	CELL_PID,
	CELL_PARENT,
	CELL_FAULT_RATE,
	CELL_FAULT_SHARE,
	CELL_ZEROED_RATE,
	CELL_ZEROED_SHARE,
	CELL_FAULTS,
	CELL_ZEROED,
	CELL_TIME,
	CELL_MAJOR,
	CELL_FIRST,
	CELL_PURGED,
	CELL_HALF,
	CELL_SLOW,
	CELL_YOURS,
};

/* A page's columns end with one without a title. */
struct column {
	const char *title;
	enum cell_kind kind;
	size_t width;  /* 0: what the others leave */
	size_t screen; /* the least that it is shown on */
};

/* The page's. */
const struct column *columns_of(const struct table *table);

/* What a column of words says; NULL: it is one of figures. */
const char *cell_words(const struct row *row, enum cell_kind kind);

/* What one of figures says. */
void cell_text(const struct table *table, const struct rows *rows, const struct row *row, const struct column *column,
    char text[CELL_TEXT]);

#endif
