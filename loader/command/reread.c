// SPDX-License-Identifier: MIT
/* hakmem-trace report: what was recorded, printed again. */
#include "command/reread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/report.h"
#include "recording/json_in.h"

static int unreadable(const struct reread_options *options, const char *error)
{
	complain("can't read %s: %s", options->path, error);
	return EXIT_FAILED;
}

/* -1: it is; else the status, after complaining. json: it begins as JSON does. */
static int check_file(const struct reread_options *options, bool *json)
{
	FILE *file = fopen(options->path, "re");
	struct stat status;
	int first;

	if (!file)
		return unreadable(options, strerror(errno));
	if (fstat(fileno(file), &status) || !S_ISREG(status.st_mode)) {
		fclose(file);
		return unreadable(options, "it is no file");
	}
	do
		first = fgetc(file);
	while (first == ' ' || first == '\n' || first == '\t' || first == '\r');
	*json = first == '{';
	fclose(file);
	return -1;
}

/* What there is to say of a run whose end was not recorded. */
static void remark(const struct reread_options *options, const struct recorded_run *run)
{
	if (!run->ended)
		complain("%s has no end: it is still being recorded, or its recorder was killed after %.1f s",
		    options->path, run->end_ns / 1e9);
}

static struct snapshot *read_part(struct run_reader *reader, const struct reread_options *options,
    const struct recorded_run *run, const struct run_period *period)
{
	char error[DATABASE_ERROR];
	struct snapshot *snapshot = run_reader_read(reader, run, period, error);

	if (!snapshot)
		unreadable(options, error);
	return snapshot;
}

static bool rows_by_time(const struct reread_options *options)
{
	return options->view.grouped && options->view.by == GROUP_TIME;
}

/* It is the report's until the end. 0, or -1 after complaining. */
static int keep(struct report *report, struct snapshot *slice)
{
	struct snapshot **slices = reallocarray(report->slices, report->slice_count + 1, sizeof(struct snapshot *));

	if (slices)
		report->slices = slices;
	if (!slices || view_filter(report->view, slice)) {
		complain("out of memory");
		snapshot_free(slice);
		return -1;
	}
	slices[report->slice_count++] = slice;
	return 0;
}

/* Slice by slice, for what shows what happens over time. 0, or -1 after complaining. */
static int add_slice(struct run_reader *reader, const struct reread_options *options, const struct recorded_run *run,
    struct report *report, const struct part *part)
{
	struct run_period period = {part->start_ns, part->end_ns};
	struct snapshot *snapshot = read_part(reader, options, run, &period);
	int result;

	if (!snapshot)
		return -1;
	snapshot->part = *part;
	if (rows_by_time(options))
		return keep(report, snapshot);
	result = report_add(report, options->output, &options->output_options, snapshot);
	snapshot_free(snapshot);
	return result;
}

static int add_slices(struct run_reader *reader, const struct reread_options *options, const struct recorded_run *run,
    struct report *report)
{
	char error[DATABASE_ERROR];
	size_t count;
	struct part *parts = run_reader_slices(reader, run, &options->period, &count, error);
	int result = 0;

	if (!parts) {
		unreadable(options, error);
		return -1;
	}
	for (size_t i = 0; i < count && !result; i++)
		result = add_slice(reader, options, run, report, &parts[i]);
	free(parts);
	return result;
}

static void free_slices(struct report *report)
{
	for (size_t i = 0; i < report->slice_count; i++)
		snapshot_free(report->slices[i]);
	free(report->slices);
}

/* The snapshot is of all that is to be read. */
static int write_whole(struct run_reader *reader, const struct reread_options *options, const struct recorded_run *run,
    struct snapshot *snapshot)
{
	bool over_time = options->output->parts == PARTS_WANTED;
	struct report report;
	int result = 0;

