/* SPDX-License-Identifier: MIT */
/* For unit tests of recordings: a file that is one. */
#ifndef RECORDED_FILE_H
#define RECORDED_FILE_H

#include <unistd.h>

#include "recording/run_read.h"
#include "recording/run_write.h"

struct recorded_file {
	char path[64];
	struct run_recording *recording;
};

static inline void recorded_file_again(struct recorded_file *file)
{
	struct run_about about = {.slice_ns = 1000000000, .began = 1700000000, .host = "here", .processors = 2};
	char error[DATABASE_ERROR];

	file->recording = run_recording_open(file->path, &about, error);
	if (!file->recording)
		fail_msg("%s", error);
}

static inline void recorded_file_open(struct recorded_file *file)
{
	int descriptor;

	strcpy(file->path, "/tmp/hakmem-recorded-XXXXXX");
	descriptor = mkstemp(file->path);
	assert_true(descriptor >= 0);
	close(descriptor);
	recorded_file_again(file);
}

static inline void recorded_file_end(struct recorded_file *file, const struct snapshot *last)
{
	char error[DATABASE_ERROR];

	if (run_recording_end(file->recording, last, error))
		fail_msg("%s", error);
}

static inline void recorded_file_add(struct recorded_file *file, const struct snapshot *snapshot, uint64_t end_ns)
{
	char error[DATABASE_ERROR];

	if (run_recording_add(file->recording, snapshot, end_ns, error))
		fail_msg("%s", error);
}

#define RECORDED_LAST SIZE_MAX

/* `run`: which of the file's, or the last one. */
static inline struct snapshot *recorded_file_read(
    struct recorded_file *file, size_t run, uint64_t from_ns, uint64_t to_ns)
{
	struct run_period period = {from_ns, to_ns};
	char error[DATABASE_ERROR];
	struct run_reader *reader = run_reader_open(file->path, error);
	const struct recorded_run *runs;
	struct snapshot *snapshot;
	size_t count;

	if (!reader)
		fail_msg("%s", error);
	runs = run_reader_runs(reader, &count);
	if (run == RECORDED_LAST)
		run = count - 1;
	assert_true(run < count);
	snapshot = run_reader_read(reader, &runs[run], &period, error);
	if (!snapshot)
		fail_msg("%s", error);
	run_reader_close(reader);
	return snapshot;
}

static inline void recorded_file_remove(struct recorded_file *file)
{
	char other[80];

	unlink(file->path);
	for (int i = 0; i < 3; i++) {
		static const char *const suffixes[] = {"-wal", "-shm", "-journal"};

		snprintf(other, sizeof(other), "%s%s", file->path, suffixes[i]);
		unlink(other);
	}
}

#endif
