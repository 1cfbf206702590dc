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
