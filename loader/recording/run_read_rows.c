// SPDX-License-Identifier: MIT
/* Regions, phases, processes and purgers. See run_read_rows.h. */
#include "recording/run_read_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "recording/id_map.h"
#include "recording/names.h"
#include "recording/run_counts.h"

/* More than hakmem-trace ever writes: rows are looked for one by one. */
#define ROWS_MOST      16384
#define PROCESSES_MOST (1 << 20)
#define COUNT_MOST     (1LL << 58)

void run_selection_bind(const struct run_selection *selection, sqlite3_stmt *statement)
{
	const struct run_period *period = &selection->period;

	database_bind(selection->database, statement, "iii", selection->run, (sqlite3_int64)period->from_ns,
	    period->to_ns > INT64_MAX ? INT64_MAX : (sqlite3_int64)period->to_ns);
}

uint64_t run_read_count(struct database *database, sqlite3_stmt *statement, int column)
{
	sqlite3_int64 value = sqlite3_column_int64(statement, column);
	int type = sqlite3_column_type(statement, column);

	if (type == SQLITE_NULL)
		return UNKNOWN;
	if (type != SQLITE_INTEGER)
		database_fail(database, "it is damaged: there is something else where a count should be");
	if (value > COUNT_MOST)
		database_fail(database, "it is damaged: there is a count that can't be");
	return value > 0 ? value : 0;
}

const char *run_read_text(struct database *database, sqlite3_stmt *statement, int column)
{
	const char *text = sqlite3_column_type(statement, column) == SQLITE_TEXT
	                       ? (const char *)sqlite3_column_text(statement, column)
	                       : NULL;

	if (!text)
		database_fail(database, "it is damaged: there is no text where a name should be");
	return text;
}

/* The rows of one kind. */
struct reading {
	const struct run_selection *selection;
	struct snapshot *snapshot;
	enum run_kind kind;
	struct id_map ids;
	struct named {
		enum region region;
		char *name; /* detail or phase */
		size_t row; /* in the snapshot; ID_NONE: not there yet */
	} * named;          /* by number of `ids` */
};

static size_t name_new(struct reading *reading, sqlite3_stmt *statement)
{
	struct database *database = reading->selection->database;
	size_t number = id_map_add(&reading->ids, sqlite3_column_int64(statement, 0));
	const char *region = run_read_text(database, statement, 1), *name = run_read_text(database, statement, 2);
	struct named *grown;

	if (number == ID_NONE || number >= ROWS_MOST || !region || !name) {
		database_fail(
		    database, "it is damaged: its %ss are not distinct, or too many", run_kinds[reading->kind]);
		return ID_NONE;
	}
	grown = reallocarray(reading->named, number + 1, sizeof(*grown));
	if (grown) {
		reading->named = grown;
		grown[number] = (struct named){.name = strdup(name), .row = ID_NONE};
	}
	if (!grown || !grown[number].name)
		database_fail(database, "out of memory");
	else if (!names_region(region, &grown[number].region))
		database_fail(database, "it has a region '%.40s', which this hakmem-trace doesn't know", region);
	return number;
}

static void reading_free(struct reading *reading)
{
	for (size_t i = 0; reading->named && i < reading->ids.count; i++)
		free(reading->named[i].name);
	free(reading->named);
	id_map_free(&reading->ids);
}

/* The counts in the snapshot that the row `id` is; NULL after an error. */
static struct counts *counts_of(struct reading *reading, sqlite3_int64 id)
{
	struct snapshot *snapshot = reading->snapshot;
	size_t number = id_map_find(&reading->ids, id);
	struct region_row *row = NULL;
	struct phase_row *phase = NULL;
	struct named *named;

	if (number == ID_NONE) {
		database_fail(reading->selection->database, "it is damaged: it has counts of a %s that it doesn't have",
		    run_kinds[reading->kind]);
		return NULL;
	}
	if (reading->kind == RUN_PROCESS)
		return &snapshot->processes[number].counts;
	named = &reading->named[number];
	if (named->row == ID_NONE) {
		if (reading->kind == RUN_REGION)
			row = snapshot_region(snapshot, named->region, named->name);
		else
			phase = snapshot_phase(snapshot, named->name);
		if (!row && !phase) {
			database_fail(reading->selection->database, "out of memory");
			return NULL;
		}
		named->row = row ? row - snapshot->regions : phase - snapshot->phases;
	}
	return reading->kind == RUN_REGION ? &snapshot->regions[named->row].counts
	                                   : &snapshot->phases[named->row].regions[named->region];
}

