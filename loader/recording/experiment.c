// SPDX-License-Identifier: MIT
/* Tables, and what is written into them. See experiment.h. */
#include "recording/experiment.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	sqlite3 *database;
	char *path;
	bool made;                /* there was no such file */
	sqlite3_int64 experiment; /* 0: not written yet */
};

static int failed(const struct recording *recording, char error[RECORDING_ERROR])
{
	snprintf(error, RECORDING_ERROR, "%s", sqlite3_errmsg(recording->database));
	return -1;
}

static int execute(struct recording *recording, const char *statement, char error[RECORDING_ERROR])
{
	return sqlite3_exec(recording->database, statement, NULL, NULL, NULL) == SQLITE_OK ? 0
	                                                                                   : failed(recording, error);
}

/* -1: it could not be had. */
static sqlite3_int64 ask(struct recording *recording, const char *question)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_int64 answer = -1;

	if (sqlite3_prepare_v2(recording->database, question, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return answer;
}

static int make_tables(struct recording *recording, char error[RECORDING_ERROR])
{
	char statement[sizeof(schema) + 160];

	snprintf(statement, sizeof(statement),
	    "BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d; %s COMMIT;", RECORDING_ID, RECORDING_VERSION,
	    schema);
	return execute(recording, statement, error);
}

static int check_tables(struct recording *recording, char error[RECORDING_ERROR])
{
	sqlite3_int64 tables = ask(recording, "SELECT count(*) FROM sqlite_master");
	sqlite3_int64 version = ask(recording, "PRAGMA user_version");

	if (tables < 0)
		return failed(recording, error);
	if (!tables)
		return make_tables(recording, error);
	if (ask(recording, "PRAGMA application_id") == RUN_RECORDING_ID)
		snprintf(error, RECORDING_ERROR, "it holds recorded runs (hakmem-trace record), and no experiments");
	else if (ask(recording, "PRAGMA application_id") != RECORDING_ID)
		snprintf(error, RECORDING_ERROR, "it is a database, but no recording of hakmem-trace");
	else if (version != RECORDING_VERSION)
		snprintf(error, RECORDING_ERROR, "its version is %lld, and this hakmem-trace knows %d", version,
		    RECORDING_VERSION);
	else
		return 0;
	return -1;
}

static void drop(struct recording *recording)
{
	sqlite3_close(recording->database);
	free(recording->path);
	free(recording);
}

struct recording *recording_open(const char *path, char error[RECORDING_ERROR])
{
	struct recording *recording = calloc(1, sizeof(*recording));
	int code;

	if (!recording) {
		snprintf(error, RECORDING_ERROR, "out of memory");
		return NULL;
	}
	recording->path = strdup(path);
	recording->made = access(path, F_OK) != 0;
	code = sqlite3_open_v2(path, &recording->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (code != SQLITE_OK)
		failed(recording, error);
	/* Somebody may be reading it. */
	sqlite3_busy_timeout(recording->database, 5000);
	if (code != SQLITE_OK || check_tables(recording, error)) {
		if (recording->made)
			unlink(path);
		drop(recording);
		return NULL;
	}
	return recording;
}

/* One value of a statement, by its type: 'i' sqlite3_int64, 'd' double (NAN: NULL), 't' const char * (NULL: NULL). */
static void bind(sqlite3_stmt *statement, int place, char type, va_list *values)
{
	const char *text;
	double number;

	switch (type) {
	case 'i':
		sqlite3_bind_int64(statement, place, va_arg(*values, sqlite3_int64));
		break;
	case 'd':
		number = va_arg(*values, double);
		if (isnan(number))
			sqlite3_bind_null(statement, place);
		else
			sqlite3_bind_double(statement, place, number);
		break;
	case 't':
		text = va_arg(*values, const char *);
		if (text)
			sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
		break;
	}
}

/* Carry out a statement with a value for each of its question marks; `types` has a letter for each. */
static int put(struct recording *recording, char error[RECORDING_ERROR], const char *text, const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list values;
	int code;

	if (sqlite3_prepare_v2(recording->database, text, -1, &statement, NULL) != SQLITE_OK)
		return failed(recording, error);
	va_start(values, types);
	for (int i = 0; types[i]; i++)
		bind(statement, i + 1, types[i], &values);
	va_end(values);
	code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : failed(recording, error);
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

static int put_arm(
    struct recording *recording, const struct experiment *experiment, size_t number, char error[RECORDING_ERROR])
{
	const struct arm *arm = &experiment->arms[number];
	char *environment = list_text(arm->environment), *command = list_text(arm->command);
	int result = put(recording, error, "INSERT INTO arm VALUES (?, ?, ?, ?, ?, ?)", "iitttt", recording->experiment,
	    (sqlite3_int64)number, arm->name, environment ? environment : "[]", arm->preload, command);

	free(environment);
	free(command);
	return result;
}

static int put_experiment(struct recording *recording, const struct experiment *experiment, char error[RECORDING_ERROR])
{
	const char *judged = experiment->judged < MEASURE_COUNT ? measures[experiment->judged].name : NULL;
	char *command = list_text(experiment->command);
	int result = put(recording, error,
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
	recording->experiment = sqlite3_last_insert_rowid(recording->database);
	for (size_t arm = 0; !result && arm < experiment->arm_count; arm++)
		result = put_arm(recording, experiment, arm, error);
	return result;
}

static int put_regions(
    struct recording *recording, sqlite3_int64 run, const struct snapshot *snapshot, char error[RECORDING_ERROR])
{
	int result = 0;

	for (size_t i = 0; !result && i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];
		const uint64_t figures[] = {
		    row->counts.faults, row->counts.zeroed_bytes, row->counts.fault_ns, row->counts.zero_ns};
		double values[4];

		for (size_t f = 0; f < 4; f++)
			values[f] = figures[f] == UNKNOWN ? NAN : (double)figures[f];
		result = put(recording, error, "INSERT INTO region_figure VALUES (?, ?, ?, ?, ?, ?, ?)", "ittdddd", run,
		    region_name(row->region), row->detail, values[0], values[1], values[2], values[3]);
	}
	return result;
}

static int put_trial(
    struct recording *recording, const struct trial *trial, const char *report, char error[RECORDING_ERROR])
{
	bool killed = trial->exit_signal != 0;
	int result = put(recording, error,
	    "INSERT INTO run (experiment, arm, kind, block, start_s, exit_code, exit_signal, others, counted, snapshot)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "iitidddddt", recording->experiment, (sqlite3_int64)trial->arm, trial_kind_name(trial->kind),
	    (sqlite3_int64)trial->block, trial->start, killed ? NAN : (double)trial->exit_code,
	    killed ? (double)trial->exit_signal : NAN, trial->others, trial->counted, report);
	sqlite3_int64 run = sqlite3_last_insert_rowid(recording->database);

	for (enum measure measure = 0; !result && measure < MEASURE_COUNT; measure++)
		if (!isnan(trial->values[measure]))
			result = put(recording, error, "INSERT INTO figure VALUES (?, ?, ?)", "itd", run,
			    measures[measure].name, trial->values[measure]);
	if (!result && trial->snapshot)
		result = put_regions(recording, run, trial->snapshot, error);
	return result;
}

int recording_add(struct recording *recording, const struct experiment *experiment, const struct trial *trial,
    const char *report, char error[RECORDING_ERROR])
{
	int result = execute(recording, "BEGIN", error);

	if (!result && !recording->experiment)
		result = put_experiment(recording, experiment, error);
	if (!result)
		result = put_trial(recording, trial, report, error);
	if (!result)
		return execute(recording, "COMMIT", error);
	sqlite3_exec(recording->database, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

int recording_close(struct recording *recording, const struct experiment *experiment, char error[RECORDING_ERROR])
{
	int result = 0;

	if (recording->experiment && experiment)
		result = put(recording, error,
		    "UPDATE experiment SET seconds = ?, others = ?, interrupted = ?, not_traced = ? WHERE id = ?",
		    "dditi", experiment->seconds, experiment->machine.others, (sqlite3_int64)experiment->interrupted,
		    experiment->not_traced, recording->experiment);
	if (!recording->experiment && recording->made)
		unlink(recording->path);
	drop(recording);
	return result;
}
