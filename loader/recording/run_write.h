/* SPDX-License-Identifier: MIT */
/*
 * Writes a run into a recording (docs/recording.md), slice by slice. Each slice is a transaction of its own: what is
 * killed leaves all slices before, and who reads meanwhile sees whole slices and is never waited for.
 *
 * Slices hold differences of what was counted, with a sign, so that their sum is what was counted, to the last fault;
 * older ones are merged (run_merge.h), which changes no sum. Not thread-safe.
 */
#ifndef RUN_WRITE_H
#define RUN_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "recording/database.h"
#include "snapshot/snapshot.h"

/* What no snapshot says of a run. Strings are only looked at by run_recording_open(). */
struct run_about {
	char *const *arguments; /* of hakmem-trace itself, NULL-terminated; or NULL */
	uint64_t slice_ns;      /* as asked for */
	int64_t began;          /* seconds since 1970 */
	const char *host, *machine, *processor;
	uint64_t processors, memory_bytes, page_bytes;
};

struct run_recording;

/*
 * A file that is empty, or a recording, behind whose runs this one comes. NULL with a line in `error`, without the
 * file's name.
 */
struct run_recording *run_recording_open(const char *path, const struct run_about *about, char error[DATABASE_ERROR]);

/*
 * A slice: from the end of the one before until end_ns (both since tracing began), of what the snapshot of everything
 * so far has more than the one before. 0, or -1 with a line in `error`; then nothing more can be written.
 */
int run_recording_add(
    struct run_recording *recording, const struct snapshot *snapshot, uint64_t end_ns, char error[DATABASE_ERROR]);

/* How the run ended, of the last snapshot; then close. `recording` is gone in any case. */
int run_recording_end(struct run_recording *recording, const struct snapshot *snapshot, char error[DATABASE_ERROR]);

/* Close as it is. */
void run_recording_drop(struct run_recording *recording);

#endif