static void read_counts(struct reading *reading)
{
	struct database *database = reading->selection->database;
	const char *kind = run_kinds[reading->kind];
	char sums[RUN_COLUMNS_TEXT];
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT c.%s, %s FROM %s_count AS c WHERE c.slice IN " RUN_SELECTED " GROUP BY c.%s", kind,
	    run_columns_sums(sums), kind, kind);

	run_selection_bind(reading->selection, statement);
	while (database_next(database, statement)) {
		struct counts *counts = counts_of(reading, sqlite3_column_int64(statement, 0));

		for (int i = 0; counts && i < RUN_COLUMNS; i++)
			*run_column(counts, i) = run_read_count(database, statement, 1 + i);
	}
	sqlite3_finalize(statement);
}

/* "cause" or "duration", which are numbered from 0 to `most`. */
static void read_parts(
    struct reading *reading, const char *table, const char *number, int most, uint64_t *(*part)(struct counts *counts))
{
	struct database *database = reading->selection->database;
	const char *kind = run_kinds[reading->kind];
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT c.%s, c.%s, sum(c.faults) FROM %s_%s AS c WHERE c.slice IN " RUN_SELECTED " GROUP BY c.%s, c.%s",
	    kind, number, kind, table, kind, number);

	run_selection_bind(reading->selection, statement);
	while (database_next(database, statement)) {
		struct counts *counts = counts_of(reading, sqlite3_column_int64(statement, 0));
		sqlite3_int64 place = sqlite3_column_int64(statement, 1);
		uint64_t faults = run_read_count(database, statement, 2);

		if (place < 0 || place >= most)
			database_fail(database, "it is damaged: there is no %s %lld", number, place);
		else if (counts)
			part(counts)[place] = faults == UNKNOWN ? 0 : faults;
	}
	sqlite3_finalize(statement);
}

static uint64_t *causes_of(struct counts *counts)
{
	return counts->causes;
}

static uint64_t *histogram_of(struct counts *counts)
{
	return counts->histogram;
}

static void read_all(struct reading *reading)
{
	read_counts(reading);
	read_parts(reading, "cause", "cause", FAULT_CAUSE_COUNT, causes_of);
	read_parts(reading, "duration", "bucket", HISTOGRAM_BUCKETS, histogram_of);
}

static bool is_empty(struct counts *counts)
{
	for (int i = 0; i < RUN_COLUMNS; i++)
		if (*run_column(counts, i) && *run_column(counts, i) != UNKNOWN)
			return false;
	return true;
}

/* What had counts for a while, until it was known better whose they are; or none in this time. */
static void drop_empty_regions(struct snapshot *snapshot)
{
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->region_count; i++)
		if (is_empty(&snapshot->regions[i].counts))
			free(snapshot->regions[i].detail);
		else
			snapshot->regions[kept++] = snapshot->regions[i];
	snapshot->region_count = kept;
}

void run_read_regions(const struct run_selection *selection, struct snapshot *snapshot)
{
	struct database *database = selection->database;
	struct reading reading = {.selection = selection, .snapshot = snapshot, .kind = RUN_REGION};
	sqlite3_stmt *statement =
	    database_prepare(database, "SELECT id, region, detail FROM region WHERE run = ?1 ORDER BY id");

	database_bind(database, statement, "i", selection->run);
	while (database_next(database, statement))
		name_new(&reading, statement);
	sqlite3_finalize(statement);
	read_all(&reading);
	reading_free(&reading);
	drop_empty_regions(snapshot);
}

