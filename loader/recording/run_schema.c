// SPDX-License-Identifier: MIT
#include "recording/run_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/experiment.h"
#include "recording/run_counts.h"

struct table {
	const char *name;
	const char *columns;
};

static const struct table tables[] = {
    {"run",
        "id INTEGER PRIMARY KEY, version TEXT NOT NULL, began INTEGER NOT NULL, slice_ns INTEGER NOT NULL, host TEXT,"
        " machine TEXT, processor TEXT, processors INTEGER, memory_bytes INTEGER, page_bytes INTEGER, release TEXT,"
        " lockdown TEXT, init_on_alloc INTEGER, pid INTEGER, attached_all INTEGER, tasks INTEGER, unreadable INTEGER,"
        " unwinding TEXT, stacks_sampled INTEGER, kernel_frames INTEGER, allocation_sites INTEGER, ended INTEGER,"
        " running INTEGER, exit_code INTEGER, exit_signal INTEGER, wall_ns INTEGER, user_ns INTEGER,"
        " system_ns INTEGER, max_rss_bytes INTEGER"},
    {"list", "run INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL,"
             " PRIMARY KEY (run, name, number)"},
    {"hook", "run INTEGER NOT NULL, subject TEXT NOT NULL, rung TEXT, name TEXT, method TEXT, detail TEXT,"
             " PRIMARY KEY (run, subject)"},
    {"cause", "id INTEGER PRIMARY KEY, name TEXT NOT NULL"},
    {"slice", "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,"
              " merged INTEGER NOT NULL, charged_minor INTEGER, charged_major INTEGER, unseen INTEGER, failed INTEGER,"
              " traced_ns INTEGER, own_ns INTEGER, stacks_lost INTEGER, stacks_cut INTEGER, stacks_stale INTEGER"},
    {"loss", "slice INTEGER NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (slice, kind)"},
    {"region", "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, region TEXT NOT NULL, detail TEXT NOT NULL"},
    {"phase", "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,"
              " region TEXT NOT NULL"},
    {"process", "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, pid INTEGER NOT NULL, parent INTEGER NOT NULL,"
                " comm TEXT NOT NULL, cgroup TEXT"},
    {"purger", "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, object TEXT NOT NULL, call TEXT NOT NULL,"
               " region TEXT NOT NULL"},
    {"purger_count", "slice INTEGER NOT NULL, purger INTEGER NOT NULL, faults INTEGER, zeroed_bytes INTEGER,"
                     " PRIMARY KEY (slice, purger)"},
    {"text", "id INTEGER PRIMARY KEY, text TEXT NOT NULL"},
    {"frame", "id INTEGER PRIMARY KEY, function INTEGER NOT NULL, object INTEGER NOT NULL, source INTEGER NOT NULL,"
              " line INTEGER NOT NULL, inlined INTEGER NOT NULL, kernel INTEGER NOT NULL, address INTEGER NOT NULL"},
    {"call", "id INTEGER PRIMARY KEY, caller INTEGER, frame INTEGER NOT NULL"},
    {"stack", "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, region INTEGER NOT NULL, cause INTEGER NOT NULL,"
              " pid INTEGER NOT NULL, comm INTEGER NOT NULL, touched INTEGER, allocated INTEGER"},
    {"stack_count", "slice INTEGER NOT NULL, stack INTEGER NOT NULL, samples INTEGER NOT NULL, faults REAL NOT NULL,"
                    " zeroed_bytes REAL NOT NULL, timed REAL NOT NULL, timed_ns REAL NOT NULL,"
                    " PRIMARY KEY (slice, stack)"},
    {"decided", "run INTEGER NOT NULL, more INTEGER, more_unchanged INTEGER, PRIMARY KEY (run)"},
    {"decider", "run INTEGER NOT NULL, number INTEGER NOT NULL, pid INTEGER NOT NULL, comm TEXT NOT NULL,"
                " running INTEGER NOT NULL, PRIMARY KEY (run, number)"},
    {"decision", "run INTEGER NOT NULL, decider INTEGER NOT NULL, number INTEGER NOT NULL, lever TEXT NOT NULL,"
                 " class INTEGER, pool INTEGER, value INTEGER, changes INTEGER, reason TEXT NOT NULL,"
                 " PRIMARY KEY (run, decider, number)"},
    {"skips", "run INTEGER NOT NULL, skipped INTEGER, unallocated INTEGER, PRIMARY KEY (run)"},
};

