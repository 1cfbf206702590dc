// SPDX-License-Identifier: MIT
#include "recording/run_read_about.h"

#include <stdlib.h>
#include <string.h>

#include "recording/names.h"
#include "snapshot/stacks.h"

#define LIST_MOST 100000

/* NULL for NULL. */
static char *read_optional(struct database *database, sqlite3_stmt *statement, int column)
{
	const char *text;
	char *copy;

	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return NULL;
	text = run_read_text(database, statement, column);
	copy = text ? strdup(text) : NULL;
	if (!copy)
		database_fail(database, "out of memory");
	return copy;
}

/* A new list, NULL-terminated; NULL after an error, and of one that is not there. */
static char **read_list(const struct run_selection *selection, const char *name)
{
	struct database *database = selection->database;
	sqlite3_stmt *statement = database_prepare(
	    database, "SELECT value FROM list WHERE run = ?1 AND name = ?2 ORDER BY number LIMIT %d", LIST_MOST);
	char **list = NULL;
	size_t count = 0;

	database_bind(database, statement, "it", selection->run, name);
	while (database_next(database, statement)) {
		const char *text = run_read_text(database, statement, 0);
		char **grown = reallocarray(list, count + 2, sizeof(*list));

		if (!grown || !text) {
			database_fail(database, "out of memory");
			break;
		}
		list = grown;
		list[count] = strdup(text);
		list[count + 1] = NULL;
		if (!list[count++])
			database_fail(database, "out of memory");
	}
	sqlite3_finalize(statement);
	return list;
}

/* An empty list where there is none. */
static char **list_or_empty(const struct run_selection *selection, const char *name)
{
	char **list = read_list(selection, name);

	if (!list && !(list = calloc(1, sizeof(*list))))
		database_fail(selection->database, "out of memory");
	return list;
}

static void read_pids(const struct run_selection *selection, struct attachment *to)
{
	char **list = read_list(selection, "pids");
	size_t count = 0;

	while (list && list[count])
		count++;
	to->pids = calloc(count + 1, sizeof(*to->pids));
	if (!to->pids)
		database_fail(selection->database, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (to->pids)
			to->pids[to->pid_count++] = strtoul(list[i], NULL, 10);
		free(list[i]);
	}
	free(list);
}

static void read_lists(const struct run_selection *selection, struct snapshot *snapshot)
{
	snapshot->command = read_list(selection, "command");
	snapshot->kernel.cannot = list_or_empty(selection, "cannot");
	if (snapshot->command)
		return;
	snapshot->attachment.names = list_or_empty(selection, "comms");
	snapshot->attachment.cgroups = list_or_empty(selection, "cgroups");
	read_pids(selection, &snapshot->attachment);
}

static void read_hook(struct database *database, sqlite3_stmt *statement, struct snapshot *snapshot)
{
	const char *subject = run_read_text(database, statement, 0), *method;
	struct hook *hook = NULL;

	for (enum subject i = 0; subject && i < SUBJECT_COUNT; i++)
		if (!strcmp(subject, subject_name(i)))
			hook = &snapshot->kernel.hooks[i];
	if (!hook || hook->rung || hook->name || hook->detail) {
		database_fail(database, "it is damaged: its hooks can't be read");
		return;
	}
	hook->rung = read_optional(database, statement, 1);
	hook->name = read_optional(database, statement, 2);
	hook->detail = read_optional(database, statement, 4);
	if (sqlite3_column_type(statement, 3) == SQLITE_NULL)
		return;
	method = run_read_text(database, statement, 3);
	if (method && !names_method(method, &hook->method))
		database_fail(database, "it has a method '%.40s', which this hakmem-trace doesn't know", method);
}

static void read_hooks(const struct run_selection *selection, struct snapshot *snapshot)
{
	sqlite3_stmt *statement = database_prepare(
	    selection->database, "SELECT subject, rung, name, method, detail FROM hook WHERE run = ?1");

	database_bind(selection->database, statement, "i", selection->run);
	while (database_next(selection->database, statement))
		read_hook(selection->database, statement, snapshot);
	sqlite3_finalize(statement);
}

/* How it ended; of one whose recorder was killed that is not known. */
static void read_end(
    struct database *database, sqlite3_stmt *statement, const struct recorded_run *run, struct snapshot *snapshot)
{
	uint64_t code = run_read_count(database, statement, 11), number = run_read_count(database, statement, 12);

	snapshot->running = snapshot->command && (!run->ended || sqlite3_column_int64(statement, 10));
	snapshot->exit_signal = number == UNKNOWN ? 0 : number;
	snapshot->exit_code = code == UNKNOWN ? number == UNKNOWN ? 0 : -1 : (int)code;
	snapshot->wall_ns = run_read_count(database, statement, 13);
	if (snapshot->wall_ns == UNKNOWN)
		snapshot->wall_ns = run->end_ns;
	snapshot->totals.user_ns = run_read_count(database, statement, 14);
	snapshot->totals.system_ns = run_read_count(database, statement, 15);
	snapshot->totals.max_rss_bytes = run_read_count(database, statement, 16);
}

