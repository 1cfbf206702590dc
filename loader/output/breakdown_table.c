/* SPDX-License-Identifier: MIT */
/*
 * A breakdown to read: what was measured and how, the answer, then one line a class with its largest functions below. A
 * class without samples has no line: its interval would begin at 0, and end where that of few samples does.
 */
#include "output/breakdown_output.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/lines.h"
#include "output/text.h"

#define MOST_FUNCTIONS 5
#define FEWEST_SAMPLES 3 /* of a function */
#define NAME_COLUMNS   39

static void write_title(const struct breakdown *breakdown, FILE *file)
{
	static const char name[] = "hakmem-trace breakdown: ";
	struct figure wall = figure_precise_duration(breakdown->runs ? breakdown->wall_ns / breakdown->runs : 0);
	char *title = lines_command(breakdown->command);
	char ending[100];
	size_t room;

	if (breakdown->exit_signal)
		snprintf(ending, sizeof(ending), "signal %d (%s) after %s", breakdown->exit_signal,
		    strsignal(breakdown->exit_signal), wall.text);
	else if (breakdown->runs == 1)
		snprintf(ending, sizeof(ending), "exit %d in %s", breakdown->exit_code, wall.text);
	else
		snprintf(
		    ending, sizeof(ending), "exit %d, %u runs of %s", breakdown->exit_code, breakdown->runs, wall.text);
	room = REPORT_COLUMNS - strlen(name) - strlen(ending) - 2;
	if (title) {
		lines_cut(title, room);
		fprintf(file, "%s%s%*s%s\n", name, title, (int)(room - text_columns(title)) + 2, "", ending);
	}
	free(title);
}

/* The share as it can be put into a sentence: "12.3 % (11.2 to 13.5)". */
static const char *share_text(struct share share, char text[48])
{
	if (isnan(share.value))
		snprintf(text, 48, "n/a");
	else if (isnan(share.low))
		snprintf(text, 48, "%.1f %%", 100 * share.value);
	else
		snprintf(text, 48, "%.1f %% (%.1f to %.1f)", 100 * share.value, 100 * share.low, 100 * share.high);
	return text;
}

static uint64_t time_of(const struct breakdown *breakdown, uint64_t samples)
{
	uint64_t each = breakdown_sample_ns(breakdown);

	return each == UNKNOWN ? UNKNOWN : samples * each;
}

static void write_method(const struct breakdown *breakdown, FILE *file)
{
	struct line line = {.file = file, .separator = " | "};
	uint64_t charged = breakdown->user_ns + breakdown->system_ns;

	line_piece(&line, "kernel %s", breakdown->kernel_release ? breakdown->kernel_release : "unknown");
	if (breakdown_sample_ns(breakdown) == UNKNOWN)
		line_piece(&line, "sampled by %s, one in %" PRIu64, breakdown->event, breakdown->period);
	else
		line_piece(&line, "sampled by %s, every %s", breakdown->event,
		    figure_precise_duration(breakdown->period).text);
	line_piece(&line, "kernel functions %s",
	    !breakdown->kernel_seen    ? "not seen"
	    : !breakdown->kernel_known ? "without names"
	    : breakdown->stacks        ? "by stack"
	                               : "by address only");
	line_end(&line);
	line_piece(&line, "    %s samples", figure_plain(breakdown->samples).text);
	if (breakdown_sample_ns(breakdown) != UNKNOWN)
		line_piece(&line, "they stand for %s of CPU time; the kernel charged %s",
		    figure_precise_duration(time_of(breakdown, breakdown->samples)).text,
		    figure_precise_duration(charged).text);
	line_piece(&line, "lost %s", figure_plain(breakdown->lost).text);
	if (isnan(breakdown->overhead))
		line_piece(&line, "own overhead n/a");
	else
		line_piece(&line, "own overhead about %.1f %%", 100 * breakdown->overhead);
	if (breakdown->throttled)
		line_piece(&line, "throttled %s times", figure_plain(breakdown->throttled).text);
	line_piece(&line, "late ones put back: %s to the return from a fault, %s from a system call",
	    figure_plain(breakdown->late_from_fault).text, figure_plain(breakdown->late_from_call).text);
	line_end(&line);
}

static void write_limits(const struct breakdown *breakdown, FILE *file)
{
	struct line line = {.file = file, .separator = " "};

	if (!breakdown->limits || !*breakdown->limits)
		return;
	line_text(&line, "limits:");
	for (char **limit = breakdown->limits; *limit; limit++)
		line_words(&line, *limit, limit[1] ? ";" : "");
	line_end(&line);
}

static void write_split(const struct breakdown *breakdown, FILE *file)
{
	struct line line = {.file = file, .separator = " "};
	struct share sampled, charged;
	bool agrees = breakdown_split_agrees(breakdown, &sampled, &charged);
	char text[48], other[48];

	line_piece(&line, "User space took %s of the CPU time.",
	    share_text(share_of(breakdown_user_samples(breakdown), breakdown->samples), text));
	if (breakdown->kernel_seen && !isnan(charged.value)) {
		line_piece(&line, "With late samples as taken: %s;", share_text(sampled, text));
		line_piece(&line, "as the kernel charged it: %s: they %s.", share_text(charged, other),
		    agrees ? "agree" : "disagree");
	}
	line_end(&line);
}

