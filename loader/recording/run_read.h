/* SPDX-License-Identifier: MIT */
/*
 * Reads recorded runs (docs/recording.md) back into snapshots. A file may be anybody's: it is opened to be read only,
 * nothing in it is executed (no view, no trigger, no function that is not SQLite's own), its tables must be those of
 * its version to the letter, and every value is checked.
 */
#ifndef RUN_READ_H
#define RUN_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recording/database.h"
#include "snapshot/snapshot.h"

struct run_reader;

/* A run of the file, as far as it was recorded. */
struct recorded_run {
	int64_t id;
	int64_t began; /* seconds since 1970 */
	uint64_t slice_ns;
	uint64_t end_ns; /* of the last slice, since tracing began */
	size_t slices;
	bool ended; /* else it is still being recorded, or its recorder was killed */
};

/* NULL with a line in `error`, without the file's name. A file without runs is refused. */
struct run_reader *run_reader_open(const char *path, char error[DATABASE_ERROR]);
void run_reader_close(struct run_reader *reader);

/* All of them, in the order in which they were recorded. */
const struct recorded_run *run_reader_runs(const struct run_reader *reader, size_t *count);

/* What is read: the slices whose middle lies in this time since tracing began. All: {0, UNKNOWN}. */
struct run_period {
	uint64_t from_ns, to_ns;
};

/* A period that is shorter than the slices there becomes the first slice of which it has a part. 0, or -1 with a line
 * in `error`: there is none. */
int run_reader_fit(
    struct run_reader *reader, const struct recorded_run *run, struct run_period *period, char error[DATABASE_ERROR]);

/*
 * Of all of a run the snapshot that it ended with; of a period what happened in it, as one of several parts, whose
 * number is 1 and whose times are those of the slices. NULL with a line in `error`.
 */
struct snapshot *run_reader_read(struct run_reader *reader, const struct recorded_run *run,
    const struct run_period *period, char error[DATABASE_ERROR]);

/* Times of the slices of a run, in order. The caller frees it. NULL with a line in `error`. */
struct part *run_reader_slices(struct run_reader *reader, const struct recorded_run *run,
    const struct run_period *period, size_t *count, char error[DATABASE_ERROR]);

#endif
