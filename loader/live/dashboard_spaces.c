// SPDX-License-Identifier: MIT
/*
 * The page of address spaces: one process as a strip of all that it has mapped, and below it each range with a strip of
 * how touched its parts are, of SuperSlabs with another of how full. See dashboard.h.
 */
#include "live/dashboard_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/decision_text.h"
#include "output/spaces_strip.h"
#include "output/text.h"

#define STRIP_LINES  2
#define PART_COLUMNS SPACES_PARTS

/* Blocks of eighths; digits where there are none. */
static const char *level_text(const struct canvas *canvas, const char *level)
{
	static const char digits[8][2] = {"1", "2", "3", "4", "5", "6", "7", "8"};
	const unsigned char *bytes = (const unsigned char *)level;

	if (!canvas->ascii || bytes[0] < 0x80)
		return level;
	if (bytes[0] == 0xe2 && bytes[1] == 0x96 && bytes[2] >= 0x81 && bytes[2] <= 0x88)
		return digits[bytes[2] - 0x81];
	return ".";
}

/* -- the process -- */

static void draw_title(struct canvas *canvas, size_t line, const struct spaces *spaces, size_t number)
{
	const struct spaces_process *process = &spaces->processes[number];
	char text[256], which[64] = "";

	if (spaces->process_count > 1)
		snprintf(which, sizeof(which), " (%zu of %zu, [n]ext)", number + 1, spaces->process_count);
	snprintf(text, sizeof(text), "%.40s %" PRIu32 "%s: now %s resident of %s mapped",
	    process->comm ? process->comm : "", process->pid, which, figure_bytes(process->resident_bytes).text,
	    figure_bytes(process->bytes).text);
	canvas_put(canvas, line, 0, canvas->columns, LOOK_TITLE, text);
}

/* All of it, as far as there are lines. Returns how many it took. */
static size_t draw_strip(struct canvas *canvas, size_t line, const struct spaces_process *process)
{
	/* A blank stands before what lies apart. */
	size_t most = STRIP_LINES * canvas->columns / 2, at = 0;
	uint64_t cell_bytes = spaces_strip_cell_bytes(process, most);
	struct strip_cell *cells = calloc(most + 1, sizeof(*cells));
	size_t count = cells ? spaces_strip(process, cell_bytes, cells, most) : 0;
	char text[64];

	for (size_t i = 0; i < count && i < most; i++) {
		at += cells[i].apart && at % canvas->columns;
		canvas_put(canvas, line + at / canvas->columns, at % canvas->columns, 1,
		    LOOK_REGION + cells[i].range->region,
		    level_text(canvas, strip_level(cells[i].resident_bytes, cells[i].bytes)));
		at++;
	}
	free(cells);
	snprintf(text, sizeof(text), " each %s", figure_bytes(cell_bytes).text);
	if (at % canvas->columns + strlen(text) < canvas->columns)
		canvas_put(canvas, line + at / canvas->columns, at % canvas->columns, strlen(text), LOOK_FAINT, text);
	return at / canvas->columns + 1;
}

/* -- its ranges: of SuperSlabs two lines -- */

struct place {
	size_t start, bytes, share, region, detail, strip; /* columns */
	size_t detail_width;
};

static struct place places(const struct canvas *canvas)
{
	struct place place = {.start = 0, .bytes = 13, .share = 22, .region = 27, .detail = 37};

	place.strip = canvas->columns - PART_COLUMNS;
	place.detail_width = place.strip > place.detail ? place.strip - place.detail - 1 : 0;
	return place;
}

static void draw_heads(struct canvas *canvas, size_t line)
{
	struct place place = places(canvas);

	canvas_paint(canvas, line, LOOK_HEAD);
	canvas_right(canvas, line, place.start, 12, LOOK_HEAD, "START");
	canvas_right(canvas, line, place.bytes, 8, LOOK_HEAD, "BYTES");
	canvas_right(canvas, line, place.share, 4, LOOK_HEAD, "RES%");
	canvas_put(canvas, line, place.region, 9, LOOK_HEAD, "REGION");
	canvas_put(canvas, line, place.detail, place.detail_width, LOOK_HEAD, "DETAIL");
	canvas_put(canvas, line, place.strip, PART_COLUMNS, LOOK_HEAD, "TOUCHED, from end to end");
}

static void draw_parts(struct canvas *canvas, size_t line, const struct spaces_range *range)
{
	size_t at = places(canvas).strip;

	for (size_t i = 0; i < spaces_range_parts(range); i++)
		at = canvas_put(canvas, line, at, 1, LOOK_REGION + range->region,
		    level_text(canvas, strip_level(range->parts[i], range->part_bytes)));
}

static void draw_range(struct canvas *canvas, size_t line, const struct spaces_range *range)
{
	struct place place = places(canvas);
	char text[32];

	snprintf(text, sizeof(text), "%" PRIx64, range->start);
	canvas_right(canvas, line, place.start, 12, LOOK_PLAIN, text);
	canvas_right(canvas, line, place.bytes, 8, LOOK_PLAIN, figure_bytes(range->bytes).text);
	if (range->resident_bytes == UNKNOWN)
		strcpy(text, "n/a");
	else
		snprintf(text, sizeof(text), "%.0f",
		    range->bytes ? 100.0 * (double)range->resident_bytes / (double)range->bytes : 0);
	canvas_right(canvas, line, place.share, 4, LOOK_PLAIN, text);
	canvas_put(canvas, line, place.region, 9, LOOK_REGION + range->region, region_name(range->region));
	canvas_put(canvas, line, place.detail, place.detail_width, LOOK_PLAIN, range->detail ? range->detail : "");
	draw_parts(canvas, line, range);
}

