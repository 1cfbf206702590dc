// SPDX-License-Identifier: MIT
/* See plot.h. Sizes are in the units of the SVG's view box, which a page scales to its width. */
#include "output/plot.h"

#include <stdlib.h>
#include <string.h>

#include "output/axis.h"
#include "output/experiment_text.h"

#define WIDTH      900
#define NAME_WIDTH 150 /* of arms, left */
#define RIGHT      20
#define ROW        38
#define FOOT       44 /* ticks and unit */
#define TIME_HIGH  210

void plot_text(const char *text, FILE *file)
{
	char *safe = text_printable(text);

	for (const char *at = safe ? safe : ""; *at; at++) {
		switch (*at) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		case '\'':
			fputs("&#39;", file);
			break;
		default:
			fputc(*at, file);
		}
	}
	free(safe);
}

static void begin(double height, const char *what, const char *title, FILE *file)
{
	fprintf(file, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"%s: %s\">\n", WIDTH, height, title, what);
}

static void write_text(double x, double y, const char *anchor, const char *class, const char *text, FILE *file)
{
	fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
	plot_text(text, file);
	fputs("</text>\n", file);
}

static void line(double x1, double y1, double x2, double y2, const char *class, FILE *file)
{
	fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class);
}

/* Names that are too long for their place end in dots; the whole name is in the page's table of arms. */
static void write_name(double x, double y, const char *name, FILE *file)
{
	char cut[64];
	size_t length = strlen(name);

	if (length <= 20) {
		write_text(x, y, "end", "name", name, file);
		return;
	}
	for (length = 17; length && ((unsigned char)name[length] & 0xc0) == 0x80; length--)
		;
	snprintf(cut, sizeof(cut), "%.*s...", (int)length, name);
	write_text(x, y, "end", "name", cut, file);
}

/* As many digits as the step between ticks needs. */
static void tick_text(const struct axis *axis, size_t tick, double divisor, char text[32])
{
	double step = axis->tick_count > 1 ? axis->ticks[1] - axis->ticks[0] : fabs(axis->ticks[0]);
	int decimals = step > 0 ? (int)ceil(-log10(step / divisor) - 1e-9) : 0;

	if (axis->logarithmic)
		snprintf(text, 32, "%g", axis->ticks[tick]);
	else
		snprintf(text, 32, "%.*f", decimals > 0 ? decimals : 0, axis->ticks[tick] / divisor);
}

static void write_x_axis(
    const struct axis *axis, double divisor, double top, double bottom, const char *label, FILE *file)
{
	char text[32];

	for (size_t i = 0; i < axis->tick_count; i++) {
		double x = axis_place(axis, axis->ticks[i]);

		line(x, top, x, bottom, "grid", file);
		tick_text(axis, i, divisor, text);
		write_text(x, bottom + 16, "middle", "tick", text, file);
	}
	write_text((axis->from + axis->to) / 2, bottom + 34, "middle", "label", label, file);
}

static void write_y_axis(const struct axis *axis, double divisor, double left, double right, FILE *file)
{
	char text[32];

	for (size_t i = 0; i < axis->tick_count; i++) {
		double y = axis_place(axis, axis->ticks[i]);

		line(left, y, right, y, "grid", file);
		tick_text(axis, i, divisor, text);
		write_text(left - 8, y + 4, "end", "tick", text, file);
	}
}

static void label_text(enum measure measure, const struct axis_unit *unit, char text[96])
{
	snprintf(text, 96, "%s%s%s", measures[measure].title, unit->name[0] ? ", " : "", unit->name);
}

struct range {
	double low, high;
};

static struct range range_of(const struct experiment *experiment, enum measure measure)
{
	struct range range = {INFINITY, -INFINITY};

	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		const struct summary *summary = &experiment_comparison(experiment, arm, measure)->summary;

		if (!summary->count)
			continue;
		range.low = fmin(range.low, summary->minimum);
		range.high = fmax(range.high, summary->maximum);
	}
	return range;
}

