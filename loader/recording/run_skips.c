// SPDX-License-Identifier: MIT
#include "recording/run_skips.h"

#include "recording/run_read_rows.h"

void run_skips_put(struct database *database, sqlite3_int64 run, const struct snapshot *snapshot)
{
	database_put_once(database, "INSERT INTO skips VALUES (?, ?, ?)", "iuu", run, snapshot->totals.skipped,
	    snapshot->totals.unallocated);
}

void run_skips_read(struct database *database, sqlite3_int64 run, struct snapshot *snapshot)
{
	sqlite3_stmt *statement =
	    database_prepare(database, "SELECT skipped, unallocated FROM skips WHERE run = ?1 LIMIT 1");

	database_bind(database, statement, "i", run);
	if (database_next(database, statement)) {
		snapshot->totals.skipped = run_read_count(database, statement, 0);
		snapshot->totals.unallocated = run_read_count(database, statement, 1);
	}
	sqlite3_finalize(statement);
}
