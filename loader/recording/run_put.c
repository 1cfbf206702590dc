// SPDX-License-Identifier: MIT
#include "recording/run_put.h"

#include <stdio.h>

void run_put_prepare(struct run_put *put, struct database *database, enum run_kind kind)
{
	char places[2 * RUN_COLUMNS + 1] = "";

	for (int i = 0; i < RUN_COLUMNS; i++)
		snprintf(places + 2 * i, sizeof(places) - 2 * i, ",?");
	put->database = database;
	put->count = database_prepare(database, "INSERT INTO %s_count VALUES (?, ?%s)", run_kinds[kind], places);
	put->cause = database_prepare(database, "INSERT INTO %s_cause VALUES (?, ?, ?, ?)", run_kinds[kind]);
	put->duration = database_prepare(database, "INSERT INTO %s_duration VALUES (?, ?, ?, ?)", run_kinds[kind]);
}

void run_put_finalize(struct run_put *put)
{
	sqlite3_finalize(put->count);
	sqlite3_finalize(put->cause);
	sqlite3_finalize(put->duration);
}

/* Is there anything to write? What is unknown is written once, and is so for good. */
static bool bind_differences(struct run_put *put, struct counts *before, struct counts *now)
{
	bool any = false;

	for (int i = 0; i < RUN_COLUMNS; i++) {
		uint64_t old = *run_column(before, i), new = *run_column(now, i);

		if (old == UNKNOWN || new == UNKNOWN) {
			sqlite3_bind_null(put->count, 3 + i);
			any |= old != UNKNOWN;
		} else {
			sqlite3_bind_int64(put->count, 3 + i, (sqlite3_int64)(new - old));
			any |= new != old;
		}
	}
	return any;
}

static void put_parts(struct run_put *put, sqlite3_stmt *statement, sqlite3_int64 slice, sqlite3_int64 id,
    const uint64_t *before, const uint64_t *now, int count)
{
	for (sqlite3_int64 i = 0; i < count; i++)
		if (now[i] != before[i])
			database_put(
			    put->database, statement, "iiii", slice, id, i, (sqlite3_int64)(now[i] - before[i]));
}

void run_put(
    struct run_put *put, sqlite3_int64 slice, sqlite3_int64 id, struct counts *before, const struct counts *now)
{
	struct counts later = *now;

	if (put->database->error[0])
		return;
	sqlite3_bind_int64(put->count, 1, slice);
	sqlite3_bind_int64(put->count, 2, id);
	if (bind_differences(put, before, &later))
		database_step(put->database, put->count);
	put_parts(put, put->cause, slice, id, before->causes, now->causes, FAULT_CAUSE_COUNT);
	put_parts(put, put->duration, slice, id, before->histogram, now->histogram, HISTOGRAM_BUCKETS);
	*before = later;
}
