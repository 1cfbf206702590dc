// SPDX-License-Identifier: MIT
/* Tables, and what is written into them. See experiment.h. */
#include "recording/experiment.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recording/database.h"
#include "recording/run_schema.h"

static const char schema[] =
    "CREATE TABLE experiment (id INTEGER PRIMARY KEY, version TEXT NOT NULL, began INTEGER NOT NULL,"
    " command TEXT NOT NULL, seed INTEGER NOT NULL, runs INTEGER NOT NULL, warm_ups INTEGER NOT NULL,"
    " traced INTEGER NOT NULL, precision REAL, looks INTEGER NOT NULL, metric TEXT,"
    " metric_less_is_better INTEGER NOT NULL, judged TEXT, cpus TEXT, release TEXT, processors INTEGER,"
    " load REAL, seconds REAL, others REAL, interrupted INTEGER, not_traced TEXT, not_counted TEXT);"
    "CREATE TABLE arm (experiment INTEGER NOT NULL REFERENCES experiment(id), number INTEGER NOT NULL,"
    " name TEXT NOT NULL, environment TEXT NOT NULL, preload TEXT, command TEXT, PRIMARY KEY (experiment, number));"
    "CREATE TABLE run (id INTEGER PRIMARY KEY, experiment INTEGER NOT NULL REFERENCES experiment(id),"
    " arm INTEGER NOT NULL, kind TEXT NOT NULL, block INTEGER NOT NULL, start_s REAL NOT NULL, exit_code INTEGER,"
    " exit_signal INTEGER, others REAL, counted REAL, snapshot TEXT);"
    "CREATE TABLE figure (run INTEGER NOT NULL REFERENCES run(id), name TEXT NOT NULL, value REAL NOT NULL,"
    " PRIMARY KEY (run, name)) WITHOUT ROWID;"
    "CREATE TABLE region_figure (run INTEGER NOT NULL REFERENCES run(id), region TEXT NOT NULL,"
    " detail TEXT NOT NULL, faults INTEGER, zeroed_bytes INTEGER, fault_ns INTEGER, zero_ns INTEGER,"
    " PRIMARY KEY (run, region, detail)) WITHOUT ROWID;";

struct recording {
	struct database database;
	char *path;
	bool made;                /* there was no such file */
	sqlite3_int64 experiment; /* 0: not written yet */
};

/* What the database's error, if there is one, is to who asked. */
static int result_of(const struct recording *recording, char error[RECORDING_ERROR])
{
	snprintf(error, RECORDING_ERROR, "%s", recording->database.error);
	return recording->database.error[0] ? -1 : 0;
}

static void make_tables(struct database *database)
{
	char statement[sizeof(schema) + 160];

	snprintf(statement, sizeof(statement),
	    "BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d; %s COMMIT;", RECORDING_ID, RECORDING_VERSION,
	    schema);
	database_run(database, statement);
}

static void check_tables(struct database *database)
{
	sqlite3_int64 tables = database_ask(database, "SELECT count(*) FROM sqlite_master");
	sqlite3_int64 version = database_ask(database, "PRAGMA user_version");
	sqlite3_int64 application = database_ask(database, "PRAGMA application_id");

	if (!tables)
		make_tables(database);
	else if (application == RUN_RECORDING_ID)
		database_fail(database, "it holds recorded runs (hakmem-trace record), and no experiments");
	else if (application != RECORDING_ID)
		database_fail(database, "it is a database, but no recording of hakmem-trace");
	else if (version != RECORDING_VERSION)
		database_fail(
		    database, "its version is %lld, and this hakmem-trace knows %d", version, RECORDING_VERSION);
}

static void drop(struct recording *recording)
{
	sqlite3_close(recording->database.handle);
	free(recording->path);
	free(recording);
}

struct recording *recording_open(const char *path, char error[RECORDING_ERROR])
{
	struct recording *recording = calloc(1, sizeof(*recording));

