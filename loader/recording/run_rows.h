/* SPDX-License-Identifier: MIT */
/* The rows of a snapshot on their way into a recording: regions, phases, processes, purgers and stacks. */
#ifndef RUN_ROWS_H
#define RUN_ROWS_H

#include "recording/database.h"
#include "snapshot/snapshot.h"

struct run_rows;

struct run_rows *run_rows_new(struct database *database, sqlite3_int64 run);
void run_rows_free(struct run_rows *rows);

/* What `now` has counted more than was written, into a slice. */
void run_rows_add(struct run_rows *rows, sqlite3_int64 slice, const struct snapshot *now);

#endif
