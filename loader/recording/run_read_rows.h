/* SPDX-License-Identifier: MIT */
/* Rows of a recording into a snapshot. Errors are the database's. */
#ifndef RUN_READ_ROWS_H
#define RUN_READ_ROWS_H

#include "recording/run_read.h"

/* What to read. */
struct run_selection {
	struct database *database;
	sqlite3_int64 run;
	struct run_period period;
};

/* In a statement about rows `c` of slices; its parameters 1 to 3 are bound by run_selection_bind(). */
#define RUN_SELECTED                                                                                                   \
	"(SELECT id FROM slice WHERE run = ?1 AND start_ns / 2 + end_ns / 2 >= ?2"                                     \
	" AND start_ns / 2 + end_ns / 2 < ?3)"

void run_selection_bind(const struct run_selection *selection, sqlite3_stmt *statement);

/* A column: a count, and nothing else; UNKNOWN for NULL. Sums may have come out below nothing in a period in which
 * something was known better: then there is none. */
uint64_t run_read_count(struct database *database, sqlite3_stmt *statement, int column);

/* A text that must be there; NULL after an error. It lives until the statement's next step. */
const char *run_read_text(struct database *database, sqlite3_stmt *statement, int column);

void run_read_regions(const struct run_selection *selection, struct snapshot *snapshot);
void run_read_phases(const struct run_selection *selection, struct snapshot *snapshot);
void run_read_processes(const struct run_selection *selection, struct snapshot *snapshot);
void run_read_purgers(const struct run_selection *selection, struct snapshot *snapshot);
void run_read_stacks(const struct run_selection *selection, struct snapshot *snapshot);

#endif
