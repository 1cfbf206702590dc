// SPDX-License-Identifier: MIT
/* The screen. See dashboard.h. */
#include "live/dashboard_pages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "output/text.h"

#define SEPARATOR " < " /* of frames, as rows of stacks have it */

/* -- the page -- */

static void draw_note(struct canvas *canvas, size_t line, const char *text)
{
	canvas_put(canvas, line + 1, 2, canvas->columns - 2, LOOK_FAINT, text);
}

/* The frames of the chosen stack, the innermost first, a line each. */
static void draw_frames(const struct row *row, struct canvas *canvas, size_t line, size_t lines)
{
	const char *at = row->name;
	char frame[512];

	canvas_paint(canvas, line, LOOK_HEAD);
	snprintf(
	    frame, sizeof(frame), "%s %s", row->region < REGION_COUNT ? region_name(row->region) : "", row->detail);
	canvas_put(canvas, line, 0, canvas->columns, LOOK_HEAD, frame);
	for (size_t i = 1; i < lines && *at; i++) {
		const char *end = strstr(at, SEPARATOR);
		size_t length = end ? (size_t)(end - at) : strlen(at);
		bool last = i + 1 == lines && end;

		snprintf(frame, sizeof(frame), "%.*s", (int)length, at);
		canvas_put(canvas, line + i, 2, canvas->columns - 2, last ? LOOK_FAINT : LOOK_PLAIN,
		    last ? "... (a larger screen shows more)" : frame);
		at += length + (end ? strlen(SEPARATOR) : 0);
	}
}

static const char *nothing_of(const struct dashboard *dashboard, const struct rows *rows)
{
	if (rows->missing)
		return rows->missing;
	if (rows->of)
		return "no row has this text in it: / changes it, Esc shows all";
	if (dashboard->page == PAGE_CLASSES)
		return "nothing of a malloc's yet";
	return "nothing was counted yet";
}

static void draw_rows(
    struct dashboard *dashboard, const struct table *table, struct rows *rows, struct canvas *canvas, size_t lines)
{
	struct table_state *state = dashboard_table(dashboard);
	size_t frames = dashboard->opened && dashboard->page == PAGE_STACKS && lines > 6 ? lines / 2 : 0;

	table_sort(table, rows, state);
	dashboard->lines = lines - frames;
	table_draw(table, rows, state, canvas, HEAD_LINES, lines - frames);
	if (!rows->count)
		draw_note(canvas, HEAD_LINES, nothing_of(dashboard, rows));
	else if (frames)
		draw_frames(&rows->list[state->chosen], canvas, HEAD_LINES + lines - frames, frames);
}

static void draw_output(
    struct dashboard *dashboard, const struct scene *scene, struct canvas *canvas, size_t line, size_t lines)
{
	size_t shown = scene->output.lines < lines - 1 ? scene->output.lines : lines - 1;
	char head[256];

	dashboard->lines = lines;
	canvas_paint(canvas, line, LOOK_HEAD);
	if (!scene->output.path) {
		draw_note(canvas, line,
		    scene->command ? "the command's output goes where hakmem-trace's was sent"
		                   : "what runs already has its output elsewhere");
		return;
	}
	snprintf(head, sizeof(head), "stdout and stderr, %s, the end of %s",
	    scene->output.bytes ? figure_bytes(scene->output.bytes).text : "nothing yet", scene->output.path);
	canvas_put(canvas, line, 0, canvas->columns, LOOK_HEAD, head);
	for (size_t i = 0; i < shown; i++)
		canvas_put(canvas, line + 1 + i, 0, canvas->columns, LOOK_PLAIN,
		    scene->output.tail[scene->output.lines - shown + i]);
}

/* -- the lower lines -- */

void dashboard_append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, size - used, format, arguments);
	va_end(arguments);
}

static void status_text(
    const struct dashboard *dashboard, const struct scene *scene, const struct rows *rows, char text[MESSAGE_SIZE])
{
	bool counts = dashboard->page != PAGE_OUTPUT && dashboard->page != PAGE_SPACES;

	if (scene->end)
		dashboard_append(text, MESSAGE_SIZE, "%.100s  ", scene->end);
	if (dashboard->page == PAGE_SPACES)
		dashboard_append(text, MESSAGE_SIZE, "%zu range%s  ", dashboard->rows, dashboard->rows == 1 ? "" : "s");
	else if (counts)
		dashboard_append(text, MESSAGE_SIZE, "%zu row%s%s  ", rows->count, rows->count == 1 ? "" : "s",
		    rows->estimated ? ", estimates" : "");
	if (dashboard->filter[0] && counts)
		dashboard_append(text, MESSAGE_SIZE, "of %zu, ", rows->of);
	if (dashboard->filter[0] && dashboard->page != PAGE_OUTPUT)
		dashboard_append(text, MESSAGE_SIZE, "with '%s'  ", dashboard->filter);
	if (counts)
		dashboard_append(text, MESSAGE_SIZE, "/s of %s  totals since %s  ",
		    scene->now ? figure_duration(scene->slice_ns).text : "no slice yet",
		    scene->was_reset ? "reset" : "the start");
}

