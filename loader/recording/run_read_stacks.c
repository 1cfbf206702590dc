// SPDX-License-Identifier: MIT
/* Call stacks. See run_read_rows.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recording/id_map.h"
#include "recording/names.h"
#include "recording/run_read_rows.h"
#include "snapshot/stacks.h"

/* No stack of a real program is deeper, and all stacks together shall fit in memory. */
#define DEPTH_MOST  4096
#define FRAMES_MOST (64 << 20)
#define FIGURE_MOST 1e17

struct reading {
	const struct run_selection *selection;
	struct database *database;
	struct stacks *stacks;
	struct id_map frames, calls;
	uint32_t *frame; /* of `stacks`, by number of `frames` */
	struct call {
		size_t caller; /* number of `calls`, less than this one's; ID_NONE: none */
		uint32_t frame;
	} * call;
	size_t room, total;
	uint32_t found[2 * DEPTH_MOST]; /* of one stack */
};

static void *grow(struct reading *reading, void *array, size_t count, size_t size)
{
	void *grown = count & (count - 1) ? array : reallocarray(array, count ? 2 * count : 1, size);

	if (!grown)
		database_fail(reading->database, "out of memory");
	return grown;
}

static void add_frame(struct reading *reading, sqlite3_stmt *statement)
{
	struct database *database = reading->database;
	size_t number = id_map_add(&reading->frames, sqlite3_column_int64(statement, 0));
	struct frame frame = {
	    .function = run_read_text(database, statement, 1),
	    .object = run_read_text(database, statement, 2),
	    .source = run_read_text(database, statement, 3),
	    .line = sqlite3_column_int64(statement, 4),
	    .inlined = sqlite3_column_int64(statement, 5),
	    .kernel = sqlite3_column_int64(statement, 6),
	    .address = sqlite3_column_int64(statement, 7),
	};
	uint32_t *grown;

	if (database->error[0])
		return;
	grown = number == ID_NONE ? NULL : grow(reading, reading->frame, number, sizeof(*grown));
	if (!grown) {
		database_fail(database, "it is damaged: its frames are not distinct");
		return;
	}
	reading->frame = grown;
	grown[number] = stacks_frame(reading->stacks, &frame);
	if (!grown[number])
		database_fail(database, "out of memory");
}

static void read_frames(struct reading *reading)
{
	sqlite3_stmt *statement = database_prepare(reading->database,
	    "SELECT f.id, t.text, o.text, s.text, f.line, f.inlined, f.kernel, f.address FROM frame AS f"
	    " LEFT JOIN text AS t ON t.id = f.function LEFT JOIN text AS o ON o.id = f.object"
	    " LEFT JOIN text AS s ON s.id = f.source ORDER BY f.id");

	while (database_next(reading->database, statement))
		add_frame(reading, statement);
	sqlite3_finalize(statement);
}

/* Callers come before those they call, so that no stack is without an end. */
static void add_call(struct reading *reading, sqlite3_stmt *statement)
{
	size_t frame = id_map_find(&reading->frames, sqlite3_column_int64(statement, 2)), caller = ID_NONE, number;
	bool outermost = sqlite3_column_type(statement, 1) == SQLITE_NULL;
	struct call *grown = NULL;

	if (!outermost)
		caller = id_map_find(&reading->calls, sqlite3_column_int64(statement, 1));
	number = id_map_add(&reading->calls, sqlite3_column_int64(statement, 0));
	if (number != ID_NONE && frame != ID_NONE && (outermost || caller != ID_NONE))
		grown = grow(reading, reading->call, number, sizeof(*grown));
	if (!grown) {
		database_fail(reading->database, "it is damaged: its call stacks have no beginning");
		return;
	}
	reading->call = grown;
	grown[number] = (struct call){.caller = caller, .frame = reading->frame[frame]};
}

static void read_calls(struct reading *reading)
{
	sqlite3_stmt *statement = database_prepare(reading->database, "SELECT id, caller, frame FROM call ORDER BY id");

	while (database_next(reading->database, statement))
		add_call(reading, statement);
	sqlite3_finalize(statement);
}

