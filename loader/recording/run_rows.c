// SPDX-License-Identifier: MIT
/* See run_rows.h. */
#include "recording/run_rows.h"

#include <stdlib.h>
#include <string.h>

#include "recording/run_put.h"
#include "recording/run_stacks.h"
#include "snapshot/lookup.h"
#include "snapshot/room.h"

struct run_rows {
	struct database *database;
	sqlite3_int64 run;
	struct run_put put[RUN_KINDS];
	sqlite3_int64 region_before, phase_before, process_before, purger_before; /* the last id of another run */
	sqlite3_stmt *put_region, *put_phase, *place_phase, *put_process, *name_process, *put_purger, *count_purger;
	struct snapshot *written; /* rows stay where they are: the Nth has the id before + 1 + N */
	struct lookup pids;       /* of written->processes */
	size_t process_room;
	size_t positions[256]; /* of phases; as many as bpf/ has at most */
	struct run_stacks *stacks;
};

/* The row of `written`; NULL after an error. */
static struct region_row *region_row(struct run_rows *rows, enum region region, const char *detail)
{
	size_t count = rows->written->region_count;
	struct region_row *row = snapshot_region(rows->written, region, detail);

	if (!row)
		database_fail(rows->database, "out of memory");
	else if (rows->written->region_count > count)
		database_put(rows->database, rows->put_region, "iitt", rows->region_before + 1 + (sqlite3_int64)count,
		    rows->run, region_name(region), detail);
	return row;
}

static sqlite3_int64 id_of_region(void *context, enum region region, const char *detail)
{
	struct run_rows *rows = context;
	struct region_row *row = region_row(rows, region, detail);

	return row ? rows->region_before + 1 + (row - rows->written->regions) : 0;
}

struct run_rows *run_rows_new(struct database *database, sqlite3_int64 run)
{
	struct run_rows *rows = calloc(1, sizeof(*rows));

	if (rows)
		rows->written = snapshot_new();
	if (!rows || !rows->written) {
		database_fail(database, "out of memory");
		free(rows);
		return NULL;
	}
	rows->database = database;
	rows->run = run;
	for (enum run_kind kind = 0; kind < RUN_KINDS; kind++)
		run_put_prepare(&rows->put[kind], database, kind);
	rows->region_before = database_last_id(database, "region");
	rows->phase_before = database_last_id(database, "phase");
	rows->process_before = database_last_id(database, "process");
	rows->purger_before = database_last_id(database, "purger");
	rows->put_region = database_prepare(database, "INSERT INTO region VALUES (?, ?, ?, ?)");
	rows->put_phase = database_prepare(database, "INSERT INTO phase VALUES (?, ?, ?, ?, ?)");
	rows->place_phase = database_prepare(database, "UPDATE phase SET position = ? WHERE run = ? AND name = ?");
	rows->put_process = database_prepare(database, "INSERT INTO process VALUES (?, ?, ?, ?, ?, ?)");
	rows->name_process =
	    database_prepare(database, "UPDATE process SET parent = ?, comm = ?, cgroup = ? WHERE id = ?");
	rows->put_purger = database_prepare(database, "INSERT INTO purger VALUES (?, ?, ?, ?, ?)");
	rows->count_purger = database_prepare(database, "INSERT INTO purger_count VALUES (?, ?, ?, ?)");
	rows->stacks = run_stacks_new(database, run, id_of_region, rows);
	return rows;
}

void run_rows_free(struct run_rows *rows)
{
	if (!rows)
		return;
	for (enum run_kind kind = 0; kind < RUN_KINDS; kind++)
		run_put_finalize(&rows->put[kind]);
	sqlite3_finalize(rows->put_region);
	sqlite3_finalize(rows->put_phase);
	sqlite3_finalize(rows->place_phase);
	sqlite3_finalize(rows->put_process);
	sqlite3_finalize(rows->name_process);
	sqlite3_finalize(rows->put_purger);
	sqlite3_finalize(rows->count_purger);
	run_stacks_free(rows->stacks);
	lookup_free(&rows->pids);
	snapshot_free(rows->written);
	free(rows);
}

static void add_regions(struct run_rows *rows, sqlite3_int64 slice, const struct snapshot *now)
{
	size_t earlier = rows->written->region_count;
	bool *seen = calloc(earlier + 1, sizeof(*seen));
	const struct counts none = {};

	for (size_t i = 0; seen && i < now->region_count; i++) {
		struct region_row *row = region_row(rows, now->regions[i].region, now->regions[i].detail);
		size_t number;

		if (!row)
			break;
		number = row - rows->written->regions;
		if (number < earlier)
			seen[number] = true;
		run_put(&rows->put[RUN_REGION], slice, rows->region_before + 1 + number, &row->counts,
		    &now->regions[i].counts);
	}
	/* What was not recognised before, and is now, is counted elsewhere. */
	for (size_t i = 0; seen && i < earlier; i++)
		if (!seen[i])
			run_put(&rows->put[RUN_REGION], slice, rows->region_before + 1 + i,
			    &rows->written->regions[i].counts, &none);
	free(seen);
}

static void make_phase(struct run_rows *rows, size_t number, size_t position, const char *name)
{
	sqlite3_int64 first = rows->phase_before + 1 + (sqlite3_int64)number * REGION_COUNT;

	for (enum region region = 0; region < REGION_COUNT; region++)
		database_put(rows->database, rows->put_phase, "iiitt", first + region, rows->run,
		    (sqlite3_int64)position, name, region_name(region));
	rows->positions[number] = position;
}

