// SPDX-License-Identifier: MIT
/* See live_recording.h. */
#include "command/live_recording.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "recording/run_read.h"

bool live_is_recording(char *const *command)
{
	FILE *file;
	bool is;

	if (!command || !command[0] || command[1])
		return false;
	file = fopen(command[0], "re");
	is = file && database_begins(file);
	if (file)
		fclose(file);
	return is;
}

static int unreadable(const char *path, const char *error)
{
	complain("can't read %s: %s", path, error);
	return -1;
}

static int put_slice(struct run_reader *reader, const struct recorded_run *run, struct history *history,
    const struct part *part, char error[DATABASE_ERROR])
{
	struct run_period period = {part->start_ns, part->end_ns};
	struct snapshot *slice = run_reader_read(reader, run, &period, error);

	if (slice && !history_put_slice(history, slice, part->start_ns, part->end_ns))
		return 0;
	if (slice)
		snprintf(error, DATABASE_ERROR, "out of memory");
	return -1;
}

static int fill(
    struct run_reader *reader, const struct recorded_run *run, struct history *history, char error[DATABASE_ERROR])
{
	struct run_period all = {.to_ns = UNKNOWN};
	size_t count;
	struct part *parts = run_reader_slices(reader, run, &all, &count, error);
	struct snapshot *whole = NULL;
	int result = parts ? 0 : -1;

	for (size_t i = 0; i < count && !result; i++)
		result = put_slice(reader, run, history, &parts[i], error);
	free(parts);
	if (!result)
		whole = run_reader_read(reader, run, &all, error);
	if (!whole)
		return -1;
	if (history_put_whole(history, whole, run->end_ns)) {
		snprintf(error, DATABASE_ERROR, "out of memory");
		return -1;
	}
	history_end(history);
	return 0;
}

static int show(struct live *live, const struct options *options)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct watch watch;

	signal(SIGPIPE, SIG_IGN);
	if (watch_open(&watch, signals, sizeof(signals) / sizeof(signals[0]))) {
		complain("can't take signals: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (live->view->start(live) || live_confine(live, options))
		return EXIT_FAILED;
	live->view->ended(live);
	live_stay(live, &watch);
	return 0;
}

int live_show_recording(struct live *live, struct options *options)
{
	const char *path = options->command[0];
	char error[DATABASE_ERROR];
	struct run_reader *reader = run_reader_open(path, error);
	const struct recorded_run *runs, *run;
	size_t count;
	int failed;

	if (options->output_path) {
		complain("-o is for what is traced: hakmem-trace report writes reports of recordings");
		run_reader_close(reader);
		return EXIT_USAGE;
	}
	if (!reader)
		return unreadable(path, error), EXIT_FAILED;
	runs = run_reader_runs(reader, &count);
	run = &runs[count - 1];
	options->interval_ns = run->slice_ns;
	failed = live_open(live, options);
	live->began = run->began;
	if (!failed && !run->ended)
		complain("%s has no end: it is still being recorded, or its recorder was killed after %.1f s", path,
		    run->end_ns / 1e9);
	if (!failed && fill(reader, run, live->history, error))
		failed = unreadable(path, error);
	run_reader_close(reader);
	return failed ? EXIT_FAILED : show(live, options);
}