/* All phases of the run, in their order, also those in which nothing happened in this time. */
void run_read_phases(const struct run_selection *selection, struct snapshot *snapshot)
{
	struct database *database = selection->database;
	struct reading reading = {.selection = selection, .snapshot = snapshot, .kind = RUN_PHASE};
	sqlite3_stmt *statement =
	    database_prepare(database, "SELECT id, region, name FROM phase WHERE run = ?1 ORDER BY position, id");

	database_bind(database, statement, "i", selection->run);
	while (database_next(database, statement)) {
		size_t number = name_new(&reading, statement);

		if (number != ID_NONE && !database->error[0] && !snapshot_phase(snapshot, reading.named[number].name))
			database_fail(database, "out of memory");
	}
	sqlite3_finalize(statement);
	read_all(&reading);
	reading_free(&reading);
}

static void add_process(struct reading *reading, sqlite3_stmt *statement)
{
	struct database *database = reading->selection->database;
	struct snapshot *snapshot = reading->snapshot;
	size_t number = id_map_add(&reading->ids, sqlite3_column_int64(statement, 0));
	const char *comm = run_read_text(database, statement, 3);
	const char *cgroup =
	    sqlite3_column_type(statement, 4) == SQLITE_NULL ? NULL : run_read_text(database, statement, 4);
	struct process_row *row;

	if (number != snapshot->process_count || number >= PROCESSES_MOST) {
		database_fail(database, "it is damaged: its processes are not distinct, or too many");
		return;
	}
	if (!(number & (number - 1))) {
		row = reallocarray(snapshot->processes, number ? 2 * number : 1, sizeof(*row));
		if (!row) {
			database_fail(database, "out of memory");
			return;
		}
		snapshot->processes = row;
	}
	row = &snapshot->processes[number];
	*row = (struct process_row){
	    .pid = run_read_count(database, statement, 1),
	    .parent = run_read_count(database, statement, 2),
	};
	if (process_row_name(row, comm ? comm : "", cgroup))
		database_fail(database, "out of memory");
	else
		snapshot->process_count++;
}

/* In a part of a run, those in which something happened. */
static void drop_empty_processes(struct snapshot *snapshot)
{
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->process_count; i++)
		if (is_empty(&snapshot->processes[i].counts))
			process_row_free(&snapshot->processes[i]);
		else
			snapshot->processes[kept++] = snapshot->processes[i];
	snapshot->process_count = kept;
}

void run_read_processes(const struct run_selection *selection, struct snapshot *snapshot)
{
	struct database *database = selection->database;
	struct reading reading = {.selection = selection, .snapshot = snapshot, .kind = RUN_PROCESS};
	sqlite3_stmt *statement =
	    database_prepare(database, "SELECT id, pid, parent, comm, cgroup FROM process WHERE run = ?1 ORDER BY id");

	database_bind(database, statement, "i", selection->run);
	while (database_next(database, statement))
		add_process(&reading, statement);
	sqlite3_finalize(statement);
	read_all(&reading);
	reading_free(&reading);
	if (snapshot->in_parts)
		drop_empty_processes(snapshot);
}

void run_read_purgers(const struct run_selection *selection, struct snapshot *snapshot)
{
	struct database *database = selection->database;
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT p.object, p.call, p.region, sum(c.faults), CASE WHEN count(c.zeroed_bytes) = count(*)"
	    " THEN sum(c.zeroed_bytes) END FROM purger_count AS c JOIN purger AS p ON p.id = c.purger"
	    " WHERE c.slice IN " RUN_SELECTED " GROUP BY c.purger HAVING sum(c.faults) > 0 LIMIT %d",
	    ROWS_MOST);

	run_selection_bind(selection, statement);
	while (database_next(database, statement)) {
		const char *object = run_read_text(database, statement, 0),
		           *call = run_read_text(database, statement, 1);
		const char *name = run_read_text(database, statement, 2);
		struct purger_row *row;
		enum region region = REGION_UNSEEN;

		if (database->error[0] || !names_region(name, &region)) {
			database_fail(database, "it is damaged: who gave memory back can't be read");
			break;
		}
		row = snapshot_purger(snapshot, object, names_purge_call(call), region);
		if (!row) {
			database_fail(database, "out of memory");
			break;
		}
		row->faults = run_read_count(database, statement, 3);
		row->zeroed_bytes = run_read_count(database, statement, 4);
	}
	sqlite3_finalize(statement);
}
