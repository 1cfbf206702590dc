// SPDX-License-Identifier: MIT
/* The lines of a table. See table.h. */
#include "live/table.h"

#include "live/column.h"

size_t table_columns(const struct table *table, size_t columns)
{
	size_t count = 0;

	for (const struct column *column = columns_of(table); column->title; column++)
		count += column->screen <= columns;
	return count;
}

size_t table_shown_column(const struct table *table, size_t columns, size_t place)
{
	const struct column *all = columns_of(table);
	size_t number = 0;

	for (;; number++)
		if (!all[number].title || (all[number].screen <= columns && !place--))
			return number;
}

size_t table_first_sort(const struct table *table)
{
	const struct column *columns = columns_of(table);
	size_t number = 0;

	while (columns[number].title && columns[number].kind != CELL_FAULT_RATE)
		number++;
	return number;
}

static size_t width_of_rest(const struct column *columns, size_t screen)
{
	size_t used = 0;

	for (; columns->title; columns++)
		if (columns->screen <= screen)
			used += (columns->width ? columns->width : 0) + (columns[1].title != NULL);
	return used < screen ? screen - used : 0;
}

static void draw_heads(const struct table *table, size_t sort, struct canvas *canvas, size_t line)
{
	const struct column *columns = columns_of(table);
	size_t rest = width_of_rest(columns, canvas->columns), at = 0;

	canvas_paint(canvas, line, LOOK_HEAD);
	for (size_t i = 0; columns[i].title; i++) {
		size_t width = columns[i].width ? columns[i].width : rest;
		enum look look = i == sort ? LOOK_SORTED : LOOK_HEAD;

		if (columns[i].screen > canvas->columns)
			continue;
		if (columns[i].kind <= CELL_NAME || columns[i].kind == CELL_YOURS)
			canvas_put(canvas, line, at, width, look, columns[i].title);
		else
			canvas_right(canvas, line, at, width, look, columns[i].title);
		at += width + 1;
	}
}

static enum look look_of(const struct row *row, enum cell_kind kind)
{
	if (kind == CELL_REGION && row->region < REGION_COUNT)
		return LOOK_REGION + row->region;
	if (kind == CELL_YOURS)
		return row->yours == YOURS_YES ? LOOK_GOOD : row->yours == YOURS_PARTLY ? LOOK_PLAIN : LOOK_FAINT;
	return LOOK_PLAIN;
}

static void draw_row(
    const struct table *table, const struct rows *rows, const struct row *row, struct canvas *canvas, size_t line)
{
	const struct column *columns = columns_of(table);
	size_t rest = width_of_rest(columns, canvas->columns), at = 0;
	char text[CELL_TEXT];

	for (size_t i = 0; columns[i].title; i++) {
		size_t width = columns[i].width ? columns[i].width : rest;
		const char *words = cell_words(row, columns[i].kind);

		if (columns[i].screen > canvas->columns)
			continue;
		if (words) {
			canvas_put(canvas, line, at, width, look_of(row, columns[i].kind), words);
		} else {
			cell_text(table, rows, row, &columns[i], text);
			canvas_right(canvas, line, at, width, look_of(row, columns[i].kind), text);
		}
		at += width + 1;
	}
}

static void keep_shown(struct table_state *state, size_t count, size_t lines)
{
	if (state->chosen >= count)
		state->chosen = count ? count - 1 : 0;
	if (state->top > state->chosen)
		state->top = state->chosen;
	if (lines && state->chosen >= state->top + lines)
		state->top = state->chosen - lines + 1;
	/* No blank lines where there are rows. */
	if (state->top + lines > count)
		state->top = count > lines ? count - lines : 0;
}

void table_draw(const struct table *table, const struct rows *rows, struct table_state *state, struct canvas *canvas,
    size_t line, size_t lines)
{
	if (!lines)
		return;
	draw_heads(table, state->sort, canvas, line);
	keep_shown(state, rows->count, lines - 1);
	for (size_t i = 0; i + 1 < lines && state->top + i < rows->count; i++) {
		draw_row(table, rows, &rows->list[state->top + i], canvas, line + 1 + i);
		if (state->top + i == state->chosen)
			canvas_paint(canvas, line + 1 + i, LOOK_CHOSEN);
	}
}
