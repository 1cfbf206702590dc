// SPDX-License-Identifier: MIT
/* One JSON object, schema hakmem-misses/1: field names are a public interface (docs/misses.md). Unmeasured is null. */
#include "output/misses_output.h"

#include "output/json_value.h"

#define SCHEMA "hakmem-misses/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

static void put_figures(json_t **object, const uint64_t figures[MISS_FIGURES])
{
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++)
		json_value_put(object, miss_figure_name(figure), json_value_count(figures[figure]));
}

static json_t *row(const struct miss_row *row)
{
	json_t *object =
	    json_pack("{s:s, s:o}", "region", region_name(row->region), "detail", json_value_string(row->detail));

	put_figures(&object, row->figures);
	return object;
}

static json_t *event(const struct miss_event *event)
{
	json_t *rows = json_array(), *totals = json_object();

	for (size_t i = 0; i < event->row_count; i++)
		json_value_append(&rows, row(&event->rows[i]));
	put_figures(&totals, event->totals);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "event", json_value_string(event->name),
	    "encoding", json_value_string(event->encoding), "period", json_value_count(event->period), "lost",
	    json_value_count(event->lost), "aside", json_value_count(event->aside), "unsure",
	    json_value_count(event->unsure), "totals", totals, "regions", rows);
}

int misses_json(const struct misses *misses, FILE *file)
{
	json_t *events = json_array(), *object;
	bool killed = misses->exit_signal || misses->stopped;

	for (size_t i = 0; i < misses->event_count; i++)
		json_value_append(&events, event(&misses->events[i]));
	object = json_pack("{s:s, s:o, s:b, s:b, s:{s:o, s:o}, s:o, s:{s:o}, s:o, s:o}", "schema", SCHEMA, "command",
	    json_value_strings(misses->command), "modelled", misses->modelled, "stopped", misses->stopped, "exit",
	    "code", killed ? json_null() : json_integer(misses->exit_code), "signal",
	    misses->exit_signal ? json_integer(misses->exit_signal) : json_null(), "wall_ns",
	    json_value_count(misses->wall_ns), "kernel", "release", json_value_string(misses->release), "limits",
	    json_value_strings(misses->limits), "events", events);
	return json_value_write(object, file);
}
