// SPDX-License-Identifier: MIT
/* Opening, and what there is to know of a run as a whole. See run_read.h. */
#include "recording/run_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "recording/run_decisions.h"
#include "recording/run_read_about.h"
#include "recording/run_read_rows.h"
#include "recording/run_schema.h"
#include "recording/run_skips.h"

#define RUNS_MOST 10000

struct run_reader {
	struct database database;
	struct recorded_run *runs;
	size_t count;
};

/* A file is no program. */
static void distrust(struct database *database)
{
	static const int off[] = {
	    SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA};

	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		sqlite3_db_config(database->handle, off[i], 0, NULL);
	sqlite3_limit(database->handle, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_limit(database->handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
	sqlite3_limit(database->handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(database->handle, SQLITE_LIMIT_WORKER_THREADS, 0);
	database_run(database, "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
}

static void add_run(struct run_reader *reader, sqlite3_stmt *statement)
{
	struct database *database = &reader->database;
	struct recorded_run *grown = reallocarray(reader->runs, reader->count + 1, sizeof(*grown));

	if (!grown) {
		database_fail(database, "out of memory");
		return;
	}
	reader->runs = grown;
	grown[reader->count++] = (struct recorded_run){
	    .id = sqlite3_column_int64(statement, 0),
	    .began = sqlite3_column_int64(statement, 1),
	    .slice_ns = run_read_count(database, statement, 2),
	    .end_ns = run_read_count(database, statement, 3),
	    .slices = sqlite3_column_int64(statement, 4),
	    .ended = sqlite3_column_int64(statement, 5) == 1,
	};
}

/* Those that have no slice were not recorded for as long as one. */
static void list_runs(struct run_reader *reader)
{
	sqlite3_stmt *statement = database_prepare(&reader->database,
	    "SELECT run.id, began, slice_ns, max(end_ns), count(*), ended FROM run JOIN slice ON slice.run = run.id"
	    " GROUP BY run.id ORDER BY run.id LIMIT %d",
	    RUNS_MOST);

	while (database_next(&reader->database, statement))
		add_run(reader, statement);
	sqlite3_finalize(statement);
	if (!reader->count)
		database_fail(&reader->database, "no run is in it: it was not recorded for as long as one slice");
}

/* Of a last page that is not whole SQLite takes the rest for zeroes. */
static void check_length(struct run_reader *reader, const char *path)
{
	sqlite3_int64 page = database_ask(&reader->database, "PRAGMA page_size");
	struct stat status;

	if (!reader->database.error[0] && page > 0 && !stat(path, &status) && status.st_size % page)
		database_fail(&reader->database, "it is damaged: it is cut short");
}

static void open_file(struct run_reader *reader, const char *path)
{
	struct stat status;

	if (!stat(path, &status) && S_ISREG(status.st_mode) && !status.st_size)
		database_fail(&reader->database, "it is empty");
	else
		database_open(&reader->database, path, SQLITE_OPEN_READONLY);
}

struct run_reader *run_reader_open(const char *path, char error[DATABASE_ERROR])
{
	struct run_reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		snprintf(error, DATABASE_ERROR, "out of memory");
		return NULL;
	}
	reader->database.reads = true;
	open_file(reader, path);
	if (!reader->database.error[0]) {
		distrust(&reader->database);
		/* Until it is closed, of a file that is being written one state is seen. */
		database_run(&reader->database, "BEGIN");
		run_schema_check(&reader->database);
		check_length(reader, path);
		list_runs(reader);
	}
	strcpy(error, reader->database.error);
	if (!error[0])
		return reader;
	run_reader_close(reader);
	return NULL;
}

void run_reader_close(struct run_reader *reader)
{
	if (!reader)
		return;
	sqlite3_close(reader->database.handle);
	free(reader->runs);
	free(reader);
}

const struct recorded_run *run_reader_runs(const struct run_reader *reader, size_t *count)
{
	*count = reader->count;
	return reader->runs;
}

int run_reader_fit(
    struct run_reader *reader, const struct recorded_run *run, struct run_period *period, char error[DATABASE_ERROR])
{
	struct database *database = &reader->database;
	struct run_selection selection = {.database = database, .run = run->id, .period = *period};
	sqlite3_stmt *statement;

	database->error[0] = '\0';
	statement = database_prepare(database,
	    "SELECT start_ns, end_ns, id IN " RUN_SELECTED " AS fits FROM slice WHERE run = ?1 AND end_ns > ?2"
	    " AND start_ns < ?3 ORDER BY fits DESC, start_ns LIMIT 1");
	run_selection_bind(&selection, statement);
	if (!database_next(database, statement)) {
		database_fail(database, "nothing was recorded in that time: it ends after %.1f s", run->end_ns / 1e9);
	} else if (!sqlite3_column_int(statement, 2)) {
		period->from_ns = run_read_count(database, statement, 0);
		period->to_ns = run_read_count(database, statement, 1);
	}
	sqlite3_finalize(statement);
	strcpy(error, database->error);
	return error[0] ? -1 : 0;
}

static void read_rows(const struct run_selection *selection, struct snapshot *snapshot)
{
	run_read_regions(selection, snapshot);
	run_read_phases(selection, snapshot);
	run_read_processes(selection, snapshot);
	run_read_purgers(selection, snapshot);
	if (snapshot->stacks)
		run_read_stacks(selection, snapshot);
}

static bool is_whole(const struct run_period *period)
{
	return !period->from_ns && period->to_ns == UNKNOWN;
}

struct snapshot *run_reader_read(struct run_reader *reader, const struct recorded_run *run,
    const struct run_period *period, char error[DATABASE_ERROR])
{
	struct run_selection selection = {.database = &reader->database, .run = run->id, .period = *period};
	struct snapshot *snapshot = snapshot_new();

	error[0] = reader->database.error[0] = '\0';
	if (!snapshot) {
		snprintf(error, DATABASE_ERROR, "out of memory");
		return NULL;
	}
	snapshot->in_parts = !is_whole(period);
	run_read_about(&selection, run, snapshot);
	if (!reader->database.error[0])
		read_rows(&selection, snapshot);
	snapshot->totals.skipped = snapshot->totals.unallocated = UNKNOWN;
	/* They are those of the run's end. */
	if (is_whole(period)) {
		run_decisions_read(&reader->database, run->id, snapshot);
		run_skips_read(&reader->database, run->id, snapshot);
	}
	if (reader->database.error[0]) {
		strcpy(error, reader->database.error);
		snapshot_free(snapshot);
		return NULL;
	}
	snapshot_finish(snapshot);
	return snapshot;
}

struct part *run_reader_slices(struct run_reader *reader, const struct recorded_run *run,
    const struct run_period *period, size_t *count, char error[DATABASE_ERROR])
{
	struct database *database = &reader->database;
	struct run_selection selection = {.database = database, .run = run->id, .period = *period};
	struct part *parts = calloc(run->slices + 1, sizeof(*parts));
	sqlite3_stmt *statement;

	*count = 0;
	database->error[0] = '\0';
	if (!parts)
		database_fail(database, "out of memory");
	statement = database_prepare(
	    database, "SELECT start_ns, end_ns FROM slice WHERE id IN " RUN_SELECTED " ORDER BY start_ns");
	run_selection_bind(&selection, statement);
	while (*count < run->slices && database_next(database, statement)) {
		parts[*count] = (struct part){
		    .number = *count + 1,
		    .first = !*count,
		    .start_ns = run_read_count(database, statement, 0),
		    .end_ns = run_read_count(database, statement, 1),
		};
		++*count;
	}
	sqlite3_finalize(statement);
	strcpy(error, database->error);
	if (!error[0])
		return parts;
	free(parts);
	return NULL;
}
