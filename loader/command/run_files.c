// SPDX-License-Identifier: MIT
#include "command/run_files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "recording/json_in.h"
#include "recording/run_read.h"

/* The list's from here on. */
static int add(struct run_list *list, struct snapshot *run)
{
	struct snapshot **runs = reallocarray(list->runs, list->count + 1, sizeof(struct snapshot *));

	if (!runs) {
		complain("out of memory");
		snapshot_free(run);
		return -1;
	}
	list->runs = runs;
	runs[list->count++] = run;
	return 0;
}

static int read_report(const char *path, FILE *file, struct run_list *into)
{
	char error[JSON_IN_ERROR];
	struct snapshot *run = json_in_read(file, error);

	if (run)
		return add(into, run);
	complain("can't read %s: %s", path, error);
	return -1;
}

/* Every run of it. */
static int read_runs(const char *path, struct run_reader *reader, struct run_list *into)
{
	const struct run_period all = {.to_ns = UNKNOWN};
	size_t count;
	const struct recorded_run *runs = run_reader_runs(reader, &count);

	for (size_t i = 0; i < count; i++) {
		char error[DATABASE_ERROR];
		struct snapshot *run = run_reader_read(reader, &runs[i], &all, error);

		if (!run) {
			complain("can't read %s: %s", path, error);
			return -1;
		}
		if (add(into, run))
			return -1;
		if (!runs[i].ended)
			complain("run %zu of %s has no end: it counts up to %.1f s", i + 1, path, runs[i].end_ns / 1e9);
	}
	return 0;
}

static int read_recording(const char *path, struct run_list *into)
{
	char error[DATABASE_ERROR];
	struct run_reader *reader = run_reader_open(path, error);
	int failed;

	if (!reader) {
		complain("can't read %s: %s", path, error);
		return -1;
	}
	failed = read_runs(path, reader, into);
	run_reader_close(reader);
	return failed;
}

int run_files_read(const char *path, struct run_list *into)
{
	FILE *file = fopen(path, "re");
	bool is_recording;
	int failed;

	if (!file) {
		complain("can't read %s: %s", path, strerror(errno));
		return -1;
	}
	is_recording = database_begins(file);
	rewind(file);
	failed = is_recording ? read_recording(path, into) : read_report(path, file, into);
	fclose(file);
	return failed;
}

void run_files_free(struct run_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		snapshot_free(list->runs[i]);
	free(list->runs);
}