static void write_check(const struct breakdown *breakdown, FILE *file)
{
	const struct zero_check *check = &breakdown->check;
	struct line line = {.file = file, .separator = " "};
	char text[48];

	line_piece(&line, "Zeroing took %s of it by the samples",
	    breakdown->zeroing_known ? share_text(breakdown->classes[TIME_ZEROING].share, text) : "n/a");
	if (breakdown->zeroing_known && !isnan(check->sample_ns_per_page))
		line_piece(&line, "(%.0f ns a page)", check->sample_ns_per_page);
	if (!check->done) {
		line_words(&line, "and n/a by hooks:", "");
		line_words(&line, check->why_not, ".");
		line_end(&line);
		return;
	}
	line_piece(&line, "and %s%.1f %% by hooks", check->upper_bound ? "at most " : "", 100 * check->hook_share);
	if (!isnan(check->hook_ns_per_page))
		line_piece(&line, "(%.0f ns a page)", check->hook_ns_per_page);
	line_words(&line, "in a second run, traced,", "");
	line_piece(&line, "of %.2fx the CPU time:", check->cpu_ratio);
	line_piece(&line, "%s.",
	    !breakdown->zeroing_known ? "not to be compared"
	    : check->agrees           ? "they agree"
	                              : "they disagree");
	line_end(&line);
}

/* Of a long name the beginning and the end are what tells it from others. */
static void shorten(char *name)
{
	size_t length = strlen(name), head = NAME_COLUMNS / 2 - 2, tail = NAME_COLUMNS - head - 2;

	if (length != text_columns(name)) {
		lines_cut(name, NAME_COLUMNS);
	} else if (length > NAME_COLUMNS) {
		memcpy(name + head, "..", 2);
		memmove(name + head + 2, name + length - tail, tail + 1);
	}
}

static void write_row(const struct breakdown *breakdown, const char *class, const char *name, uint64_t samples,
    double percent, FILE *file)
{
	struct share share = share_of(samples, breakdown->samples);
	char *safe = text_printable(name);
	char interval[32];

	snprintf(interval, sizeof(interval), "%.1f to %.1f", 100 * share.low, 100 * share.high);
	if (safe)
		shorten(safe);
	fprintf(file, "%-16s %s%*s %9s %6.1f %14s %10s\n", class, safe ? safe : "",
	    (int)(NAME_COLUMNS - (safe ? text_columns(safe) : 0)), "",
	    figure_duration(time_of(breakdown, samples)).text, percent, interval, figure_count(samples).text);
	free(safe);
}

static void write_function(const struct breakdown *breakdown, const struct time_row *row, FILE *file)
{
	const char *function = *row->function ? row->function : "(unknown)";
	int object = strstr(row->object, ".so") ? strstr(row->object, ".so") - row->object : (int)strlen(row->object);
	char name[1024];

	/* A library's version isn't worth the room. */
	snprintf(name, sizeof(name), *row->object ? "  %s (%.*s)" : "  %s", function, object, row->object);
	write_row(breakdown, "", name, row->samples, 100.0 * row->samples / breakdown->samples, file);
}

/* The largest functions with a percent or more of all, if that is more than chance; what is left of the class is one
 * line. */
static void write_functions(const struct breakdown *breakdown, const struct time_row *rows, size_t count, FILE *file)
{
	uint64_t rest = 0;
	size_t shown = 0;
	char name[40];

	while (shown < count && shown < MOST_FUNCTIONS && rows[shown].samples >= FEWEST_SAMPLES &&
	       rows[shown].samples * 100 >= breakdown->samples)
		shown++;
	if (!shown)
		return;
	if (shown + 1 == count)
		shown++;
	for (size_t i = 0; i < shown; i++)
		write_function(breakdown, &rows[i], file);
	for (size_t i = shown; i < count; i++)
		rest += rows[i].samples;
	snprintf(name, sizeof(name), "  (%zu others)", count - shown);
	if (shown < count)
		write_row(breakdown, "", name, rest, 100.0 * rest / breakdown->samples, file);
}

static void write_class(const struct breakdown *breakdown, enum time_class class, FILE *file)
{
	size_t first = 0, count = 0;

	while (first < breakdown->row_count && breakdown->rows[first].class != class)
		first++;
	while (first + count < breakdown->row_count && breakdown->rows[first + count].class == class)
		count++;
	write_row(breakdown, time_class_name(class), time_class_description(class), breakdown->classes[class].samples,
	    breakdown->classes[class].permille / 10.0, file);
	write_functions(breakdown, breakdown->rows + first, count, file);
}

static void write_classes(const struct breakdown *breakdown, FILE *file)
{
	bool written[TIME_CLASS_COUNT] = {false};

	fprintf(file, "%-16s %-*s %9s %6s %14s %10s\n", "CLASS", NAME_COLUMNS, "FUNCTION", "TIME", "%", "95 % INTERVAL",
	    "SAMPLES");
	for (;;) {
		enum time_class most = TIME_CLASS_COUNT;

		for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
			if (!written[class] && breakdown->classes[class].samples &&
			    (most == TIME_CLASS_COUNT ||
			        breakdown->classes[class].samples > breakdown->classes[most].samples))
				most = class;
		if (most == TIME_CLASS_COUNT)
			return;
		written[most] = true;
		write_class(breakdown, most, file);
	}
}

int breakdown_table(const struct breakdown *breakdown, FILE *file)
{
	write_title(breakdown, file);
	write_method(breakdown, file);
	write_limits(breakdown, file);
	if (breakdown->samples) {
		fputc('\n', file);
		write_split(breakdown, file);
		write_check(breakdown, file);
		fputc('\n', file);
		write_classes(breakdown, file);
	}
	return ferror(file) || fflush(file) ? -1 : 0;
}
