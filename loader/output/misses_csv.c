// SPDX-License-Identifier: MIT
/* One line a row, then the total of each event; what is unmeasured stays empty. docs/misses.md has the columns. */
#include "output/misses_output.h"

#include <inttypes.h>

#include "output/csv_value.h"

static void write_line(const char *record, const struct miss_event *event, const char *region, const char *detail,
    const uint64_t figures[MISS_FIGURES], FILE *file)
{
	fprintf(file, "%s,", record);
	csv_value_string(event->name, file);
	fprintf(file, ",%s,", region);
	csv_value_string(detail, file);
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++) {
		fputc(',', file);
		if (figures[figure] != UNKNOWN)
			fprintf(file, "%" PRIu64, figures[figure]);
	}
}

int misses_csv(const struct misses *misses, FILE *file)
{
	fputs("record,event,region,detail", file);
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++)
		fprintf(file, ",%s", miss_figure_name(figure));
	fputs(",period,lost,aside,unsure\n", file);
	for (size_t i = 0; i < misses->event_count; i++) {
		const struct miss_event *event = &misses->events[i];

		for (size_t row = 0; row < event->row_count; row++) {
			write_line("region", event, region_name(event->rows[row].region), event->rows[row].detail,
			    event->rows[row].figures, file);
			fputs(",,,,\n", file);
		}
		write_line(misses->modelled ? "model" : "total", event, "", "", event->totals, file);
		fprintf(file, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", event->period, event->lost,
		    event->aside, event->unsure);
	}
	return ferror(file) || fflush(file) ? -1 : 0;
}