/* Their order is that in which they begin, which is not that in which they are heard of. */
static void add_phases(struct run_rows *rows, sqlite3_int64 slice, const struct snapshot *now)
{
	size_t most = sizeof(rows->positions) / sizeof(rows->positions[0]);

	for (size_t i = 0; i < now->phase_count && i < most; i++) {
		size_t count = rows->written->phase_count, number;
		struct phase_row *row = snapshot_phase(rows->written, now->phases[i].name);

		if (!row) {
			database_fail(rows->database, "out of memory");
			return;
		}
		number = row - rows->written->phases;
		if (rows->written->phase_count > count)
			make_phase(rows, number, i, row->name);
		else if (rows->positions[number] != i)
			database_put(rows->database, rows->place_phase, "iit", (sqlite3_int64)i, rows->run, row->name);
		rows->positions[number] = i;
		for (enum region region = 0; region < REGION_COUNT; region++)
			run_put(&rows->put[RUN_PHASE], slice,
			    rows->phase_before + 1 + (sqlite3_int64)number * REGION_COUNT + region,
			    &row->regions[region], &now->phases[i].regions[region]);
	}
}

static bool same_pid(const void *context, uint32_t entry, const void *key)
{
	return ((const struct snapshot *)context)->processes[entry].pid == *(const uint32_t *)key;
}

/* A new row; NULL after an error. */
static struct process_row *make_process(struct run_rows *rows, const struct process_row *from, uint32_t hash)
{
	struct snapshot *written = rows->written;
	struct process_row *row;

	if (room_for_one(&written->processes, &rows->process_room, written->process_count, sizeof(*row)))
		return NULL;
	row = &written->processes[written->process_count];
	*row = (struct process_row){.pid = from->pid, .parent = from->parent};
	if (process_row_name(row, from->comm, from->cgroup) || lookup_add(&rows->pids, hash, written->process_count)) {
		process_row_free(row);
		return NULL;
	}
	written->process_count++;
	database_put(rows->database, rows->put_process, "iiiitt",
	    rows->process_before + (sqlite3_int64)written->process_count, rows->run, (sqlite3_int64)row->pid,
	    (sqlite3_int64)row->parent, row->comm, row->cgroup);
	return row;
}

static bool same_text(const char *one, const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

/* A process takes another name when it executes a program, and may be in another cgroup then. */
static void rename_process(struct run_rows *rows, struct process_row *row, const struct process_row *now)
{
	if (row->parent == now->parent && !strcmp(row->comm, now->comm) && same_text(row->cgroup, now->cgroup))
		return;
	if (process_row_name(row, now->comm, now->cgroup)) {
		database_fail(rows->database, "out of memory");
		return;
	}
	row->parent = now->parent;
	database_put(rows->database, rows->name_process, "itti", (sqlite3_int64)row->parent, row->comm, row->cgroup,
	    rows->process_before + 1 + (row - rows->written->processes));
}

static void add_processes(struct run_rows *rows, sqlite3_int64 slice, const struct snapshot *now)
{
	for (size_t i = 0; i < now->process_count; i++) {
		const struct process_row *from = &now->processes[i];
		uint32_t hash = lookup_hash(LOOKUP_START, &from->pid, sizeof(from->pid));
		uint32_t entry = lookup_find(&rows->pids, hash, same_pid, rows->written, &from->pid);
		struct process_row *row;

		row = entry == LOOKUP_NONE ? make_process(rows, from, hash) : &rows->written->processes[entry];
		if (!row) {
			database_fail(rows->database, "out of memory");
			return;
		}
		rename_process(rows, row, from);
		run_put(&rows->put[RUN_PROCESS], slice, rows->process_before + 1 + (row - rows->written->processes),
		    &row->counts, &from->counts);
	}
}

static void put_purger(struct run_rows *rows, sqlite3_int64 slice, size_t number, uint64_t faults, uint64_t zeroed)
{
	struct purger_row *row = &rows->written->purgers[number];
	bool known = zeroed != UNKNOWN && row->zeroed_bytes != UNKNOWN;

	if (row->faults != faults || (row->zeroed_bytes != zeroed && known))
		database_put(rows->database, rows->count_purger, "iiiu", slice,
		    rows->purger_before + 1 + (sqlite3_int64)number, (sqlite3_int64)(faults - row->faults),
		    known ? zeroed - row->zeroed_bytes : UNKNOWN);
	row->faults = faults;
	row->zeroed_bytes = zeroed;
}

static void add_purgers(struct run_rows *rows, sqlite3_int64 slice, const struct snapshot *now)
{
	size_t earlier = rows->written->purger_count;
	bool *seen = calloc(earlier + 1, sizeof(*seen));

	for (size_t i = 0; seen && i < now->purger_count; i++) {
		const struct purger_row *from = &now->purgers[i];
		size_t count = rows->written->purger_count, number;
		struct purger_row *row = snapshot_purger(rows->written, from->object, from->call, from->region);

		if (!row) {
			database_fail(rows->database, "out of memory");
			break;
		}
		number = row - rows->written->purgers;
		if (number < earlier)
			seen[number] = true;
		if (rows->written->purger_count > count)
			database_put(rows->database, rows->put_purger, "iittt",
			    rows->purger_before + 1 + (sqlite3_int64)number, rows->run, from->object, from->call,
			    region_name(from->region));
		put_purger(rows, slice, number, from->faults, from->zeroed_bytes);
	}
	for (size_t i = 0; seen && i < earlier; i++)
		if (!seen[i])
			put_purger(rows, slice, i, 0, 0);
	free(seen);
}

void run_rows_add(struct run_rows *rows, sqlite3_int64 slice, const struct snapshot *now)
{
	if (rows->database->error[0])
		return;
	add_regions(rows, slice, now);
	add_phases(rows, slice, now);
	add_processes(rows, slice, now);
	add_purgers(rows, slice, now);
	if (now->stacks)
		run_stacks_add(rows->stacks, slice, now->stacks);
}