typedef void for_table(struct database *database, const char *name, const char *text);

/* For people only. %s: the columns of counts. */
static const char views[] =
    "CREATE VIEW time AS SELECT id AS slice, run, start_ns / 1e9 AS start_s, end_ns / 1e9 AS end_s FROM slice;"
    "CREATE VIEW region_over_time AS SELECT time.*, region.region, region.detail, %s FROM region_count AS c"
    " JOIN time ON time.slice = c.slice JOIN region ON region.id = c.region;"
    "CREATE VIEW region_cause_over_time AS SELECT time.*, region.region, region.detail, cause.name AS cause, c.faults"
    " FROM region_cause AS c JOIN time ON time.slice = c.slice JOIN region ON region.id = c.region"
    " JOIN cause ON cause.id = c.cause;"
    "CREATE VIEW process_over_time AS SELECT time.*, process.pid, process.comm, process.parent, %s"
    " FROM process_count AS c JOIN time ON time.slice = c.slice JOIN process ON process.id = c.process;"
    "CREATE VIEW process_cause_over_time AS SELECT time.*, process.pid, process.comm, cause.name AS cause, c.faults"
    " FROM process_cause AS c JOIN time ON time.slice = c.slice JOIN process ON process.id = c.process"
    " JOIN cause ON cause.id = c.cause;"
    "CREATE VIEW place AS SELECT call.id AS call, call.caller, CASE WHEN function.text <> '' THEN function.text"
    " WHEN object.text <> '' THEN object.text || printf('+0x%%x', frame.address)"
    " ELSE printf('0x%%x', frame.address) END AS function, object.text AS object, source.text AS source, frame.line,"
    " frame.inlined, frame.kernel FROM call JOIN frame ON frame.id = call.frame"
    " JOIN text AS function ON function.id = frame.function JOIN text AS object ON object.id = frame.object"
    " JOIN text AS source ON source.id = frame.source;"
    "CREATE VIEW stack_over_time AS SELECT time.*, stack.id AS stack, region.region, region.detail,"
    " cause.name AS cause, stack.pid, comm.text AS comm, place.function, place.object, c.samples, c.faults,"
    " c.zeroed_bytes, c.timed, c.timed_ns FROM stack_count AS c JOIN time ON time.slice = c.slice"
    " JOIN stack ON stack.id = c.stack JOIN region ON region.id = stack.region JOIN cause ON cause.id = stack.cause"
    " JOIN text AS comm ON comm.id = stack.comm LEFT JOIN place ON place.call = stack.touched;"
    "CREATE VIEW stack_place AS WITH RECURSIVE walk (stack, depth, call) AS (SELECT id, 0, touched FROM stack"
    " WHERE touched IS NOT NULL UNION ALL SELECT walk.stack, walk.depth + 1, call.caller FROM walk"
    " JOIN call ON call.id = walk.call WHERE call.caller IS NOT NULL) SELECT walk.stack, walk.depth, place.function,"
    " place.object, place.source, place.line, place.inlined, place.kernel FROM walk"
    " JOIN place ON place.call = walk.call;";

/* As SQLite keeps it in its own table of tables. */
static char *table_text(const char *name, const char *suffix, const char *columns)
{
	const char *end = strstr(columns, "PRIMARY KEY (") ? " WITHOUT ROWID" : "";
	char *text;

	return asprintf(&text, "CREATE TABLE %s%s (%s)%s", name, suffix, columns, end) < 0 ? NULL : text;
}