static void write_dot(const struct experiment *experiment, const struct trial *trial, enum measure measure, double x,
    double y, FILE *file)
{
	fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\" class=\"dot a%zu\"><title>", x, y,
	    trial->arm % ARM_CLASSES);
	plot_text(experiment->arms[trial->arm].name, file);
	fprintf(file, ", run %u: %s</title></circle>\n", trial->block + 1,
	    experiment_figure(measure, trial->values[measure]).text);
}

/* Spread over the row's height so that equal runs don't hide each other. */
static double spread(size_t index)
{
	double turn = index * 0.618034;

	return (turn - floor(turn) - 0.5) * (ROW - 16);
}

static void write_arm(
    const struct experiment *experiment, enum measure measure, const struct axis *axis, size_t arm, FILE *file)
{
	const struct summary *summary = &experiment_comparison(experiment, arm, measure)->summary;
	double middle = arm * ROW + ROW / 2.0, left, right;
	size_t index = 0;

	write_name(NAME_WIDTH - 10, middle + 4, experiment->arms[arm].name, file);
	if (!summary->count)
		return;
	left = axis_place(axis, summary->low_quartile);
	right = axis_place(axis, summary->high_quartile);
	fprintf(file, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"3\" class=\"box a%zu\"/>\n", left,
	    middle - (ROW - 8) / 2.0, fmax(right - left, 1), ROW - 8, arm % ARM_CLASSES);
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		if (trial->arm == arm && trial_counts(trial, measure))
			write_dot(experiment, trial, measure, axis_place(axis, trial->values[measure]),
			    middle + spread(index++), file);
	}
	fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"median a%zu\"/>\n",
	    axis_place(axis, summary->median), middle - ROW / 2.0 + 3, axis_place(axis, summary->median),
	    middle + ROW / 2.0 - 3, arm % ARM_CLASSES);
}

void plot_arms(const struct experiment *experiment, enum measure measure, FILE *file)
{
	struct range range = range_of(experiment, measure);
	struct axis axis = axis_new(range.low, range.high, NAME_WIDTH, WIDTH - RIGHT, 8);
	struct axis_unit unit = axis_unit(measure, range.high);
	double bottom = experiment->arm_count * ROW;
	char label[96];

	begin(bottom + FOOT, "every run by arm", measures[measure].title, file);
	label_text(measure, &unit, label);
	write_x_axis(&axis, unit.divisor, 0, bottom, label, file);
	for (size_t arm = 0; arm < experiment->arm_count; arm++)
		write_arm(experiment, measure, &axis, arm, file);
	fputs("</svg>\n", file);
}

static void write_traced(const struct experiment *experiment, const struct axis *axis, double bottom, FILE *file)
{
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];
		double end = i + 1 < experiment->trial_count ? experiment->trials[i + 1].start : experiment->seconds;
		double from = axis_place(axis, trial->start);

		if (trial->kind == TRIAL_TRACED)
			fprintf(file, "<rect x=\"%.1f\" y=\"8\" width=\"%.1f\" height=\"%.1f\" class=\"traced\"/>\n",
			    from, fmax(axis_place(axis, end) - from, 0.5), bottom - 8);
	}
}

