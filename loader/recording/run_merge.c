// SPDX-License-Identifier: MIT
/* Sums of slices, in SQL. See run_merge.h. */
#include "recording/run_merge.h"

#include <stdio.h>
#include <stdlib.h>

#include "recording/run_counts.h"
#include "recording/run_schema.h"

/*
 * How many slices of each length are kept, beyond those that are waiting to be merged. Of slices of a second: five
 * minutes by the second, an hour by ten, a day by hundred.
 */
#define KEPT_SHORT    300
#define KEPT          360
#define LENGTHS       6
#define SIZE_MOST     (150LL << 20) /* bytes in use from which on fewer are kept */
#define KEPT_AT_LEAST (2 * RUN_MERGED)

enum { SUMS_MOST = 3 * RUN_KINDS + 3 };

struct run_merge {
	struct database *database;
	sqlite3_int64 run;
	sqlite3_stmt *make, *drop, *pages;
	sqlite3_stmt *sums[SUMS_MOST], *drops[SUMS_MOST]; /* of each table with rows of slices */
	size_t tables;
	sqlite3_int64 slices[LENGTHS]; /* how many there are of each length */
};

/* key: its columns beside the slice; values: its sums. */
static void add_table(struct run_merge *merge, const char *table, const char *key, const char *sums)
{
	struct database *database = merge->database;

	merge->sums[merge->tables] = database_prepare(database,
	    "INSERT INTO %s SELECT ?1, %s, %s FROM %s AS c WHERE c.slice IN (SELECT id FROM slice WHERE run = ?2 AND"
	    " merged = ?3 ORDER BY start_ns LIMIT %d) GROUP BY %s",
	    table, key, sums, table, RUN_MERGED, key);
	merge->drops[merge->tables++] = database_prepare(database,
	    "DELETE FROM %s WHERE slice IN (SELECT id FROM slice WHERE run = ?2 AND merged = ?3 ORDER BY start_ns"
	    " LIMIT %d)",
	    table, RUN_MERGED);
}

static void add_tables(struct run_merge *merge)
{
	char sums[RUN_COLUMNS_TEXT], name[64], key[64];

	run_columns_sums(sums);
	for (enum run_kind kind = 0; kind < RUN_KINDS; kind++) {
		snprintf(name, sizeof(name), "%s_count", run_kinds[kind]);
		add_table(merge, name, run_kinds[kind], sums);
		snprintf(name, sizeof(name), "%s_cause", run_kinds[kind]);
		snprintf(key, sizeof(key), "%s, cause", run_kinds[kind]);
		add_table(merge, name, key, "sum(c.faults)");
		snprintf(name, sizeof(name), "%s_duration", run_kinds[kind]);
		snprintf(key, sizeof(key), "%s, bucket", run_kinds[kind]);
		add_table(merge, name, key, "sum(c.faults)");
	}
	add_table(merge, "purger_count", "purger",
	    "sum(c.faults), CASE WHEN count(c.zeroed_bytes) = count(*) THEN sum(c.zeroed_bytes) END");
	add_table(merge, "loss", "kind", "sum(c.count)");
	add_table(merge, "stack_count", "stack",
	    "sum(c.samples), sum(c.faults), sum(c.zeroed_bytes), sum(c.timed), sum(c.timed_ns)");
}

static const char slice_sums[] =
    "min(start_ns), max(end_ns), sum(merged), CASE WHEN count(charged_minor) = count(*) THEN sum(charged_minor) END,"
    " CASE WHEN count(charged_major) = count(*) THEN sum(charged_major) END,"
    " CASE WHEN count(unseen) = count(*) THEN sum(unseen) END,"
    " CASE WHEN count(failed) = count(*) THEN sum(failed) END,"
    " CASE WHEN count(traced_ns) = count(*) THEN sum(traced_ns) END,"
    " CASE WHEN count(own_ns) = count(*) THEN sum(own_ns) END, sum(stacks_lost), sum(stacks_cut), sum(stacks_stale)";

struct run_merge *run_merge_new(struct database *database, sqlite3_int64 run)
{
	struct run_merge *merge = calloc(1, sizeof(*merge));

	if (!merge) {
		database_fail(database, "out of memory");
		return NULL;
	}
	merge->database = database;
	merge->run = run;
	merge->make = database_prepare(database,
	    "INSERT INTO slice SELECT NULL, run, %s FROM (SELECT * FROM slice WHERE run = ?2 AND merged = ?3"
	    " ORDER BY start_ns LIMIT %d)",
	    slice_sums, RUN_MERGED);
	merge->drop = database_prepare(database,
	    "DELETE FROM slice WHERE id IN (SELECT id FROM slice WHERE run = ?2 AND merged = ?3 ORDER BY start_ns"
	    " LIMIT %d)",
	    RUN_MERGED);
	merge->pages = database_prepare(database,
	    "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)");
	add_tables(merge);
	return merge;
}

void run_merge_free(struct run_merge *merge)
{
	if (!merge)
		return;
	sqlite3_finalize(merge->make);
	sqlite3_finalize(merge->drop);
	sqlite3_finalize(merge->pages);
	for (size_t i = 0; i < merge->tables; i++) {
		sqlite3_finalize(merge->sums[i]);
		sqlite3_finalize(merge->drops[i]);
	}
	free(merge);
}

static void carry_out(struct run_merge *merge, sqlite3_stmt *statement, sqlite3_int64 made, sqlite3_int64 merged)
{
	database_put(merge->database, statement, "iii", made, merge->run, merged);
}

/* The oldest slices that are made of so many; the new one is found by being made of more. */
static void merge_oldest(struct run_merge *merge, sqlite3_int64 merged)
{
	sqlite3_int64 made;

	carry_out(merge, merge->make, 0, merged);
	made = sqlite3_last_insert_rowid(merge->database->handle);
	for (size_t i = 0; i < merge->tables; i++) {
		carry_out(merge, merge->sums[i], made, merged);
		carry_out(merge, merge->drops[i], made, merged);
	}
	carry_out(merge, merge->drop, made, merged);
}

static bool is_large(struct run_merge *merge)
{
	sqlite3_int64 pages = 0;

	while (database_next(merge->database, merge->pages))
		pages = sqlite3_column_int64(merge->pages, 0);
	return pages * RUN_PAGE > SIZE_MOST;
}

void run_merge_slices(struct run_merge *merge)
{
	sqlite3_int64 merged = 1, kept = KEPT_SHORT;

	merge->slices[0]++;
	for (int length = 0; length + 1 < LENGTHS; length++, merged *= RUN_MERGED, kept = KEPT) {
		if (merge->slices[length] < KEPT_AT_LEAST)
			return;
		if (merge->slices[length] < kept + RUN_MERGED && !is_large(merge))
			continue;
		merge_oldest(merge, merged);
		merge->slices[length] -= RUN_MERGED;
		merge->slices[length + 1]++;
	}
}