	if (!recording) {
		snprintf(error, RECORDING_ERROR, "out of memory");
		return NULL;
	}
	recording->path = strdup(path);
	recording->made = access(path, F_OK) != 0;
	if (recording->path)
		database_open(&recording->database, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	else
		database_fail(&recording->database, "out of memory");
	check_tables(&recording->database);
	if (!result_of(recording, error))
		return recording;
	if (recording->made)
		unlink(path);
	drop(recording);
	return NULL;
}

/* A list as JSON text, which SQLite can take apart; NULL for NULL. The caller frees it. */
static char *list_text(char *const *list)
{
	json_t *array = list ? json_array() : NULL;
	char *text = NULL;

	for (; array && *list; list++) {
		json_t *string = json_string(*list);

		json_array_append_new(array, string ? string : json_string("(not UTF-8)"));
	}
	if (array)
		text = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return text;
}

static void put_arm(struct recording *recording, const struct experiment *experiment, size_t number)
{
	const struct arm *arm = &experiment->arms[number];
	char *environment = list_text(arm->environment), *command = list_text(arm->command);

	database_put_once(&recording->database, "INSERT INTO arm VALUES (?, ?, ?, ?, ?, ?)", "iitttt",
	    recording->experiment, (sqlite3_int64)number, arm->name, environment ? environment : "[]", arm->preload,
	    command);
	free(environment);
	free(command);
}

static void put_experiment(struct recording *recording, const struct experiment *experiment)
{
	const char *judged = experiment->judged < MEASURE_COUNT ? measures[experiment->judged].name : NULL;
	char *command = list_text(experiment->command);

	database_put_once(&recording->database,
	    "INSERT INTO experiment (version, began, command, seed, runs, warm_ups, traced, precision, looks, metric,"
	    " metric_less_is_better, judged, cpus, release, processors, load, not_counted)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "titiiiidititttidt", HAKMEM_VERSION, (sqlite3_int64)experiment->began, command,
	    (sqlite3_int64)experiment->seed, (sqlite3_int64)experiment->wanted_blocks,
	    (sqlite3_int64)experiment->wanted_warm_ups, (sqlite3_int64)experiment->wanted_traced,
	    experiment->precision > 0 ? experiment->precision : NAN, (sqlite3_int64)experiment->looks,
	    experiment->metric, (sqlite3_int64)experiment->metric_less_is_better, judged, experiment->cpus,
	    experiment->machine.release, (sqlite3_int64)experiment->machine.processors, experiment->machine.load,
	    experiment->not_counted);
	free(command);
	recording->experiment = sqlite3_last_insert_rowid(recording->database.handle);
	for (size_t arm = 0; arm < experiment->arm_count; arm++)
		put_arm(recording, experiment, arm);
}

static void put_regions(struct database *database, sqlite3_int64 run, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];

		database_put_once(database, "INSERT INTO region_figure VALUES (?, ?, ?, ?, ?, ?, ?)", "ittuuuu", run,
		    region_name(row->region), row->detail, row->counts.faults, row->counts.zeroed_bytes,
		    row->counts.fault_ns, row->counts.zero_ns);
	}
}

static void put_trial(struct recording *recording, const struct trial *trial, const char *report)
{
	struct database *database = &recording->database;
	bool killed = trial->exit_signal != 0;
	sqlite3_int64 run;

	database_put_once(database,
	    "INSERT INTO run (experiment, arm, kind, block, start_s, exit_code, exit_signal, others, counted, snapshot)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "iitidddddt", recording->experiment, (sqlite3_int64)trial->arm, trial_kind_name(trial->kind),
	    (sqlite3_int64)trial->block, trial->start, killed ? NAN : (double)trial->exit_code,
	    killed ? (double)trial->exit_signal : NAN, trial->others, trial->counted, report);
	run = sqlite3_last_insert_rowid(database->handle);
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		if (!isnan(trial->values[measure]))
			database_put_once(database, "INSERT INTO figure VALUES (?, ?, ?)", "itd", run,
			    measures[measure].name, trial->values[measure]);
	if (trial->snapshot)
		put_regions(database, run, trial->snapshot);
}

int recording_add(struct recording *recording, const struct experiment *experiment, const struct trial *trial,
    const char *report, char error[RECORDING_ERROR])
{
	sqlite3_int64 before = recording->experiment;

	database_run(&recording->database, "BEGIN");
	if (!recording->experiment)
		put_experiment(recording, experiment);
	put_trial(recording, trial, report);
	database_run(&recording->database, "COMMIT");
	if (!result_of(recording, error))
		return 0;
	/* The next run is another try. */
	sqlite3_exec(recording->database.handle, "ROLLBACK", NULL, NULL, NULL);
	recording->database.error[0] = '\0';
	recording->experiment = before;
	return -1;
}

int recording_close(struct recording *recording, const struct experiment *experiment, char error[RECORDING_ERROR])
{
	int result;

	if (recording->experiment && experiment)
		database_put_once(&recording->database,
		    "UPDATE experiment SET seconds = ?, others = ?, interrupted = ?, not_traced = ? WHERE id = ?",
		    "dditi", experiment->seconds, experiment->machine.others, (sqlite3_int64)experiment->interrupted,
		    experiment->not_traced, recording->experiment);
	result = result_of(recording, error);
	if (!recording->experiment && recording->made)
		unlink(recording->path);
	drop(recording);
	return result;
}
