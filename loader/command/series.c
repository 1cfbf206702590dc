// SPDX-License-Identifier: MIT
/* Collect, subtract what has been reported, write. */
#include "command/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/live.h"
#include "command/watch.h"
#include "trace/collect.h"
#include "assist/deciders.h"

int series_open(struct series *series, const struct options *options)
{
	series->output = options->output;
	series->output_options = &options->output_options;
	series->report.descriptor = -1;
	series->live = options->live;
	if (options->recording.wanted) {
		series->recorder = recorder_open(options);
		if (!series->recorder)
			return -1;
	}
	if ((options->recording.wanted || options->live) && !options->output_path)
		return 0;
	if (report_open_for(&series->report, options->output_path, options->output)) {
		series_abandon(series);
		return -1;
	}
	series->report.view = &options->view;
	return 0;
}

void series_abandon(struct series *series)
{
	report_abandon(&series->report);
	recorder_close(series->recorder);
	series->recorder = NULL;
}

int series_start(struct series *series, bool in_parts)
{
	if (series->recorder && recorder_start(series->recorder))
		return -1;
	in_parts &= !series->recorder && !series->live;
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
	int result = -1;

	if (snapshot && series->live)
		return live_slice(series->live, snapshot, watch_now() - series->start_ns);
	if (snapshot && series->recorder)
		return recorder_slice(series->recorder, snapshot, watch_now() - series->start_ns);
	if (snapshot)
		result = cut_interval(series, snapshot);
	if (!result && kept(series))
		return keep(series, snapshot);
	if (!result)
		result = report_add(&series->report, series->output, series->output_options, snapshot);
	snapshot_free(snapshot);
	return result;
}

void series_stop(struct series *series)
{
	/* The living are those that are still traced. */
	series->deciders = calloc(1, sizeof(*series->deciders));
	if (!series->deciders || deciders_collect(series->tracer, series->deciders)) {
		if (series->tracer->skeleton)
			complain("what libhakmem decided can't be read: %s", strerror(errno));
		deciders_drop(&series->deciders);
	}
	tracer_stop(series->tracer);
}

static int write_whole(struct series *series)
{
	struct snapshot *snapshot = look(series);
	int result = -1;

	if (snapshot) {
		snapshot->deciders = series->deciders;
		series->deciders = NULL;
		snapshot->part = (struct part){.first = !series->number || kept(series), .end_ns = snapshot->wall_ns};
		result = 0;
	}
	if (snapshot && series->recorder) {
		snapshot->part = (struct part){};
		result = recorder_end(series->recorder, snapshot, watch_now() - series->start_ns);
	}
	if (snapshot && series->live)
		result = live_end(series->live, snapshot, watch_now() - series->start_ns);
	if (snapshot && series->report.descriptor >= 0)
		result |= report_write(&series->report, series->output, series->output_options, snapshot);
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
	deciders_drop(&series->deciders);
	for (size_t i = 0; i < series->report.slice_count; i++)
		snapshot_free(series->report.slices[i]);
	free(series->report.slices);
	series->report.slices = NULL;
	series->report.slice_count = 0;
	recorder_close(series->recorder);
	series->recorder = NULL;
	return result;
}
