/* SPDX-License-Identifier: MIT */
/* Counts of one kind on their way into a recording: how much more there is than before, if it is more. */
#ifndef RUN_PUT_H
#define RUN_PUT_H

#include "recording/database.h"
#include "recording/run_counts.h"

struct run_put {
	struct database *database;
	sqlite3_stmt *count, *cause, *duration;
};

void run_put_prepare(struct run_put *put, struct database *database, enum run_kind kind);
void run_put_finalize(struct run_put *put);

/* Of the row `id`: `now` without `before`, which then becomes it. */
void run_put(
    struct run_put *put, sqlite3_int64 slice, sqlite3_int64 id, struct counts *before, const struct counts *now);

#endif
