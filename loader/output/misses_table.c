// SPDX-License-Identifier: MIT
/*
 * The report to read: what was sampled or modelled and how, then a table an event: one line a region with its details
 * below, largest first. What is unmeasured is "n/a", a true zero "-".
 */
#include "output/misses_output.h"

#include <stdlib.h>
#include <string.h>

#include "output/text.h"

#define DETAIL_COLUMNS 17
#define MOST_DETAILS   8
#define LINE           100

struct column {
	const char *title;
	int width;
	enum miss_figure figure;
	enum {
		AS_COUNT,
		AS_SHARE,    /* of all rows' */
		AS_THOUSAND, /* of a thousand accesses of the row of which it is told */
	} as;
};

static const struct column tlb_columns[] = {
    {"ACCESSES", 13, MISS_ACCESSES, AS_COUNT},
    {"%", 6, MISS_ACCESSES, AS_SHARE},
    {"L1 MISSES", 12, MISS_TLB_FIRST, AS_COUNT},
    {"/1000", 6, MISS_TLB_FIRST, AS_THOUSAND},
    {"PAGE WALKS", 12, MISS_TLB_LAST, AS_COUNT},
    {"%", 6, MISS_TLB_LAST, AS_SHARE},
    {"/1000", 6, MISS_TLB_LAST, AS_THOUSAND},
    {},
};

static const struct column cache_columns[] = {
    {"ACCESSES", 13, MISS_ACCESSES, AS_COUNT},
    {"%", 6, MISS_ACCESSES, AS_SHARE},
    {"L1D MISSES", 12, MISS_CACHE_FIRST, AS_COUNT},
    {"%", 6, MISS_CACHE_FIRST, AS_SHARE},
    {"/1000", 6, MISS_CACHE_FIRST, AS_THOUSAND},
    {"MEMORY", 12, MISS_CACHE_LAST, AS_COUNT},
    {},
};

/* The rows of one region, which misses_finish() has put together. */
struct group {
	const struct miss_row *rows;
	size_t count;
	uint64_t figures[MISS_FIGURES];
};

static struct figure cell(const struct column *column, const uint64_t *figures, const uint64_t *totals)
{
	uint64_t value = figures[column->figure];
	struct figure figure = {"n/a"};

	if (column->as == AS_COUNT)
		return figure_count(value);
	if (column->as == AS_SHARE)
		return totals[column->figure] ? figure_share(value, totals[column->figure]) : figure_count(value);
	if (value != UNKNOWN && figures[column->figure - 1])
		snprintf(figure.text, sizeof(figure.text), "%.1f",
		    1000.0 * (double)value / (double)figures[column->figure - 1]);
	return value ? figure : (struct figure){"-"};
}

static void write_row(const char *region, const char *detail, const struct column *columns, const uint64_t *figures,
    const uint64_t *totals, FILE *file)
{
	char *safe = text_printable(detail);
	size_t wide = safe ? text_columns(safe) : 0;

	/* Names of files may be long: those of them that don't fit push their line's figures to the right. */
	fprintf(file, "%-10s %s%*s", region, safe ? safe : "", wide < DETAIL_COLUMNS ? (int)(DETAIL_COLUMNS - wide) : 0,
	    "");
	free(safe);
	for (; columns->title; columns++)
		fprintf(file, " %*s", columns->width, cell(columns, figures, totals).text);
	fputc('\n', file);
}

static uint64_t known(uint64_t figure)
{
	return figure == UNKNOWN ? 0 : figure;
}

/* What rows are ordered by, and what makes a row large enough for a line of its own. */
static enum miss_figure key_of(const struct miss_event *event)
{
	return known(event->totals[MISS_TLB_LAST]) ? MISS_TLB_LAST : MISS_ACCESSES;
}

static bool is_percent(const struct miss_row *row, const struct miss_event *event)
{
	enum miss_figure key = key_of(event);

	return known(row->figures[key]) && known(row->figures[key]) >= known(event->totals[key]) / 100;
}

static void add(uint64_t into[MISS_FIGURES], const uint64_t from[MISS_FIGURES])
{
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++) {
		if (from[figure] == UNKNOWN)
			continue;
		into[figure] = known(into[figure]) + from[figure];
	}
}

static void write_group(
    const struct group *group, const struct miss_event *event, const struct column *columns, FILE *file)
{
	uint64_t rest[MISS_FIGURES];
	char words[40] = "";
	size_t shown = 0;

	while (shown < group->count && shown < MOST_DETAILS && is_percent(&group->rows[shown], event))
		shown++;
	shown += shown + 1 == group->count;
	if (!shown)
		snprintf(words, sizeof(words), "(%zu kinds)", group->count);
	write_row(region_name(group->rows[0].region), group->count == 1 ? group->rows[0].detail : words, columns,
	    group->figures, event->totals, file);
	if (group->count == 1 || !shown)
		return;
	for (size_t i = 0; i < shown; i++)
		write_row("", group->rows[i].detail, columns, group->rows[i].figures, event->totals, file);
	if (shown == group->count)
		return;
	memset(rest, 0xff, sizeof(rest)); /* UNKNOWN */
	for (size_t i = shown; i < group->count; i++)
		add(rest, group->rows[i].figures);
	snprintf(words, sizeof(words), "(%zu others)", group->count - shown);
	write_row("", words, columns, rest, event->totals, file);
}

