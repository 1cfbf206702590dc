// SPDX-License-Identifier: MIT
#include "recording/run_tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/names.h"
#include "snapshot/stacks.h"

struct run_tell {
	struct database *database;
	sqlite3_int64 run;
	sqlite3_stmt *update, *drop_lists, *drop_hooks, *put_list, *put_hook;
	char *told; /* all of it in one text */
};

struct run_tell *run_tell_new(struct database *database, sqlite3_int64 run)
{
	struct run_tell *tell = calloc(1, sizeof(*tell));

	if (!tell) {
		database_fail(database, "out of memory");
		return NULL;
	}
	tell->database = database;
	tell->run = run;
	tell->update = database_prepare(database,
	    "UPDATE run SET release = ?2, lockdown = ?3, init_on_alloc = ?4, pid = ?5, attached_all = ?6, tasks = ?7,"
	    " unreadable = ?8, unwinding = ?9, stacks_sampled = ?10, kernel_frames = ?11, allocation_sites = ?12"
	    " WHERE id = ?1");
	tell->drop_lists = database_prepare(database, "DELETE FROM list WHERE run = ? AND name <> 'arguments'");
	tell->drop_hooks = database_prepare(database, "DELETE FROM hook WHERE run = ?");
	tell->put_list = database_prepare(database, "INSERT INTO list VALUES (?, ?, ?, ?)");
	tell->put_hook = database_prepare(database, "INSERT INTO hook VALUES (?, ?, ?, ?, ?, ?)");
	return tell;
}

void run_tell_free(struct run_tell *tell)
{
	if (!tell)
		return;
	sqlite3_finalize(tell->update);
	sqlite3_finalize(tell->drop_lists);
	sqlite3_finalize(tell->drop_hooks);
	sqlite3_finalize(tell->put_list);
	sqlite3_finalize(tell->put_hook);
	free(tell->told);
	free(tell);
}

static void text_list(FILE *file, char *const *list)
{
	for (; list && *list; list++)
		fprintf(file, "%s%c", *list, '\1');
	fputc('\2', file);
}

static void text_hook(FILE *file, const struct hook *hook)
{
	fprintf(file, "%s\1%s\1%s\1%d\2", hook->rung ? hook->rung : "\3", hook->name ? hook->name : "\3",
	    hook->detail ? hook->detail : "\3", hook->method);
}

/* Of what may change. NULL when out of memory. */
static char *text_of(const struct snapshot *snapshot)
{
	const struct stacks *stacks = snapshot->stacks;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		text_hook(file, &snapshot->kernel.hooks[subject]);
	text_list(file, snapshot->kernel.cannot);
	fprintf(file, "%" PRIu64 " %" PRIu64, snapshot->attachment.tasks, snapshot->attachment.unreadable);
	if (stacks)
		fprintf(file, " %d %d %d %d", stacks->unwinding, stacks->sampled, stacks->kernel_frames,
		    stacks->allocation_sites);
	return fclose(file) ? NULL : text;
}

static void put_list(struct run_tell *tell, const char *name, char *const *list)
{
	for (sqlite3_int64 i = 0; list && list[i]; i++)
		database_put(tell->database, tell->put_list, "itit", tell->run, name, i, list[i]);
}

static void put_pids(struct run_tell *tell, const struct attachment *attachment)
{
	char text[16];

	for (size_t i = 0; i < attachment->pid_count; i++) {
		snprintf(text, sizeof(text), "%" PRIu32, attachment->pids[i]);
		database_put(tell->database, tell->put_list, "itit", tell->run, "pids", (sqlite3_int64)i, text);
	}
}

static void put_lists(struct run_tell *tell, const struct snapshot *snapshot)
{
	database_put(tell->database, tell->drop_lists, "i", tell->run);
	put_list(tell, "command", snapshot->command);
	put_list(tell, "cannot", snapshot->kernel.cannot);
	put_list(tell, "comms", snapshot->attachment.names);
	put_list(tell, "cgroups", snapshot->attachment.cgroups);
	put_pids(tell, &snapshot->attachment);
}

static void put_hooks(struct run_tell *tell, const struct snapshot *snapshot)
{
	database_put(tell->database, tell->drop_hooks, "i", tell->run);
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++) {
		const struct hook *hook = &snapshot->kernel.hooks[subject];

		database_put(tell->database, tell->put_hook, "ittttt", tell->run, subject_name(subject), hook->rung,
		    hook->name, names_of_method(hook->method), hook->detail);
	}
}

static void put_run(struct run_tell *tell, const struct snapshot *snapshot)
{
	const struct stacks *stacks = snapshot->stacks;
	int init_on_alloc = snapshot->kernel.init_on_alloc;

	database_put(tell->database, tell->update, "ittuuiuutuuu", tell->run, snapshot->kernel.release,
	    snapshot->kernel.lockdown, init_on_alloc < 0 ? UNKNOWN : (uint64_t)init_on_alloc,
	    snapshot->pid ? snapshot->pid : UNKNOWN, (sqlite3_int64)snapshot->attachment.all,
	    snapshot->attachment.tasks, snapshot->attachment.unreadable,
	    stacks ? unwinding_name(stacks->unwinding) : NULL, stacks ? stacks->sampled : UNKNOWN,
	    stacks ? stacks->kernel_frames : UNKNOWN, stacks ? stacks->allocation_sites : UNKNOWN);
}

void run_tell(struct run_tell *tell, const struct snapshot *snapshot)
{
	char *text = text_of(snapshot);

	if (!text) {
		database_fail(tell->database, "out of memory");
		return;
	}
	if (!tell->told || strcmp(text, tell->told) != 0) {
		put_run(tell, snapshot);
		put_lists(tell, snapshot);
		put_hooks(tell, snapshot);
	}
	free(tell->told);
	tell->told = text;
}
