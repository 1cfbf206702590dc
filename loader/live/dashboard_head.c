// SPDX-License-Identifier: MIT
/* The upper lines: what is traced and how, what that costs, and graphs. See dashboard.h. */
#include "live/dashboard_pages.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/spark.h"
#include "output/header.h"
#include "output/text.h"

#define SECOND_NS 1000000000ULL

/* "00:12:07" */
static void clock_text(uint64_t ns, char text[32])
{
	uint64_t seconds = ns / SECOND_NS;

	snprintf(text, 32, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* What the figures are of: now, a moment that is held, or a run that is over. */
static void state_text(const struct scene *scene, const struct dashboard *dashboard, char text[64])
{
	if (scene->ago_ns)
		snprintf(text, 64, "%s AGO", figure_duration(scene->ago_ns).text);
	else if (scene->ended)
		snprintf(text, 64, "ENDED");
	else if (dashboard->held)
		snprintf(text, 64, "PAUSED");
	else
		snprintf(text, 64, "LIVE");
}

static void overhead_text(const struct snapshot *about, char text[64])
{
	uint64_t own = about->totals.own_ns, traced = about->totals.traced_ns;

	if (own == UNKNOWN || traced == UNKNOWN || own >= traced)
		snprintf(text, 64, "own n/a");
	else
		snprintf(text, 64, "own %s %%", own ? figure_share(own, traced - own).text : "0.0");
}

/* From the right end of the line; where the next one is to end. */
static size_t put_left_of(struct canvas *canvas, size_t end, enum look look, const char *text)
{
	size_t width = canvas_columns(canvas, text);

	if (width + 2 > end)
		return end;
	canvas_put(canvas, 0, end - width, width, look, text);
	return end - width - 2;
}

static void draw_title(const struct scene *scene, const struct dashboard *dashboard, struct canvas *canvas)
{
	char *target = scene->about ? header_target(scene->about) : NULL;
	char text[64], pid[32] = "";
	bool news = scene->ago_ns || scene->ended || dashboard->held;
	size_t at, end = canvas->columns;

	clock_text(scene->elapsed_ns, text);
	end = put_left_of(canvas, end, LOOK_PLAIN, text);
	state_text(scene, dashboard, text);
	end = put_left_of(canvas, end, news ? LOOK_WARN : LOOK_GOOD, text);
	if (scene->about) {
		snprintf(text, sizeof(text), "lost %s", figure_plain(scene->about->totals.lost).text);
		end = put_left_of(canvas, end, scene->about->totals.lost ? LOOK_WARN : LOOK_PLAIN, text);
		overhead_text(scene->about, text);
		end = put_left_of(canvas, end, LOOK_PLAIN, text);
	}
	if (scene->about && scene->about->command)
		snprintf(pid, sizeof(pid), " (pid %" PRIu32 ")", scene->about->pid);
	at = canvas_put(canvas, 0, 0, end, LOOK_TITLE, "hakmem-trace ");
	if (at + strlen(pid) < end)
		at = canvas_put(canvas, 0, at, end - at - strlen(pid), LOOK_PLAIN, target ? target : "starting ...");
	if (at + strlen(pid) <= end)
		canvas_put(canvas, 0, at, strlen(pid), LOOK_FAINT, pid);
	free(target);
}

/* Pieces of a line with blanks between them, of which those that don't fit are left out. */
struct pieces {
	struct canvas *canvas;
	size_t line, column;
};

static void piece(struct pieces *pieces, enum look look, const char *text)
{
	size_t blank = pieces->column ? 2 : 0;

	if (pieces->column + blank + canvas_columns(pieces->canvas, text) > pieces->canvas->columns)
		return;
	pieces->column =
	    canvas_put(pieces->canvas, pieces->line, pieces->column + blank, pieces->canvas->columns, look, text);
}

/* Its method in a word: what it is exact but for is told by reports. */
static const char *word_of(const struct hook *hook)
{
	switch (hook->method) {
	case METHOD_EXACT:
	case METHOD_EXACT_BUT:
		return "exact";
	case METHOD_UPPER_BOUND:
		return "at most";
	case METHOD_ESTIMATE:
		return "estimate";
	case METHOD_SAMPLED:
		return "sampled";
	default:
		return "unknown";
	}
}

static bool same_rung(const struct hook *one, const struct hook *other)
{
	return one->rung && other->rung && !strcmp(one->rung, other->rung);
}

/* "tracepoint: faults exact, zeroing estimate, times sampled": each under its rung. */
static void draw_rungs(struct pieces *pieces, const struct hook *hooks)
{
	static const enum subject subjects[] = {SUBJECT_FAULT, SUBJECT_ZERO, SUBJECT_FAULT_TIME};
	static const char *const names[] = {"faults", "zeroing", "times"};
	const struct hook *before = NULL;
	char text[200] = "";

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		const struct hook *hook = &hooks[subjects[i]];

		if (!hook->name) {
			dashboard_append(text, sizeof(text), "%s%s n/a", i ? ", " : "", names[i]);
			continue;
		}
		dashboard_append(text, sizeof(text), "%s", i ? ", " : "");
		if (!before || !same_rung(before, hook))
			dashboard_append(text, sizeof(text), "%s: ", hook->rung ? hook->rung : hook->name);
		dashboard_append(text, sizeof(text), "%s %s", names[i], word_of(hook));
		before = hook;
	}
	piece(pieces, hooks[SUBJECT_FAULT].name && hooks[SUBJECT_ZERO].name ? LOOK_PLAIN : LOOK_WARN, text);
}

static void draw_facts(const struct scene *scene, struct canvas *canvas)
{
	struct pieces pieces = {.canvas = canvas, .line = 1};
	const struct snapshot *about = scene->about;
	char text[96];
	int zeroes;

	if (!about)
		return;
	draw_rungs(&pieces, about->kernel.hooks);
	zeroes = about->kernel.init_on_alloc;
	snprintf(text, sizeof(text), "init_on_alloc %s", zeroes < 0 ? "unknown" : zeroes ? "on" : "off");
	piece(&pieces, zeroes > 0 ? LOOK_WARN : LOOK_PLAIN, text);
	if (snapshot_missing_clearings(about)) {
		snprintf(text, sizeof(text), "up to %s clearings unseen",
		    figure_plain(snapshot_missing_clearings(about)).text);
		piece(&pieces, LOOK_WARN, text);
	}
	snprintf(text, sizeof(text), "kernel %s", about->kernel.release ? about->kernel.release : "unknown");
	piece(&pieces, LOOK_FAINT, text);
}

/* -- graphs -- */

struct graph {
	const char *name;
	enum look look;
	double (*value)(const struct point *point);
	void (*text)(double value, char text[32]);
};

static double faults_of(const struct point *point)
{
	return point->faults;
}

static double zeroed_of(const struct point *point)
{
	return point->zeroed_bytes;
}

static double share_of(const struct point *point)
{
	return point->fault_share;
}

static uint64_t figure_of(double value)
{
	return isnan(value) ? UNKNOWN : value <= 0 ? 0 : value < 1 ? 1 : (uint64_t)(value + 0.5);
}

static void faults_text(double value, char text[32])
{
	snprintf(text, 32, "%s", figure_plain(figure_of(value)).text);
}

static void zeroed_text(double value, char text[32])
{
	uint64_t bytes = figure_of(value);

	snprintf(text, 32, "%s", bytes ? figure_bytes(bytes).text : "0");
}

static void share_text(double value, char text[32])
{
	snprintf(text, 32, isnan(value) ? "n/a" : "%.1f %%", value);
}

static void draw_graph(
    const struct graph *graph, const struct scene *scene, struct canvas *canvas, size_t from, size_t width)
{
	size_t count = scene->point_count, at;
	double *values = calloc(count + 1, sizeof(*values));
	char figure[32] = "n/a", head[64], *line;

	if (!values)
		return;
	for (size_t i = 0; i < count; i++)
		values[i] = graph->value(&scene->points[i]);
	if (count)
		graph->text(values[count - 1], figure);
	snprintf(head, sizeof(head), "%s %s ", graph->name, figure);
	at = canvas_put(canvas, 2, from, width, LOOK_PLAIN, head);
	if (at < from + width) {
		line = spark(values, count, from + width - at, canvas->ascii);
		if (line)
			canvas_put(canvas, 2, at, from + width - at, graph->look, line);
		free(line);
	}
	free(values);
}

void dashboard_head(const struct scene *scene, const struct dashboard *dashboard, struct canvas *canvas)
{
	static const struct graph graphs[] = {
	    {"faults/s", LOOK_FAULTS, faults_of, faults_text},
	    {"zeroed/s", LOOK_ZEROED, zeroed_of, zeroed_text},
	    {"in faults", LOOK_TIME, share_of, share_text},
	};
	const size_t count = sizeof(graphs) / sizeof(graphs[0]);
	size_t width = (canvas->columns - 2 * (count - 1)) / count;

	draw_title(scene, dashboard, canvas);
	draw_facts(scene, canvas);
	for (size_t i = 0; i < count; i++)
		draw_graph(&graphs[i], scene, canvas, i * (width + 2), width);
}