void plot_time(const struct experiment *experiment, enum measure measure, FILE *file)
{
	struct range range = range_of(experiment, measure);
	struct axis x = axis_new(0, fmax(experiment->seconds, 1e-3), NAME_WIDTH, WIDTH - RIGHT, 8);
	struct axis y = axis_new(range.low, range.high, TIME_HIGH, 8, 5);
	struct axis_unit unit = axis_unit(measure, range.high);
	char label[96];

	begin(TIME_HIGH + FOOT, "every run in order of time", measures[measure].title, file);
	write_traced(experiment, &x, TIME_HIGH, file);
	write_y_axis(&y, unit.divisor, NAME_WIDTH, WIDTH - RIGHT, file);
	write_x_axis(&x, 1, TIME_HIGH, TIME_HIGH, "seconds since the start; shaded: traced runs", file);
	label_text(measure, &unit, label);
	fprintf(file,
	    "<text transform=\"translate(60 %d) rotate(-90)\" text-anchor=\"middle\" class=\"label\">%s</text>\n",
	    TIME_HIGH / 2 + 4, label);
	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		double median = experiment_comparison(experiment, arm, measure)->summary.median;

		if (!isnan(median))
			fprintf(file, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"level a%zu\"/>\n",
			    NAME_WIDTH, axis_place(&y, median), WIDTH - RIGHT, axis_place(&y, median),
			    arm % ARM_CLASSES);
	}
	for (size_t i = 0; i < experiment->trial_count; i++)
		if (trial_counts(&experiment->trials[i], measure))
			write_dot(experiment, &experiment->trials[i], measure,
			    axis_place(&x, experiment->trials[i].start),
			    axis_place(&y, experiment->trials[i].values[measure]), file);
	fputs("</svg>\n", file);
}

/* Is there a ratio to show? */
static bool has_ratio(const struct experiment *experiment, enum measure measure, size_t arm)
{
	double ratio = experiment_comparison(experiment, arm, measure)->ratio;

	return isfinite(ratio) && ratio > 0;
}

static struct range range_of_ratios(const struct experiment *experiment, size_t *rows)
{
	struct range range = {1, 1};

	*rows = 0;
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++) {
		for (size_t arm = 1; arm < experiment->arm_count; arm++) {
			const struct comparison *comparison = experiment_comparison(experiment, arm, measure);
			bool bounded = isfinite(comparison->interval.high) && comparison->interval.low > 0;

			if (!has_ratio(experiment, measure, arm))
				continue;
			(*rows)++;
			range.low = fmin(range.low, bounded ? comparison->interval.low : comparison->ratio);
			range.high = fmax(range.high, bounded ? comparison->interval.high : comparison->ratio);
		}
	}
	return range;
}

static void write_ratio(const struct experiment *experiment, enum measure measure, size_t arm, double y,
    const struct axis *axis, FILE *file)
{
	const struct comparison *comparison = experiment_comparison(experiment, arm, measure);
	bool bounded = isfinite(comparison->interval.high) && comparison->interval.low > 0;
	char name[160];

	snprintf(name, sizeof(name), "%s%s%.60s", measures[measure].title, experiment->arm_count > 2 ? ", " : "",
	    experiment->arm_count > 2 ? experiment->arms[arm].name : "");
	write_text(NAME_WIDTH + 40, y + 4, "end", "name", name, file);
	if (bounded)
		fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"interval a%zu\"/>\n",
		    axis_place(axis, comparison->interval.low), y, axis_place(axis, comparison->interval.high), y,
		    arm % ARM_CLASSES);
	fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" class=\"%s a%zu\"/>\n",
	    axis_place(axis, comparison->ratio), y, bounded ? "ratio" : "ratio open", arm % ARM_CLASSES);
	write_text(WIDTH - 190, y + 4, "start", "name", experiment_verdict(experiment, arm, measure), file);
}

void plot_ratios(const struct experiment *experiment, FILE *file)
{
	size_t rows, row = 0;
	struct range range = range_of_ratios(experiment, &rows);
	struct axis axis = axis_of_ratios(range.low, range.high, NAME_WIDTH + 55, WIDTH - 210);
	double bottom = rows * 24 + 6;

	begin(bottom + FOOT, "ratio to the first arm with interval", "all figures", file);
	write_x_axis(
	    &axis, 1, 0, bottom, "ratio to the first arm, with its 95 % interval (hollow: too few runs for one)", file);
	line(axis_place(&axis, 1), 0, axis_place(&axis, 1), bottom, "one", file);
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		for (size_t arm = 1; arm < experiment->arm_count; arm++)
			if (has_ratio(experiment, measure, arm))
				write_ratio(experiment, measure, arm, 16 + 24 * row++, &axis, file);
	fputs("</svg>\n", file);
}
