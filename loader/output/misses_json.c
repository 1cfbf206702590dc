// SPDX-License-Identifier: MIT
/* One JSON object, schema hakmem-misses/1: field names are a public interface (docs/misses.md). Unmeasured is null. */
#include "output/misses_output.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "output/text.h"

#define SCHEMA "hakmem-misses/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

static json_t *number(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer((json_int_t)value);
}

static json_t *string(const char *text)
{
	char *valid = text ? text_valid_utf8(text) : NULL;
	json_t *value = valid ? json_string(valid) : NULL;

	free(valid);
	return text ? value : json_null();
}

static json_t *strings(char **texts)
{
	json_t *array = json_array();

	for (; texts && *texts; texts++)
		json_array_append_new(array, string(*texts));
	return array;
}

static void put_figures(json_t *object, const uint64_t figures[MISS_FIGURES])
{
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++)
		json_object_set_new(object, miss_figure_name(figure), number(figures[figure]));
}

static json_t *row(const struct miss_row *row)
{
	json_t *object = json_pack("{s:s, s:o}", "region", region_name(row->region), "detail", string(row->detail));

	put_figures(object, row->figures);
	return object;
}

static json_t *event(const struct miss_event *event)
{
	json_t *rows = json_array(), *totals = json_object();

	for (size_t i = 0; i < event->row_count; i++)
		json_array_append_new(rows, row(&event->rows[i]));
	put_figures(totals, event->totals);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "event", string(event->name), "encoding",
	    string(event->encoding), "period", number(event->period), "lost", number(event->lost), "aside",
	    number(event->aside), "unsure", number(event->unsure), "totals", totals, "regions", rows);
}

int misses_json(const struct misses *misses, FILE *file)
{
	json_t *events = json_array(), *object;
	bool killed = misses->exit_signal || misses->stopped;
	int failed;

	for (size_t i = 0; i < misses->event_count; i++)
		json_array_append_new(events, event(&misses->events[i]));
	object = json_pack("{s:s, s:o, s:b, s:b, s:{s:o, s:o}, s:o, s:{s:o}, s:o, s:o}", "schema", SCHEMA, "command",
	    strings(misses->command), "modelled", misses->modelled, "stopped", misses->stopped, "exit", "code",
	    killed ? json_null() : json_integer(misses->exit_code), "signal",
	    misses->exit_signal ? json_integer(misses->exit_signal) : json_null(), "wall_ns", number(misses->wall_ns),
	    "kernel", "release", string(misses->release), "limits", strings(misses->limits), "events", events);
	if (!object) {
		errno = ENOMEM;
		return -1;
	}
	failed = json_dumpf(object, file, JSON_INDENT(2)) || fputc('\n', file) == EOF;
	json_decref(object);
	return failed || fflush(file) ? -1 : 0;
}
