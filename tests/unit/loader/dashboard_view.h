/* SPDX-License-Identifier: MIT */
/* A dashboard of a made-up run on a screen of 80x24, keys pressed at it, and what its lines say. */
#ifndef DASHBOARD_VIEW_H
#define DASHBOARD_VIEW_H

#include "sample.h"

#include <locale.h>
#include <math.h>

#include "live/dashboard.h"

struct view {
	struct dashboard dashboard;
	struct scene scene;
	struct canvas canvas;
	struct snapshot *now, *total;
	bool runs; /* the command */
};

static inline void draw(struct view *view, size_t lines, size_t columns)
{
	canvas_close(&view->canvas);
	assert_int_equal(canvas_open(&view->canvas, lines, columns, false), 0);
	assert_int_equal(dashboard_draw(&view->dashboard, &view->scene, &view->canvas), 0);
}

static inline enum wish press(struct view *view, int key)
{
	enum wish wish = dashboard_key(&view->dashboard, key, view->canvas.columns, view->runs);

	draw(view, view->canvas.lines, view->canvas.columns);
	return wish;
}

static inline void assert_line(const struct view *view, size_t number, const char *line)
{
	char *text = canvas_text(&view->canvas, number);

	assert_string_equal(text, line);
	free(text);
}

static inline void assert_begins(const struct view *view, size_t number, const char *start)
{
	char *text = canvas_text(&view->canvas, number);

	text[strlen(start) < strlen(text) && *start ? strlen(start) : strlen(text)] = '\0';
	assert_string_equal(text, start);
	free(text);
}

/* Some line of the screen. */
static inline void assert_has(const struct view *view, const char *part)
{
	bool found = false;

	for (size_t i = 0; i < view->canvas.lines && !found; i++) {
		char *text = canvas_text(&view->canvas, i);

		found = strstr(text, part) != NULL;
		free(text);
	}
	if (!found)
		fail_msg("no line has: %s", part);
}

static inline int open_view(void **state)
{
	static const struct point points[] = {{100, 4096, 1}, {0, 0, 0}, {10000, 1 << 20, NAN}, {7669, 31 << 20, 11.2}};
	struct view *view = calloc(1, sizeof(*view));

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	view->total = sample_snapshot();
	view->now = sample_new();
	sample_row(view->now, REGION_LIBC, "data", 10, 5);
	sample_row(view->now, REGION_ALLOCATOR, "class 1040", 30, 30);
	sample_finish(view->now);
	view->runs = true;
	view->scene = (struct scene){
	    .now = view->now,
	    .total = view->total,
	    .about = view->total,
	    .slice_ns = 2000000000,
	    .elapsed_ns = 727000000000,
	    .points = points,
	    .point_count = 4,
	    .command = true,
	};
	dashboard_start(&view->dashboard);
	draw(view, 24, 80);
	*state = view;
	return 0;
}

static inline int close_view(void **state)
{
	struct view *view = *state;

	canvas_close(&view->canvas);
	snapshot_free(view->now);
	snapshot_free(view->total);
	free(view);
	return 0;
}

#endif
