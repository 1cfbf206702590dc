// SPDX-License-Identifier: MIT
#include "recording/run_decisions.h"

#include "recording/run_read_rows.h"
#include "snapshot/decisions.h"

static void put_decider(
    struct database *database, sqlite3_int64 run, sqlite3_int64 number, const struct decider *decider)
{
	database_put_once(database, "INSERT INTO decider VALUES (?, ?, ?, ?, ?)", "iiuti", run, number,
	    (uint64_t)decider->pid, decider->comm, (sqlite3_int64)decider->running);
	for (size_t i = 0; i < decider->decisions.count; i++) {
		const struct decision *decision = &decider->decisions.list[i];

		database_put_once(database, "INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "iiituuuut", run,
		    number, (sqlite3_int64)i, decision_lever_name(decision->lever),
		    decision->lever == LEVER_PREFAULT ? decision->block_bytes : UNKNOWN,
		    decision->lever == LEVER_HUGE ? decision->pool : UNKNOWN, decision->value, decision->changes,
		    decision->reason);
	}
}

void run_decisions_put(struct database *database, sqlite3_int64 run, const struct snapshot *snapshot)
{
	const struct deciders *deciders = snapshot->deciders;

	if (!deciders)
		return;
	database_put_once(
	    database, "INSERT INTO decided VALUES (?, ?, ?)", "iuu", run, deciders->more, deciders->more_unchanged);
	for (size_t i = 0; i < deciders->count; i++)
		put_decider(database, run, (sqlite3_int64)i, &deciders->list[i]);
}

static void read_decisions(struct database *database, sqlite3_int64 run, sqlite3_int64 number, struct decisions *into)
{
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT lever, class, pool, value, changes, reason FROM decision WHERE run = ?1 AND decider = ?2"
	    " ORDER BY number LIMIT %d",
	    DECISIONS_MOST);

	database_bind(database, statement, "ii", run, number);
	while (database_next(database, statement)) {
		const char *lever = run_read_text(database, statement, 0),
		           *reason = run_read_text(database, statement, 5);
		struct decision decision = {
		    .block_bytes = run_read_count(database, statement, 1),
		    .pool = run_read_count(database, statement, 2),
		    .value = run_read_count(database, statement, 3),
		    .changes = run_read_count(database, statement, 4),
		};

		if (!lever || !reason || !decision_lever_find(lever, &decision.lever))
			database_fail(database, "it is damaged: what was decided can't be read");
		else if (decisions_add(into, &decision, reason))
			database_fail(database, "out of memory");
	}
	sqlite3_finalize(statement);
}

static void read_deciders(struct database *database, sqlite3_int64 run, struct deciders *into)
{
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT number, pid, comm, running FROM decider WHERE run = ?1 ORDER BY number LIMIT %d", DECIDERS_MOST);

	database_bind(database, statement, "i", run);
	while (database_next(database, statement)) {
		const char *comm = run_read_text(database, statement, 2);
		struct decider decider = {
		    .pid = run_read_count(database, statement, 1),
		    .running = sqlite3_column_int64(statement, 3) == 1,
		};

		read_decisions(database, run, sqlite3_column_int64(statement, 0), &decider.decisions);
		if (deciders_add(into, comm ? comm : "", &decider))
			database_fail(database, "out of memory");
	}
	sqlite3_finalize(statement);
}

void run_decisions_read(struct database *database, sqlite3_int64 run, struct snapshot *snapshot)
{
	sqlite3_stmt *statement =
	    database_prepare(database, "SELECT more, more_unchanged FROM decided WHERE run = ?1 LIMIT 1");
	struct deciders *into;

	database_bind(database, statement, "i", run);
	if (database_next(database, statement)) {
		into = snapshot_deciders(snapshot);
		if (into) {
			into->more = run_read_count(database, statement, 0);
			into->more_unchanged = run_read_count(database, statement, 1);
			read_deciders(database, run, into);
		} else {
			database_fail(database, "out of memory");
		}
	}
	sqlite3_finalize(statement);
}
