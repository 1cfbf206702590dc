// SPDX-License-Identifier: MIT
/* Slices, and what there is to say of the whole run. See run_write.h. */
#include "recording/run_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/run_decisions.h"
#include "recording/run_merge.h"
#include "recording/run_rows.h"
#include "recording/run_schema.h"
#include "recording/run_skips.h"
#include "recording/run_tell.h"
#include "snapshot/stacks.h"

struct run_recording {
	struct database database;
	sqlite3_int64 run;
	struct run_rows *rows;
	struct run_tell *tell;
	struct run_merge *merge;
	sqlite3_stmt *put_slice, *put_loss;
	uint64_t end_ns; /* of the slice before */
	struct snapshot *written;
};

static void insert_run(struct database *database, const struct run_about *about)
{
	sqlite3_stmt *statement = database_prepare(database,
	    "INSERT INTO run (version, began, slice_ns, host, machine, processor, processors, memory_bytes, page_bytes)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

	database_put(database, statement, "tiutttuuu", HAKMEM_VERSION, (sqlite3_int64)about->began, about->slice_ns,
	    about->host, about->machine, about->processor, about->processors, about->memory_bytes, about->page_bytes);
	sqlite3_finalize(statement);
}

static void insert_arguments(struct database *database, sqlite3_int64 run, char *const *arguments)
{
	sqlite3_stmt *statement = database_prepare(database, "INSERT INTO list VALUES (?, 'arguments', ?, ?)");

	for (sqlite3_int64 i = 0; arguments && arguments[i]; i++)
		database_put(database, statement, "iit", run, i, arguments[i]);
	sqlite3_finalize(statement);
}

/*
 * Written ahead (WAL): who reads sees whole transactions and never waits, nor is waited for; what is killed leaves
 * every committed slice. Then synchronous=NORMAL never waits for the disk but when the log is copied back, and a
 * machine that loses its power loses the latest slices, not the file.
 */
static void prepare_file(struct database *database)
{
	char page[64];

	snprintf(page, sizeof(page), "PRAGMA page_size = %d", RUN_PAGE);
	database_run(database, page);
	database_run(database, "PRAGMA journal_mode = WAL");
	database_run(database, "PRAGMA synchronous = NORMAL");
	if (!database_ask(database, "SELECT count(*) FROM sqlite_master"))
		run_schema_make(database);
	else
		run_schema_check(database);
}

static void prepare(struct run_recording *recording, const struct run_about *about)
{
	struct database *database = &recording->database;

	prepare_file(database);
	database_run(database, "BEGIN");
	insert_run(database, about);
	recording->run = sqlite3_last_insert_rowid(database->handle);
	insert_arguments(database, recording->run, about->arguments);
	database_run(database, "COMMIT");
	recording->written = snapshot_new();
	if (!recording->written)
		database_fail(database, "out of memory");
	recording->put_slice =
	    database_prepare(database, "INSERT INTO slice VALUES (NULL, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	recording->put_loss = database_prepare(database, "INSERT INTO loss VALUES (?, ?, ?)");
	recording->rows = run_rows_new(database, recording->run);
	recording->tell = run_tell_new(database, recording->run);
	recording->merge = run_merge_new(database, recording->run);
}

struct run_recording *run_recording_open(const char *path, const struct run_about *about, char error[DATABASE_ERROR])
{
	struct run_recording *recording = calloc(1, sizeof(*recording));

	if (!recording) {
		snprintf(error, DATABASE_ERROR, "out of memory");
		return NULL;
	}
	database_open(&recording->database, path, SQLITE_OPEN_READWRITE);
	if (!recording->database.error[0])
		prepare(recording, about);
	strcpy(error, recording->database.error);
	if (!error[0])
		return recording;
	run_recording_drop(recording);
	return NULL;
}

/* What is UNKNOWN once stays so. */
static uint64_t difference(uint64_t now, uint64_t before)
{
	return now == UNKNOWN || before == UNKNOWN ? UNKNOWN : now - before;
}

static sqlite3_int64 put_slice(struct run_recording *recording, const struct snapshot *snapshot, uint64_t end_ns)
{
	const struct snapshot *before = recording->written;
	const struct stacks none = {}, *stacks = snapshot->stacks ? snapshot->stacks : &none;
	const struct stacks *earlier = before->stacks ? before->stacks : &none;

	database_put(&recording->database, recording->put_slice, "iuuuuuuuuuuu", recording->run, recording->end_ns,
	    end_ns, difference(snapshot->totals.charged_minor, before->totals.charged_minor),
	    difference(snapshot->totals.charged_major, before->totals.charged_major),
	    difference(snapshot->totals.unseen, before->totals.unseen),
	    difference(snapshot->totals.failed, before->totals.failed),
	    difference(snapshot->totals.traced_ns, before->totals.traced_ns),
	    difference(snapshot->totals.own_ns, before->totals.own_ns), stacks->lost - earlier->lost,
	    stacks->cut - earlier->cut, stacks->stale - earlier->stale);
	return sqlite3_last_insert_rowid(recording->database.handle);
}

static void put_losses(struct run_recording *recording, sqlite3_int64 slice, const struct snapshot *snapshot)
{
	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++) {
		uint64_t count = snapshot->totals.lost_by[kind] - recording->written->totals.lost_by[kind];

		if (count)
			database_put(&recording->database, recording->put_loss, "itu", slice, lost_name(kind), count);
	}
}

/* The totals; rows remember their own. */
static void remember(struct run_recording *recording, const struct snapshot *snapshot)
{
	struct snapshot *written = recording->written;

	memcpy(&written->totals, &snapshot->totals, sizeof(written->totals));
	if (!snapshot->stacks)
		return;
	if (!written->stacks)
		written->stacks = stacks_new();
	if (!written->stacks) {
		database_fail(&recording->database, "out of memory");
		return;
	}
	written->stacks->lost = snapshot->stacks->lost;
	written->stacks->cut = snapshot->stacks->cut;
	written->stacks->stale = snapshot->stacks->stale;
}

/* 0, or -1 with the line in `error`. */
static int outcome(struct run_recording *recording, char error[DATABASE_ERROR])
{
	strcpy(error, recording->database.error);
	return error[0] ? -1 : 0;
}

int run_recording_add(
    struct run_recording *recording, const struct snapshot *snapshot, uint64_t end_ns, char error[DATABASE_ERROR])
{
	struct database *database = &recording->database;
	sqlite3_int64 slice;

	database_run(database, "BEGIN IMMEDIATE");
	run_tell(recording->tell, snapshot);
	slice = put_slice(recording, snapshot, end_ns);
	put_losses(recording, slice, snapshot);
	run_rows_add(recording->rows, slice, snapshot);
	run_merge_slices(recording->merge);
	remember(recording, snapshot);
	recording->end_ns = end_ns;
	database_run(database, "COMMIT");
	if (database->error[0])
		sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
	return outcome(recording, error);
}

static void put_end(struct run_recording *recording, const struct snapshot *snapshot)
{
	sqlite3_stmt *statement = database_prepare(&recording->database,
	    "UPDATE run SET ended = 1, running = ?, exit_code = ?, exit_signal = ?, wall_ns = ?, user_ns = ?,"
	    " system_ns = ?, max_rss_bytes = ? WHERE id = ?");
	bool known = snapshot->command && !snapshot->running;
	uint64_t number = snapshot->exit_signal;

	database_put(&recording->database, statement, "iuuuuuui", (sqlite3_int64)snapshot->running,
	    known && !number ? (uint64_t)snapshot->exit_code : UNKNOWN, known && number ? number : UNKNOWN,
	    snapshot->wall_ns, snapshot->totals.user_ns, snapshot->totals.system_ns, snapshot->totals.max_rss_bytes,
	    recording->run);
	sqlite3_finalize(statement);
}

int run_recording_end(struct run_recording *recording, const struct snapshot *snapshot, char error[DATABASE_ERROR])
{
	int result;

	database_run(&recording->database, "BEGIN IMMEDIATE");
	put_end(recording, snapshot);
	run_decisions_put(&recording->database, recording->run, snapshot);
	run_skips_put(&recording->database, recording->run, snapshot);
	database_run(&recording->database, "COMMIT");
	result = outcome(recording, error);
	/* One file that can be read where nothing can be written. While somebody reads it is left as it is. */
	if (!result)
		sqlite3_exec(recording->database.handle, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	run_recording_drop(recording);
	return result;
}

/* A run that has no slice is none. */
static void forget_run(struct run_recording *recording)
{
	char statements[128];

	snprintf(statements, sizeof(statements), "DELETE FROM list WHERE run = %lld; DELETE FROM run WHERE id = %lld",
	    recording->run, recording->run);
	sqlite3_exec(recording->database.handle, statements, NULL, NULL, NULL);
}

void run_recording_drop(struct run_recording *recording)
{
	if (recording->run && !recording->end_ns)
		forget_run(recording);
	sqlite3_finalize(recording->put_slice);
	sqlite3_finalize(recording->put_loss);
	run_rows_free(recording->rows);
	run_tell_free(recording->tell);
	run_merge_free(recording->merge);
	snapshot_free(recording->written);
	sqlite3_close(recording->database.handle);
	free(recording);
}
