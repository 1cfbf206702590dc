// SPDX-License-Identifier: MIT
#include "snapshot/misses.h"

#include <stdlib.h>
#include <string.h>

const char *miss_figure_name(enum miss_figure figure)
{
	static const char *const names[MISS_FIGURES] = {
	    [MISS_ACCESSES] = "accesses",
	    [MISS_TLB_FIRST_TOLD] = "tlb_first_level_told",
	    [MISS_TLB_FIRST] = "tlb_first_level_misses",
	    [MISS_TLB_LAST_TOLD] = "page_walks_told",
	    [MISS_TLB_LAST] = "page_walks",
	    [MISS_CACHE_FIRST_TOLD] = "cache_first_level_told",
	    [MISS_CACHE_FIRST] = "cache_first_level_misses",
	    [MISS_CACHE_LAST_TOLD] = "from_memory_told",
	    [MISS_CACHE_LAST] = "from_memory",
	    [MISS_LATENCY_TOLD] = "latency_told",
	    [MISS_LATENCY] = "latency_cycles",
	};

	return names[figure];
}

struct misses *misses_new(void)
{
	return calloc(1, sizeof(struct misses));
}

static void free_strings(char **strings)
{
	for (char **string = strings; string && *string; string++)
		free(*string);
	free(strings);
}

void misses_free(struct misses *misses)
{
	if (!misses)
		return;
	for (size_t i = 0; i < misses->event_count; i++) {
		struct miss_event *event = &misses->events[i];

		for (size_t row = 0; row < event->row_count; row++)
			free(event->rows[row].detail);
		free(event->rows);
		free(event->name);
		free(event->encoding);
	}
	free(misses->events);
	free_strings(misses->command);
	free_strings(misses->limits);
	free(misses->release);
	free(misses);
}

struct miss_event *misses_event(struct misses *misses, const char *name, const char *encoding, uint64_t period)
{
	struct miss_event *events = reallocarray(misses->events, misses->event_count + 1, sizeof(*events));
	struct miss_event *event;

	if (!events)
		return NULL;
	misses->events = events;
	event = &events[misses->event_count];
	*event = (struct miss_event){.name = strdup(name), .encoding = strdup(encoding), .period = period};
	if (!event->name || !event->encoding) {
		free(event->name);
		free(event->encoding);
		return NULL;
	}
	misses->event_count++;
	return event;
}

int misses_command(struct misses *misses, char *const *command)
{
	size_t count = 0;

	while (command[count])
		count++;
	misses->command = calloc(count + 1, sizeof(*misses->command));
	for (size_t i = 0; misses->command && i < count; i++) {
		misses->command[i] = strdup(command[i]);
		if (!misses->command[i])
			return -1;
	}
	return misses->command ? 0 : -1;
}

int misses_limit(struct misses *misses, const char *words)
{
	size_t count = 0;
	char **limits;

	while (misses->limits && misses->limits[count])
		count++;
	limits = reallocarray(misses->limits, count + 2, sizeof(*limits));
	if (!limits)
		return -1;
	misses->limits = limits;
	limits[count] = strdup(words);
	limits[count + 1] = NULL;
	return limits[count] ? 0 : -1;
}

size_t miss_event_row(struct miss_event *event, enum region region, const char *detail)
{
	struct miss_row *rows;

	for (size_t i = 0; i < event->row_count; i++)
		if (event->rows[i].region == region && !strcmp(event->rows[i].detail, detail))
			return i;
	rows = reallocarray(event->rows, event->row_count + 1, sizeof(*rows));
	if (!rows)
		return SIZE_MAX;
	event->rows = rows;
	rows[event->row_count] = (struct miss_row){.region = region, .detail = strdup(detail)};
	return rows[event->row_count].detail ? event->row_count++ : SIZE_MAX;
}

bool miss_row_in_superslab(const struct miss_row *row)
{
	return row->region == REGION_ALLOCATOR &&
	       (!strncmp(row->detail, "class ", strlen("class ")) || !strcmp(row->detail, "medium") ||
	           !strcmp(row->detail, "superslab"));
}

static void hide_untold(uint64_t figures[MISS_FIGURES])
{
	for (enum miss_figure told = MISS_TLB_FIRST_TOLD; told < MISS_FIGURES; told += 2)
		if (figures[MISS_ACCESSES] && !figures[told])
			figures[told + 1] = UNKNOWN;
}

static void add(uint64_t into[MISS_FIGURES], const uint64_t from[MISS_FIGURES])
{
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++)
		if (from[figure] != UNKNOWN)
			into[figure] += from[figure];
}

void miss_event_sum(const struct miss_event *event, enum region region, bool superslabs, uint64_t figures[MISS_FIGURES])
{
	memset(figures, 0, MISS_FIGURES * sizeof(figures[0]));
	for (size_t i = 0; i < event->row_count; i++)
		if (event->rows[i].region == region && (!superslabs || miss_row_in_superslab(&event->rows[i])))
			add(figures, event->rows[i].figures);
	hide_untold(figures);
}

static uint64_t weight(uint64_t figure)
{
	return figure == UNKNOWN ? 0 : figure;
}

static int compare(const void *left, const void *right)
{
	static const enum miss_figure keys[] = {MISS_TLB_LAST, MISS_TLB_FIRST, MISS_ACCESSES};
	const struct miss_row *a = left, *b = right;

	if (a->region != b->region)
		return (int)a->region - (int)b->region;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		uint64_t first = weight(a->figures[keys[i]]), second = weight(b->figures[keys[i]]);

		if (first != second)
			return first < second ? 1 : -1;
	}
	return strcmp(a->detail, b->detail);
}

static void drop_empty(struct miss_event *event)
{
	size_t kept = 0;

	for (size_t i = 0; i < event->row_count; i++) {
		if (event->rows[i].figures[MISS_ACCESSES])
			event->rows[kept++] = event->rows[i];
		else
			free(event->rows[i].detail);
	}
	event->row_count = kept;
}

void misses_finish(struct misses *misses)
{
	for (size_t i = 0; i < misses->event_count; i++) {
		struct miss_event *event = &misses->events[i];

		drop_empty(event);
		memset(event->totals, 0, sizeof(event->totals));
		for (size_t row = 0; row < event->row_count; row++) {
			add(event->totals, event->rows[row].figures);
			hide_untold(event->rows[row].figures);
		}
		hide_untold(event->totals);
		if (event->row_count)
			qsort(event->rows, event->row_count, sizeof(event->rows[0]), compare);
	}
}