static void make_stacks(struct database *database, sqlite3_stmt *statement, struct snapshot *snapshot)
{
	const char *unwinding;

	if (sqlite3_column_type(statement, 6) == SQLITE_NULL)
		return;
	unwinding = run_read_text(database, statement, 6);
	snapshot->stacks = stacks_new();
	if (!snapshot->stacks || !unwinding) {
		database_fail(database, "out of memory");
		return;
	}
	snapshot->stacks->unwinding =
	    strcmp(unwinding, unwinding_name(UNWINDING_DWARF)) ? UNWINDING_FRAME_POINTERS : UNWINDING_DWARF;
	snapshot->stacks->sampled = sqlite3_column_int64(statement, 7);
	snapshot->stacks->kernel_frames = sqlite3_column_int64(statement, 8);
	snapshot->stacks->allocation_sites = sqlite3_column_int64(statement, 9);
}

static void read_run(const struct run_selection *selection, const struct recorded_run *run, struct snapshot *snapshot)
{
	struct database *database = selection->database;
	uint64_t pid, count;
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT release, lockdown, init_on_alloc, pid, attached_all, tasks, unwinding, stacks_sampled,"
	    " kernel_frames, allocation_sites, running, exit_code, exit_signal, wall_ns, user_ns, system_ns,"
	    " max_rss_bytes, unreadable FROM run WHERE id = ?1");

	database_bind(database, statement, "i", selection->run);
	while (database_next(database, statement)) {
		snapshot->kernel.release = read_optional(database, statement, 0);
		snapshot->kernel.lockdown = read_optional(database, statement, 1);
		count = run_read_count(database, statement, 2);
		snapshot->kernel.init_on_alloc = count == UNKNOWN ? -1 : count != 0;
		pid = run_read_count(database, statement, 3);
		snapshot->pid = pid == UNKNOWN ? 0 : pid;
		snapshot->attachment.all = sqlite3_column_int64(statement, 4) == 1;
		snapshot->attachment.tasks = sqlite3_column_int64(statement, 5);
		snapshot->attachment.unreadable = sqlite3_column_int64(statement, 17);
		read_end(database, statement, run, snapshot);
		make_stacks(database, statement, snapshot);
	}
	sqlite3_finalize(statement);
}

static uint64_t or_zero(uint64_t count)
{
	return count == UNKNOWN ? 0 : count;
}

static void read_slices(const struct run_selection *selection, struct snapshot *snapshot)
{
#define SUM(column) "CASE WHEN count(" column ") = count(*) THEN sum(" column ") END, "
	struct database *database = selection->database;
	sqlite3_stmt *statement = database_prepare(database,
	    "SELECT " SUM("charged_minor") SUM("charged_major") SUM("unseen") SUM("failed") SUM("traced_ns")
	        SUM("own_ns") "sum(stacks_lost), sum(stacks_cut), sum(stacks_stale), min(start_ns), max(end_ns)"
	                      " FROM slice WHERE id IN " RUN_SELECTED);
#undef SUM
	uint64_t *const totals[] = {&snapshot->totals.charged_minor, &snapshot->totals.charged_major,
	    &snapshot->totals.unseen, &snapshot->totals.failed, &snapshot->totals.traced_ns, &snapshot->totals.own_ns};

	run_selection_bind(selection, statement);
	while (database_next(database, statement)) {
		if (sqlite3_column_type(statement, 10) == SQLITE_NULL)
			database_fail(database, "it has no slice in that time");
		for (int i = 0; i < 6; i++)
			*totals[i] = run_read_count(database, statement, i);
		snapshot->part.end_ns = or_zero(run_read_count(database, statement, 10));
		if (snapshot->stacks) {
			snapshot->stacks->lost = or_zero(run_read_count(database, statement, 6));
			snapshot->stacks->cut = or_zero(run_read_count(database, statement, 7));
			snapshot->stacks->stale = or_zero(run_read_count(database, statement, 8));
		}
		if (!snapshot->in_parts)
			continue;
		snapshot->part.number = 1;
		snapshot->part.first = true;
		snapshot->part.start_ns = or_zero(run_read_count(database, statement, 9));
		snapshot->wall_ns = snapshot->part.end_ns - snapshot->part.start_ns;
	}
	sqlite3_finalize(statement);
}

static void read_losses(const struct run_selection *selection, struct snapshot *snapshot)
{
	struct database *database = selection->database;
	sqlite3_stmt *statement = database_prepare(
	    database, "SELECT kind, sum(count) FROM loss AS c WHERE c.slice IN " RUN_SELECTED " GROUP BY kind");

	run_selection_bind(selection, statement);
	while (database_next(database, statement)) {
		const char *name = run_read_text(database, statement, 0);
		enum lost_kind kind = 0;

		while (name && kind < LOST_COUNT && strcmp(name, lost_name(kind)) != 0)
			kind++;
		if (!name || kind == LOST_COUNT)
			database_fail(
			    database, "it lost '%.40s', which this hakmem-trace doesn't know", name ? name : "");
		else
			snapshot_lose(snapshot, kind, or_zero(run_read_count(database, statement, 1)));
	}
	sqlite3_finalize(statement);
}

void run_read_about(const struct run_selection *selection, const struct recorded_run *run, struct snapshot *snapshot)
{
	read_lists(selection, snapshot);
	read_run(selection, run, snapshot);
	read_hooks(selection, snapshot);
	read_slices(selection, snapshot);
	read_losses(selection, snapshot);
}