static void draw_status(
    const struct dashboard *dashboard, const struct scene *scene, const struct rows *rows, struct canvas *canvas)
{
	size_t line = canvas->lines - 2, at;
	char text[MESSAGE_SIZE] = "";

	if (dashboard->asking) {
		canvas_put(canvas, line, 0, canvas->columns, LOOK_WARN,
		    "the command still runs: [e]nd it, [l]eave it untraced, any other key: stay");
	} else if (dashboard->typing) {
		at = canvas_put(canvas, line, 0, canvas->columns, LOOK_KEY, "only rows with: ");
		at = canvas_put(canvas, line, at, canvas->columns, LOOK_PLAIN, dashboard->filter);
		canvas_put(canvas, line, at, canvas->columns, LOOK_FAINT, "_   Enter: done  Esc: as before");
	} else if (dashboard->message[0]) {
		canvas_put(canvas, line, 0, canvas->columns, LOOK_WARN, dashboard->message);
	} else {
		status_text(dashboard, scene, rows, text);
		canvas_put(canvas, line, 0, canvas->columns, LOOK_FAINT, text);
	}
}

/* The keys, each with a bracket round it where there is room, so that it is told without colours, too. */
static void draw_keys(const struct dashboard *dashboard, struct canvas *canvas)
{
	static const struct {
		const char *text;
		enum page page; /* PAGE_COUNT: none */
	} keys[] = {
	    {"[r]egions", PAGE_REGIONS},
	    {"[c]lasses", PAGE_CLASSES},
	    {"[s]tacks", PAGE_STACKS},
	    {"[p]rocesses", PAGE_PROCESSES},
	    {"[a]ddresses", PAGE_SPACES},
	    {"[o]utput", PAGE_OUTPUT},
	    {"[/]", PAGE_COUNT},
	    {"[<>]", PAGE_COUNT},
	    {"[?]", PAGE_COUNT},
	    {"[q]", PAGE_COUNT},
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		at = canvas_put(canvas, canvas->lines - 1, at, canvas->columns,
		         keys[i].page == dashboard->page ? LOOK_SORTED : LOOK_KEY, keys[i].text) +
		     1;
}

static int draw_page(struct dashboard *dashboard, const struct scene *scene, struct rows *rows, struct canvas *canvas)
{
	struct rows_wish wish = {
	    .page = dashboard->page,
	    .folded = dashboard->folded,
	    .functions = dashboard->by_function,
	    .filter = dashboard->filter,
	};
	struct table table = dashboard_table_of(dashboard, scene->now ? scene->slice_ns : 0);
	size_t lines = canvas->lines - HEAD_LINES - 2;

	if (dashboard->page == PAGE_OUTPUT) {
		draw_output(dashboard, scene, canvas, HEAD_LINES, lines);
		return 0;
	}
	if (dashboard->page == PAGE_SPACES) {
		dashboard_spaces(dashboard, scene, canvas, HEAD_LINES, lines);
		return 0;
	}
	if (rows_make(rows, &wish, scene->now, scene->total))
		return -1;
	dashboard->rows = rows->count;
	draw_rows(dashboard, &table, rows, canvas, lines);
	return 0;
}

int dashboard_draw(struct dashboard *dashboard, const struct scene *scene, struct canvas *canvas)
{
	struct rows rows = {0};

	if (canvas->lines < DASHBOARD_LINES || canvas->columns < DASHBOARD_COLUMNS) {
		char text[80];

		snprintf(text, sizeof(text), "%zux%zu: %dx%d are needed", canvas->columns, canvas->lines,
		    DASHBOARD_COLUMNS, DASHBOARD_LINES);
		canvas_put(canvas, 0, 0, canvas->columns, LOOK_WARN, text);
		return 0;
	}
	dashboard_head(scene, dashboard, canvas);
	if (dashboard->help) {
		dashboard_help(canvas, HEAD_LINES, canvas->lines - HEAD_LINES - 1);
		canvas_put(canvas, canvas->lines - 1, 0, canvas->columns, LOOK_KEY, "any key: back");
		return 0;
	}
	if (draw_page(dashboard, scene, &rows, canvas))
		return -1;
	draw_status(dashboard, scene, &rows, canvas);
	draw_keys(dashboard, canvas);
	rows_free(&rows);
	return 0;
}
