// SPDX-License-Identifier: MIT
/* Collect, subtract what has been reported, write. */
#include "command/series.h"

#include <stdlib.h>

#include "command/complain.h"
#include "command/watch.h"
#include "trace/collect.h"

int series_start(struct series *series, bool in_parts)
{
	series->start_ns = series->end_ns = watch_now();
	series->before = in_parts ? snapshot_new() : NULL;
	return in_parts && !series->before ? -1 : 0;
}

/* Everything counted until now. NULL after complaining. */
static struct snapshot *look(struct series *series)
{
	struct snapshot *snapshot = snapshot_new();
	char error[TRACER_ERROR] = "out of memory";

	if (!snapshot || series->describe(series->context, snapshot) || collect(series->tracer, snapshot, error)) {
		complain("%s", error);
		snapshot_free(snapshot);
		return NULL;
	}
	snapshot->in_parts = series->before != NULL;
	return snapshot;
}

static int cut_interval(struct series *series, struct snapshot *snapshot)
{
	uint64_t now = watch_now();

	snapshot_subtract(snapshot, series->before);
	snapshot->part = (struct part){
	    .number = ++series->number,
	    .first = series->number == 1,
	    .start_ns = series->end_ns - series->start_ns,
	    .end_ns = now - series->start_ns,
	};
	snapshot->wall_ns = now - series->end_ns;
	series->end_ns = now;
	if (snapshot_add(series->before, snapshot)) {
		complain("out of memory");
		return -1;
	}
	return 0;
}

static bool kept(const struct series *series)
{
	const struct view *view = series->report.view;

	return view && view->grouped && view->by == GROUP_TIME;
}

/* It is the report's until the end. */
static int keep(struct series *series, struct snapshot *snapshot)
{
	struct report *report = &series->report;
	struct snapshot **slices = reallocarray(report->slices, report->slice_count + 1, sizeof(struct snapshot *));

	if (!slices || view_filter(report->view, snapshot)) {
		complain("out of memory");
		snapshot_free(snapshot);
		return -1;
	}
	report->slices = slices;
	slices[report->slice_count++] = snapshot;
	return 0;
}

int series_interval(struct series *series)
{
	struct snapshot *snapshot = look(series);
	int result = snapshot ? cut_interval(series, snapshot) : -1;

	if (!result && kept(series))
		return keep(series, snapshot);
	if (!result)
		result = report_add(&series->report, series->output, series->output_options, snapshot);
	snapshot_free(snapshot);
	return result;
}

static int write_whole(struct series *series)
{
	struct snapshot *snapshot = look(series);
	int result = -1;

	if (snapshot) {
		snapshot->part = (struct part){.first = !series->number || kept(series), .end_ns = snapshot->wall_ns};
		result = report_write(&series->report, series->output, series->output_options, snapshot);
	}
	snapshot_free(snapshot);
	return result;
}

int series_end(struct series *series)
{
	int result = series->before ? series_interval(series) : 0;

	if (!result)
		result = write_whole(series);
	snapshot_free(series->before);
	series->before = NULL;
	for (size_t i = 0; i < series->report.slice_count; i++)
		snapshot_free(series->report.slices[i]);
	free(series->report.slices);
	series->report.slices = NULL;
	series->report.slice_count = 0;
	return result;
}