/* Most of the key figure first. qsort's comparison can't be told which that is, so both stand in its arguments' tail.
 */
static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	uint64_t first = known(a->figures[MISS_TLB_LAST]), second = known(b->figures[MISS_TLB_LAST]);

	if (first == second) {
		first = a->figures[MISS_ACCESSES];
		second = b->figures[MISS_ACCESSES];
	}
	if (first != second)
		return first < second ? 1 : -1;
	return (int)a->rows->region - (int)b->rows->region;
}

static void write_rows(const struct miss_event *event, const struct column *columns, FILE *file)
{
	struct group groups[REGION_COUNT];
	size_t count = 0, next;

	fprintf(file, "%-10s %-*s", "REGION", DETAIL_COLUMNS, "DETAIL");
	for (const struct column *column = columns; column->title; column++)
		fprintf(file, " %*s", column->width, column->title);
	fputc('\n', file);
	for (size_t first = 0; first < event->row_count && count < REGION_COUNT; first = next) {
		enum region region = event->rows[first].region;

		for (next = first + 1; next < event->row_count && event->rows[next].region == region; next++)
			;
		groups[count] = (struct group){.rows = &event->rows[first], .count = next - first};
		miss_event_sum(event, region, false, groups[count++].figures);
	}
	qsort(groups, count, sizeof(groups[0]), compare_groups);
	for (size_t i = 0; i < count; i++)
		write_group(&groups[i], event, columns, file);
	write_row("all", "", columns, event->totals, event->totals, file);
}

static void write_event(const struct misses *misses, const struct miss_event *event, FILE *file)
{
	uint64_t accesses = event->totals[MISS_ACCESSES];

	if (misses->modelled)
		fprintf(file, "\n%s (MODEL): %s accesses", event->name, figure_plain(accesses).text);
	else
		fprintf(file, "\n%s: %s samples, one every %s", event->name, figure_plain(accesses).text,
		    figure_plain(event->period).text);
	if (!misses->modelled)
		fprintf(file, " | no load or store %s", figure_plain(event->aside).text);
	fprintf(file, " | lost %s | unsure %s\n", figure_plain(event->lost).text, figure_plain(event->unsure).text);
	if (!accesses)
		return;
	write_rows(event, tlb_columns, file);
	if (known(event->totals[MISS_CACHE_FIRST_TOLD])) {
		fputc('\n', file);
		write_rows(event, cache_columns, file);
	}
}

/* Words in lines of at most LINE columns, those after the first indented. */
static void write_wrapped(const char *head, const char *words, FILE *file)
{
	size_t column = fprintf(file, "%s", head);
	char *safe = text_printable(words), *rest = safe;

	for (char *word; rest && (word = strsep(&rest, " "));) {
		if (column + 1 + text_columns(word) > LINE) {
			fputs("\n       ", file);
			column = 7;
		}
		column += fprintf(file, " %s", word);
	}
	fputc('\n', file);
	free(safe);
}

static void write_head(const struct misses *misses, FILE *file)
{
	fputs("hakmem-trace misses:", file);
	for (char **word = misses->command; word && *word; word++) {
		char *safe = text_printable(*word);

		fprintf(file, " %s", safe ? safe : "");
		free(safe);
	}
	if (misses->stopped)
		fprintf(file, "    stopped after %s\n", figure_precise_duration(misses->wall_ns).text);
	else if (misses->exit_signal)
		fprintf(file, "    signal %d after %s\n", misses->exit_signal,
		    figure_precise_duration(misses->wall_ns).text);
	else
		fprintf(file, "    exit %d in %s\n", misses->exit_code, figure_precise_duration(misses->wall_ns).text);
	fprintf(file, "kernel %s\n", misses->release ? misses->release : "unknown");
	for (size_t i = 0; i < misses->event_count; i++)
		write_wrapped(
		    misses->modelled ? "MODEL, not a measurement:" : "sampled:", misses->events[i].encoding, file);
}

int misses_table(const struct misses *misses, FILE *file)
{
	write_head(misses, file);
	for (char **limit = misses->limits; limit && *limit; limit++)
		write_wrapped("limit:", *limit, file);
	for (size_t i = 0; i < misses->event_count; i++)
		write_event(misses, &misses->events[i], file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