/* The frames from a call outwards, into `found`. */
static struct frames follow(struct reading *reading, sqlite3_stmt *statement, int column, uint32_t *found)
{
	struct frames frames = {.frame = found};
	size_t call;

	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return frames;
	call = id_map_find(&reading->calls, sqlite3_column_int64(statement, column));
	if (call == ID_NONE)
		database_fail(reading->database, "it is damaged: a call stack is missing");
	for (; call != ID_NONE && frames.count < DEPTH_MOST; call = reading->call[call].caller)
		found[frames.count++] = reading->call[call].frame;
	reading->total += frames.count;
	if (call != ID_NONE || reading->total > FRAMES_MOST)
		database_fail(reading->database, "it is damaged: its call stacks are too deep");
	return frames;
}

/* Sums of weights; rounding may leave a little less than nothing. */
static double number(struct reading *reading, sqlite3_stmt *statement, int column)
{
	double value = sqlite3_column_double(statement, column);

	if (!(fabs(value) < FIGURE_MOST))
		database_fail(reading->database, "it is damaged: a call stack has a figure that can't be");
	return fmax(value, 0);
}

static void add_stack(struct reading *reading, sqlite3_stmt *statement)
{
	struct database *database = reading->database;
	const char *region = run_read_text(database, statement, 0);
	sqlite3_int64 cause = sqlite3_column_int64(statement, 2);
	struct stack_key key = {
	    .detail = run_read_text(database, statement, 1),
	    .cause = cause,
	    .pid = run_read_count(database, statement, 3),
	    .comm = run_read_text(database, statement, 4),
	    .touched = follow(reading, statement, 5, reading->found),
	    .allocated = follow(reading, statement, 6, reading->found + DEPTH_MOST),
	};
	struct stack_row *row;

	if (!sqlite3_column_int(statement, 12))
		database_fail(database, "it is damaged: a call stack has no figures");
	if (!database->error[0] && (!names_region(region, &key.region) || cause < 0 || cause >= FAULT_CAUSE_COUNT))
		database_fail(database, "it is damaged: whose memory a call stack touched can't be read");
	if (database->error[0])
		return;
	row = stacks_row(reading->stacks, &key);
	if (!row) {
		database_fail(database, "out of memory");
		return;
	}
	row->samples += run_read_count(database, statement, 7);
	row->faults += number(reading, statement, 8);
	row->zeroed_bytes += number(reading, statement, 9);
	row->timed += number(reading, statement, 10);
	row->timed_ns += number(reading, statement, 11);
}

static void read_stacks(struct reading *reading)
{
	sqlite3_stmt *statement = database_prepare(reading->database,
	    "SELECT r.region, r.detail, s.cause, s.pid, t.text, s.touched, s.allocated, c.samples, c.faults,"
	    " c.zeroed_bytes, c.timed, c.timed_ns, c.sound FROM (SELECT stack, sum(samples) AS samples, sum(faults) AS "
	    "faults,"
	    " sum(zeroed_bytes) AS zeroed_bytes, sum(timed) AS timed, sum(timed_ns) AS timed_ns,"
	    " min(typeof(faults) = 'real' AND typeof(zeroed_bytes) = 'real' AND typeof(timed) = 'real'"
	    " AND typeof(timed_ns) = 'real') AS sound FROM stack_count"
	    " WHERE slice IN " RUN_SELECTED " GROUP BY stack HAVING sum(samples) > 0) AS c"
	    " JOIN stack AS s ON s.id = c.stack LEFT JOIN region AS r ON r.id = s.region"
	    " LEFT JOIN text AS t ON t.id = s.comm");

	run_selection_bind(reading->selection, statement);
	while (database_next(reading->database, statement))
		add_stack(reading, statement);
	sqlite3_finalize(statement);
}

void run_read_stacks(const struct run_selection *selection, struct snapshot *snapshot)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading) {
		database_fail(selection->database, "out of memory");
		return;
	}
	reading->selection = selection;
	reading->database = selection->database;
	reading->stacks = snapshot->stacks;
	read_frames(reading);
	read_calls(reading);
	read_stacks(reading);
	free(reading->frame);
	free(reading->call);
	id_map_free(&reading->frames);
	id_map_free(&reading->calls);
	free(reading);
}