/* Tables of a kind of counts; number: 0 to 2. */
static char *kind_table_text(const char *kind, int number, char name[64])
{
	static const char *const suffixes[] = {"_count", "_cause", "_duration"};
	static const char *const keys[] = {NULL, "cause", "bucket"};
	char columns[RUN_COLUMNS_TEXT], all[RUN_COLUMNS_TEXT + 200];

	if (number)
		snprintf(all, sizeof(all),
		    "slice INTEGER NOT NULL, %s INTEGER NOT NULL, %s INTEGER NOT NULL, faults INTEGER NOT NULL,"
		    " PRIMARY KEY (slice, %s, %s)",
		    kind, keys[number], kind, keys[number]);
	else
		snprintf(all, sizeof(all), "slice INTEGER NOT NULL, %s INTEGER NOT NULL, %s, PRIMARY KEY (slice, %s)",
		    kind, run_columns_text("", ", ", " INTEGER", columns), kind);
	snprintf(name, 64, "%s%s", kind, suffixes[number]);
	return table_text(name, "", all);
}

static void for_tables(struct database *database, for_table *each)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char *text = table_text(tables[i].name, "", tables[i].columns);

		each(database, tables[i].name, text);
		free(text);
	}
	for (int i = 0; i < 3 * RUN_KINDS; i++) {
		char name[64], *text = kind_table_text(run_kinds[i / 3], i % 3, name);

		each(database, name, text);
		free(text);
	}
}

static void make_table(struct database *database, const char *name, const char *text)
{
	(void)name;
	if (text)
		database_run(database, text);
	else
		database_fail(database, "out of memory");
}

static void name_causes(struct database *database)
{
	sqlite3_stmt *statement = database_prepare(database, "INSERT INTO cause VALUES (?, ?)");

	for (enum fault_cause cause = 0; cause < FAULT_CAUSE_COUNT; cause++)
		database_put(database, statement, "it", (sqlite3_int64)cause, fault_cause_name(cause));
	sqlite3_finalize(statement);
}

static void make_views(struct database *database)
{
	char columns[RUN_COLUMNS_TEXT], *text;

	run_columns_text("c.", ", ", "", columns);
	if (asprintf(&text, views, columns, columns) < 0) {
		database_fail(database, "out of memory");
		return;
	}
	database_run(database, text);
	free(text);
}

static void identify(struct database *database)
{
	char identity[128];

	snprintf(identity, sizeof(identity), "PRAGMA application_id = %d; PRAGMA user_version = %d", RUN_RECORDING_ID,
	    RUN_RECORDING_VERSION);
	database_run(database, identity);
}

void run_schema_make(struct database *database)
{
	database_run(database, "BEGIN");
	identify(database);
	for_tables(database, make_table);
	make_views(database);
	name_causes(database);
	database_run(database, "COMMIT");
}

static void check_table(struct database *database, const char *name, const char *text)
{
	sqlite3_stmt *statement = database_prepare(
	    database, "SELECT count(*), sum(type = 'table' AND sql = ?2) FROM sqlite_master WHERE name = ?1");

	database_bind(database, statement, "tt", name, text);
	if (database_next(database, statement) &&
	    (sqlite3_column_int(statement, 0) != 1 || sqlite3_column_int(statement, 1) != 1))
		database_fail(database, "it is damaged: its table '%s' is not what its version has", name);
	sqlite3_finalize(statement);
}

void run_schema_check(struct database *database)
{
	sqlite3_int64 id = database_ask(database, "PRAGMA application_id");
	sqlite3_int64 version = database_ask(database, "PRAGMA user_version");

	if (database->error[0])
		return;
	if (id == RECORDING_ID)
		database_fail(database, "it holds experiments (hakmem-trace compare --record), and no recorded run: "
		                        "sqlite3 reads it (docs/recording.md)");
	else if (id != RUN_RECORDING_ID)
		database_fail(database, "it is a database, but no recording of hakmem-trace");
	else if (version < 1)
		database_fail(database, "it is damaged: there is no version %lld", version);
	else if (version != RUN_RECORDING_VERSION)
		database_fail(database, "its version is %lld, and this hakmem-trace knows %d: use %s hakmem-trace",
		    version, RUN_RECORDING_VERSION, version > RUN_RECORDING_VERSION ? "a newer" : "the older");
	else
		for_tables(database, check_table);
}