	if (report_open_for(&report, options->output_path, options->output))
		return -1;
	report.view = &options->view;
	if (over_time || rows_by_time(options))
		result = add_slices(reader, options, run, &report);
	if (over_time) {
		snapshot->in_parts = true;
		snapshot->part.number = 0;
		snapshot->part.first = false;
	}
	if (!result)
		result = report_write(&report, options->output, &options->output_options, snapshot);
	if (result)
		report_abandon(&report);
	free_slices(&report);
	return result;
}

static int write_run(struct run_reader *reader, struct reread_options *options, const struct recorded_run *run)
{
	char error[DATABASE_ERROR];
	struct snapshot *snapshot;
	int result;

	if (run_reader_fit(reader, run, &options->period, error))
		return unreadable(options, error);
	snapshot = read_part(reader, options, run, &options->period);
	result = snapshot ? write_whole(reader, options, run, snapshot) : -1;
	snapshot_free(snapshot);
	return result ? EXIT_FAILED : 0;
}

static int write_list(struct run_reader *reader, const struct reread_options *options)
{
	struct run_period all = {.to_ns = UNKNOWN};
	size_t count;
	const struct recorded_run *runs = run_reader_runs(reader, &count);

	for (size_t i = 0; i < count; i++) {
		time_t began = runs[i].began;
		struct tm time;
		char text[32] = "?";
		struct snapshot *snapshot = read_part(reader, options, &runs[i], &all);

		if (!snapshot)
			return EXIT_FAILED;
		if (localtime_r(&began, &time))
			strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &time);
		printf("run %zu, %s: %.1f s in %zu slices%s, %" PRIu64 " faults: %s\n", i + 1, text,
		    runs[i].end_ns / 1e9, runs[i].slices, runs[i].ended ? "" : " (no end)",
		    snapshot->totals.counts.faults, snapshot->command ? snapshot->command[0] : "attached");
		snapshot_free(snapshot);
	}
	return 0;
}

static int read_recording(struct reread_options *options)
{
	char error[DATABASE_ERROR];
	struct run_reader *reader = run_reader_open(options->path, error);
	const struct recorded_run *runs;
	size_t count;
	int status;

	if (!reader)
		return unreadable(options, error);
	runs = run_reader_runs(reader, &count);
	if (options->lists) {
		status = write_list(reader, options);
	} else if (options->run > count) {
		complain("%s has %zu run%s: there is no run %" PRIu32, options->path, count, count > 1 ? "s" : "",
		    options->run);
		status = EXIT_FAILED;
	} else {
		const struct recorded_run *run = &runs[(options->run ? options->run : count) - 1];

		status = write_run(reader, options, run);
		if (!status)
			remark(options, run);
	}
	run_reader_close(reader);
	return status;
}

static int read_json(const struct reread_options *options)
{
	FILE *file = fopen(options->path, "re");
	char error[JSON_IN_ERROR];
	struct snapshot *snapshot;
	struct report report;
	int result = -1;

	if (options->lists || options->run || options->period.from_ns || options->period.to_ns != UNKNOWN ||
	    options->output->parts == PARTS_WANTED) {
		complain(
		    "%s is a report: what it takes a recording for (--from, --to, --run, --list, formats over time) "
		    "is not in it",
		    options->path);
		if (file)
			fclose(file);
		return EXIT_USAGE;
	}
	if (!file)
		return unreadable(options, strerror(errno));
	snapshot = json_in_read(file, error);
	fclose(file);
	if (!snapshot)
		return unreadable(options, error);
	if (!report_open_for(&report, options->output_path, options->output)) {
		report.view = &options->view;
		result = report_write(&report, options->output, &options->output_options, snapshot);
		if (result)
			report_abandon(&report);
	}
	snapshot_free(snapshot);
	return result ? EXIT_FAILED : 0;
}

int command_report(int count, char **arguments)
{
	struct reread_options options;
	bool json = false;
	int status = reread_options_parse(count, arguments, &options);

	if (status < 0)
		status = check_file(&options, &json);
	if (status >= 0)
		return status;
	return json ? read_json(&options) : read_recording(&options);
}
