// SPDX-License-Identifier: MIT
/* See run_stacks.h. */
#include "recording/run_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"
#include "snapshot/lookup.h"

/* The last one's id before this run's. */
struct ids {
	sqlite3_int64 text, frame, call, stack;
};

struct call {
	uint32_t caller; /* number + 1; 0: none */
	uint32_t frame;
};

struct run_stacks {
	struct database *database;
	sqlite3_int64 run;
	region_id *region_id;
	void *context;
	struct ids before;
	sqlite3_stmt *put_text, *put_frame, *put_call, *put_stack, *put_count;
	struct stacks *written; /* rows and frames stay where they are; frame N has the id before.frame + N */
	size_t frames, rows;    /* of these: in the file */
	struct lookup texts, calls;
	const char **text; /* owned by `written` or static */
	size_t text_count, text_room;
	struct call *call;
	size_t call_count, call_room;
};

struct run_stacks *run_stacks_new(struct database *database, sqlite3_int64 run, region_id *region_id, void *context)
{
	struct run_stacks *stacks = calloc(1, sizeof(*stacks));

	if (stacks)
		stacks->written = stacks_new();
	if (!stacks || !stacks->written) {
		database_fail(database, "out of memory");
		free(stacks);
		return NULL;
	}
	stacks->database = database;
	stacks->run = run;
	stacks->region_id = region_id;
	stacks->context = context;
	stacks->frames = 1; /* none needs no row */
	stacks->before = (struct ids){
	    .text = database_last_id(database, "text"),
	    .frame = database_last_id(database, "frame"),
	    .call = database_last_id(database, "call"),
	    .stack = database_last_id(database, "stack"),
	};
	stacks->put_text = database_prepare(database, "INSERT INTO text VALUES (?, ?)");
	stacks->put_frame = database_prepare(database, "INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	stacks->put_call = database_prepare(database, "INSERT INTO call VALUES (?, ?, ?)");
	stacks->put_stack = database_prepare(database, "INSERT INTO stack VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	stacks->put_count = database_prepare(database, "INSERT INTO stack_count VALUES (?, ?, ?, ?, ?, ?, ?)");
	return stacks;
}

void run_stacks_free(struct run_stacks *stacks)
{
	if (!stacks)
		return;
	sqlite3_finalize(stacks->put_text);
	sqlite3_finalize(stacks->put_frame);
	sqlite3_finalize(stacks->put_call);
	sqlite3_finalize(stacks->put_stack);
	sqlite3_finalize(stacks->put_count);
	lookup_free(&stacks->texts);
	lookup_free(&stacks->calls);
	free(stacks->text);
	free(stacks->call);
	stacks_free(stacks->written);
	free(stacks);
}

/* Room for one more; false when out of memory. */
static bool make_room(struct run_stacks *stacks, void *array, size_t *room, size_t count, size_t size)
{
	if (!room_for_one(array, room, count, size))
		return true;
	database_fail(stacks->database, "out of memory");
	return false;
}

static bool same_text(const void *context, uint32_t entry, const void *key)
{
	return !strcmp(((const struct run_stacks *)context)->text[entry], key);
}

/* The id of a text that lives as long as `written`. */
static sqlite3_int64 text_id(struct run_stacks *stacks, const char *text)
{
	uint32_t hash = lookup_hash(LOOKUP_START, text, strlen(text));
	uint32_t entry = lookup_find(&stacks->texts, hash, same_text, stacks, text);

	if (entry != LOOKUP_NONE)
		return stacks->before.text + 1 + entry;
	if (!make_room(stacks, &stacks->text, &stacks->text_room, stacks->text_count, sizeof(*stacks->text)))
		return 0;
	if (lookup_add(&stacks->texts, hash, stacks->text_count)) {
		database_fail(stacks->database, "out of memory");
		return 0;
	}
	stacks->text[stacks->text_count++] = text;
	database_put(
	    stacks->database, stacks->put_text, "it", stacks->before.text + (sqlite3_int64)stacks->text_count, text);
	return stacks->before.text + stacks->text_count;
}

static void put_frame(struct run_stacks *stacks, size_t number)
{
	const struct frame *frame = &stacks->written->frames[number];
	sqlite3_int64 function = text_id(stacks, frame->function), object = text_id(stacks, frame->object);
	sqlite3_int64 source = text_id(stacks, frame->source);

	database_put(stacks->database, stacks->put_frame, "iiiiiiii", stacks->before.frame + (sqlite3_int64)number,
	    function, object, source, (sqlite3_int64)frame->line, (sqlite3_int64)frame->inlined,
	    (sqlite3_int64)frame->kernel, (sqlite3_int64)frame->address);
}

static bool same_call(const void *context, uint32_t entry, const void *key)
{
	return !memcmp(&((const struct run_stacks *)context)->call[entry], key, sizeof(struct call));
}

/* The number of a call, plus 1; 0 after an error. */
static uint32_t call_number(struct run_stacks *stacks, const struct call *call)
{
	uint32_t hash = lookup_hash(LOOKUP_START, call, sizeof(*call));
	uint32_t entry = lookup_find(&stacks->calls, hash, same_call, stacks, call);
	sqlite3_int64 before = stacks->before.call;

	if (entry != LOOKUP_NONE)
		return entry + 1;
	if (!make_room(stacks, &stacks->call, &stacks->call_room, stacks->call_count, sizeof(*stacks->call)))
		return 0;
	if (lookup_add(&stacks->calls, hash, stacks->call_count)) {
		database_fail(stacks->database, "out of memory");
		return 0;
	}
	stacks->call[stacks->call_count++] = *call;
	database_put(stacks->database, stacks->put_call, "iui", before + (sqlite3_int64)stacks->call_count,
	    call->caller ? (uint64_t)before + call->caller : UNKNOWN,
	    stacks->before.frame + (sqlite3_int64)call->frame);
	return stacks->call_count;
}

/* The id of the innermost call; UNKNOWN: there are no frames. */
static uint64_t calls_id(struct run_stacks *stacks, const struct frames *frames)
{
	struct call call = {};

	for (size_t i = frames->count; i--;) {
		call.frame = frames->frame[i];
		call.caller = call_number(stacks, &call);
	}
	return call.caller ? (uint64_t)stacks->before.call + call.caller : UNKNOWN;
}

static void put_row(struct run_stacks *stacks, size_t number)
{
	const struct stack_key *key = &stacks->written->rows[number].key;
	sqlite3_int64 region = stacks->region_id(stacks->context, key->region, key->detail);
	sqlite3_int64 comm = text_id(stacks, key->comm);
	uint64_t touched = calls_id(stacks, &key->touched), allocated = calls_id(stacks, &key->allocated);

	database_put(stacks->database, stacks->put_stack, "iiiiiiuu", stacks->before.stack + 1 + (sqlite3_int64)number,
	    stacks->run, region, (sqlite3_int64)key->cause, (sqlite3_int64)key->pid, comm, touched, allocated);
}

/* Frames and rows that were not there yet. */
static void put_new(struct run_stacks *stacks)
{
	for (; stacks->frames < stacks->written->frame_count; stacks->frames++)
		put_frame(stacks, stacks->frames);
	for (; stacks->rows < stacks->written->row_count; stacks->rows++)
		put_row(stacks, stacks->rows);
}

static void put_difference(
    struct run_stacks *stacks, sqlite3_int64 slice, struct stack_row *before, const struct stack_row *now)
{
	sqlite3_int64 id;

	if (before->samples != now->samples || before->faults != now->faults ||
	    before->zeroed_bytes != now->zeroed_bytes || before->timed != now->timed ||
	    before->timed_ns != now->timed_ns) {
		put_new(stacks);
		id = stacks->before.stack + 1 + (before - stacks->written->rows);
		database_put(stacks->database, stacks->put_count, "iiidddd", slice, id,
		    (sqlite3_int64)(now->samples - before->samples), now->faults - before->faults,
		    now->zeroed_bytes - before->zeroed_bytes, now->timed - before->timed,
		    now->timed_ns - before->timed_ns);
	}
	before->samples = now->samples;
	before->faults = now->faults;
	before->zeroed_bytes = now->zeroed_bytes;
	before->timed = now->timed;
	before->timed_ns = now->timed_ns;
}

/* seen: of rows of `written`, which `now` has, too. */
static void put_rows(struct run_stacks *stacks, sqlite3_int64 slice, const struct stacks *now, const uint32_t *numbers,
    bool *seen, size_t earlier)
{
	const struct stack_row none = {};

	for (size_t i = 0; i < now->row_count && !stacks->database->error[0]; i++) {
		struct stack_row *row;

		if (!now->rows[i].samples)
			continue; /* stands for what no stack was taken of: follows from the rest */
		row = stacks_same_row(stacks->written, &now->rows[i], numbers);
		if (!row) {
			database_fail(stacks->database, "out of memory");
			return;
		}
		if ((size_t)(row - stacks->written->rows) < earlier)
			seen[row - stacks->written->rows] = true;
		put_difference(stacks, slice, row, &now->rows[i]);
	}
	/* What is known better by now is counted elsewhere. */
	for (size_t i = 0; i < earlier; i++)
		if (!seen[i])
			put_difference(stacks, slice, &stacks->written->rows[i], &none);
}

void run_stacks_add(struct run_stacks *stacks, sqlite3_int64 slice, const struct stacks *now)
{
	size_t earlier = stacks->written->row_count;
	uint32_t *numbers = stacks_translate(stacks->written, now);
	bool *seen = calloc(earlier + 1, sizeof(*seen));

	if (numbers && seen)
		put_rows(stacks, slice, now, numbers, seen, earlier);
	else
		database_fail(stacks->database, "out of memory");
	free(numbers);
	free(seen);
}