/* What the slabs hold, and how full those are of which it is known. */
static void draw_fullness(struct canvas *canvas, size_t line, const struct spaces_range *range)
{
	size_t holding = 0, known = 0, at = places(canvas).strip;
	char text[64], full[32] = "n/a";
	double sum = 0;

	for (size_t i = 0; i < SPACES_SLABS; i++) {
		const struct spaces_slab *slab = &range->slabs[i];

		holding += slab->holds != SLAB_HOLDS_NOTHING;
		if (slab->blocks && slab->used != UNKNOWN) {
			known++;
			sum += (double)slab->used / (double)slab->blocks;
		}
		canvas_put(canvas, line, at + i, 1, LOOK_FAINT, level_text(canvas, strip_slab_full(range, i)));
	}
	if (known)
		snprintf(full, sizeof(full), "%.0f %% full", 100 * sum / (double)known);
	snprintf(text, sizeof(text), "%zu of %d slabs in use, %s:", holding, SPACES_SLABS, full);
	canvas_right(canvas, line, 0, at - 1, LOOK_FAINT, text);
}

static bool fits(const struct spaces_range *range, const char *filter)
{
	return strcasestr(region_name(range->region), filter) || strcasestr(range->detail ? range->detail : "", filter);
}

/* What libhakmem decided, and why. */
static void draw_decision(struct canvas *canvas, size_t line, size_t end, const struct decision *decision)
{
	char what[DECISION_TEXT], text[2 * DECISION_TEXT];

	decision_what(decision, what);
	snprintf(text, sizeof(text), "%s (%" PRIu64 " %s)", what, decision->changes,
	    decision->changes == 1 ? "change" : "changes");
	canvas_put(canvas, line, 0, canvas->columns, LOOK_PLAIN, text);
	if (line + 1 < end)
		canvas_put(canvas, line + 1, 2, canvas->columns - 2, LOOK_FAINT, decision->reason);
}

static bool decision_fits(const struct decision *decision, const char *filter)
{
	char what[DECISION_TEXT];

	decision_what(decision, what);
	return strcasestr(what, filter) || strcasestr(decision->reason, filter);
}

/* Lines of ranges, then of decisions, from the one with the cursor on; returns how many there are. */
static size_t draw_rows(const struct spaces_process *process, const char *filter, struct table_state *state,
    struct canvas *canvas, size_t line, size_t lines)
{
	size_t end = line + lines, number = 0;

	for (size_t i = 0; i < process->range_count; i++) {
		const struct spaces_range *range = &process->ranges[i];

		if (!fits(range, filter) || number++ < state->chosen)
			continue;
		if (line < end)
			draw_range(canvas, line++, range);
		if (range->slabs && line < end)
			draw_fullness(canvas, line++, range);
	}
	for (size_t i = 0; i < process->decisions.count; i++) {
		const struct decision *decision = &process->decisions.list[i];

		if (!decision_fits(decision, filter) || number++ < state->chosen || line >= end)
			continue;
		draw_decision(canvas, line, end, decision);
		line += 2;
	}
	return number;
}

/* What is not among the rows, or is the last of them. Returns how many lines it took, from the last one on. */
static size_t draw_others(const struct spaces_process *process, struct canvas *canvas, size_t end)
{
	size_t taken = 0;
	char text[128];

	if (process->decisions.count) {
		snprintf(text, sizeof(text), "libhakmem decides by what memory costs: %zu decisions, below the ranges",
		    process->decisions.count);
		canvas_put(canvas, end - ++taken, 0, canvas->columns, LOOK_FAINT, text);
	}
	if (process->others.ranges) {
		snprintf(text, sizeof(text), "and %s smaller ranges: %s resident of %s",
		    figure_plain(process->others.ranges).text, figure_bytes(process->others.resident_bytes).text,
		    figure_bytes(process->others.bytes).text);
		canvas_put(canvas, end - ++taken, 0, canvas->columns, LOOK_FAINT, text);
	}
	return taken;
}

void dashboard_spaces(
    struct dashboard *dashboard, const struct scene *scene, struct canvas *canvas, size_t line, size_t lines)
{
	const struct spaces *spaces = scene->spaces;
	struct table_state *state = &dashboard->tables[PAGE_SPACES];
	const struct spaces_process *process;
	size_t end = line + lines;

	dashboard->rows = 0;
	if (!spaces || !spaces->process_count) {
		canvas_put(canvas, line + 1, 2, canvas->columns - 2, LOOK_FAINT,
		    spaces ? "no traced process is left" : "address spaces can't be had here");
		return;
	}
	dashboard->process %= spaces->process_count;
	process = &spaces->processes[dashboard->process];
	draw_title(canvas, line++, spaces, dashboard->process);
	if (process->cannot)
		canvas_put(canvas, line++, 0, canvas->columns, LOOK_WARN, process->cannot);
	if (!process->range_count)
		return;
	line += draw_strip(canvas, line, process);
	draw_heads(canvas, line++);
	end -= draw_others(process, canvas, end);
	dashboard->lines = end > line ? end - line : 0;
	dashboard->rows = draw_rows(process, dashboard->filter, state, canvas, line, dashboard->lines);
	if (state->chosen && state->chosen >= dashboard->rows) {
		state->chosen = dashboard->rows ? dashboard->rows - 1 : 0;
		draw_rows(process, dashboard->filter, state, canvas, line, dashboard->lines);
	}
}
