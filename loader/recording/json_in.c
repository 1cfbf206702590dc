// SPDX-License-Identifier: MIT
/* The members of a report, one function an object. See json_in.h. */
#include "recording/json_in.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording/json_counts.h"
#include "recording/json_decisions_in.h"
#include "recording/json_field.h"
#include "recording/json_stacks_in.h"
#include "recording/names.h"

#define SCHEMA "hakmem-trace/"

/* "exact but for shared memory" into a method and the rest; the longest name that fits is meant. */
static void parse_method(struct hook *hook, const char *text, struct json_problem *problem)
{
	static const struct {
		const char *name;
		enum method method;
	} methods[] = {
	    {"exact but", METHOD_EXACT_BUT},
	    {"exact", METHOD_EXACT},
	    {"upper bound", METHOD_UPPER_BOUND},
	    {"estimate", METHOD_ESTIMATE},
	    {"sampled", METHOD_SAMPLED},
	    {"sampled,", METHOD_SAMPLED},
	};

	for (size_t i = 0; text && i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t length = strlen(methods[i].name);

		if (strncmp(text, methods[i].name, length) != 0 || (text[length] && text[length] != ' '))
			continue;
		hook->method = methods[i].method;
		hook->detail = text[length] ? strdup(text + length + 1) : NULL;
		return;
	}
	if (text)
		json_wrong(problem, "there is no method '%s'", text);
}

static void read_kernel(const json_t *kernel, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *rungs = json_member(kernel, "rungs", problem), *hooks = json_member(kernel, "hooks", problem);
	const json_t *methods = json_member(kernel, "methods", problem);

	snapshot->kernel.release = json_text(kernel, "release", problem);
	snapshot->kernel.lockdown = json_text(kernel, "lockdown", problem);
	snapshot->kernel.init_on_alloc = json_truth(kernel, "init_on_alloc", problem);
	snapshot->kernel.cannot = json_texts(kernel, "cannot", problem);
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++) {
		struct hook *hook = &snapshot->kernel.hooks[subject];
		const char *name = subject_name(subject);

		hook->rung = json_text(rungs, name, problem);
		hook->name = json_text(hooks, name, problem);
		parse_method(hook, json_string_value(json_object_get(methods, name)), problem);
	}
}

static void read_totals(const json_t *totals, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *lost_by = json_object_get(totals, "lost_by");
	struct counts *counts = &snapshot->totals.counts;

	json_counts(totals, &snapshot->kernel.hooks[SUBJECT_ZERO_TIME], counts, problem);
	json_row_counts(totals, counts, problem);
	snapshot->totals.charged_minor = json_count(totals, "rusage_minflt", problem);
	snapshot->totals.charged_major = json_count(totals, "rusage_majflt", problem);
	snapshot->totals.unseen = json_count(totals, "unseen", problem);
	snapshot->totals.failed = json_count(totals, "failed", problem);
	snapshot->totals.lost = json_count(totals, "lost", problem);
	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++)
		snapshot->totals.lost_by[kind] = json_count(lost_by, lost_name(kind), problem);
	snapshot->totals.skipped = json_count(totals, "skipped", problem);
	snapshot->totals.unallocated = json_count(totals, "unallocated", problem);
	snapshot->totals.traced_ns = json_count(totals, "traced_ns", problem);
	snapshot->totals.own_ns = json_count(totals, "own_ns", problem);
	snapshot->totals.user_ns = json_count(totals, "user_ns", problem);
	snapshot->totals.system_ns = json_count(totals, "system_ns", problem);
	snapshot->totals.max_rss_bytes = json_count(totals, "max_rss_bytes", problem);
}

static void add_to_totals(struct counts *totals, const struct counts *counts)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		totals->histogram[i] += counts->histogram[i];
	for (size_t i = 0; i < FAULT_CAUSE_COUNT; i++)
		totals->causes[i] += counts->causes[i];
}

static void read_region(const json_t *row, struct snapshot *snapshot, struct json_problem *problem)
{
	const char *detail = json_string_value(json_object_get(row, "detail"));
	struct region_row *into = snapshot_region(snapshot, json_region(row, problem), detail ? detail : "");

	if (!into) {
		json_wrong(problem, "out of memory");
		return;
	}
	json_counts(row, &snapshot->kernel.hooks[SUBJECT_ZERO_TIME], &into->counts, problem);
	json_row_counts(row, &into->counts, problem);
	json_causes(row, &into->counts, problem);
	json_histogram(row, &into->counts, problem);
	add_to_totals(&snapshot->totals.counts, &into->counts);
}

static void read_phase(const json_t *row, struct snapshot *snapshot, struct json_problem *problem)
{
	const char *name = json_string_value(json_object_get(row, "phase"));
	struct phase_row *into = snapshot_phase(snapshot, name ? name : PHASE_NAME_UNKNOWN);
	const struct hook *zero_time = &snapshot->kernel.hooks[SUBJECT_ZERO_TIME];
	const json_t *regions = json_rows(row, "regions", problem);

	if (!into) {
		json_wrong(problem, "out of memory");
		return;
	}
	json_counts(row, zero_time, &into->counts, problem);
	json_causes(row, &into->counts, problem);
	for (size_t i = 0; i < json_array_size(regions); i++) {
		const json_t *part = json_array_get(regions, i);

		json_counts(part, zero_time, &into->regions[json_region(part, problem)], problem);
	}
}

static void read_purger(const json_t *row, struct snapshot *snapshot, struct json_problem *problem)
{
	const char *object = json_string_value(json_object_get(row, "object"));
	const char *call = json_string_value(json_object_get(row, "call"));
	struct purger_row *into =
	    snapshot_purger(snapshot, object ? object : "", names_purge_call(call), json_region(row, problem));

	if (!into) {
		json_wrong(problem, "out of memory");
		return;
	}
	into->faults = json_count(row, "faults", problem);
	into->zeroed_bytes = json_count(row, "zeroed_bytes", problem);
}

static void read_processes(const json_t *rows, struct snapshot *snapshot, struct json_problem *problem)
{
	size_t count = json_array_size(rows);

	snapshot->processes = calloc(count + 1, sizeof(*snapshot->processes));
	if (!snapshot->processes) {
		json_wrong(problem, "out of memory");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(rows, i);
		struct process_row *into = &snapshot->processes[snapshot->process_count++];
		const char *cgroup = json_string_value(json_object_get(row, "cgroup"));

		into->cgroup = cgroup ? strdup(cgroup) : NULL;
		into->pid = json_count(row, "pid", problem);
		into->parent = json_count(row, "parent", problem);
		into->comm = json_text(row, "comm", problem);
		if (!into->comm)
			json_wrong(problem, "a process has no 'comm'");
		json_counts(row, &snapshot->kernel.hooks[SUBJECT_ZERO_TIME], &into->counts, problem);
	}
}

static void for_rows(const json_t *object, const char *name, struct snapshot *snapshot, struct json_problem *problem,
    void (*read)(const json_t *row, struct snapshot *snapshot, struct json_problem *problem))
{
	const json_t *rows = json_rows(object, name, problem);

	for (size_t i = 0; i < json_array_size(rows); i++)
		read(json_array_get(rows, i), snapshot, problem);
}

static void read_attached(const json_t *object, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *pids = json_object_get(object, "pids");
	struct attachment *into = &snapshot->attachment;

	if (!object)
		return;
	into->pids = calloc(json_array_size(pids) + 1, sizeof(*into->pids));
	for (size_t i = 0; into->pids && i < json_array_size(pids); i++)
		into->pids[into->pid_count++] = json_integer_value(json_array_get(pids, i));
	into->names = json_texts(object, "comms", problem);
	into->cgroups = json_texts(object, "cgroups", problem);
	into->all = json_truth(object, "all", problem) == 1;
	into->tasks = json_count(object, "tasks", problem);
	into->unreadable = json_count(object, "unreadable", problem);
}

/* Who ended, and how; of what was attached to that is not known. */
static void read_end(const json_t *object, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *end = json_member(object, "exit", problem), *part = json_object_get(object, "interval");
	uint64_t code = json_count(end, "code", problem), number = json_count(end, "signal", problem);
	uint64_t pid = json_count(object, "pid", problem);

	snapshot->pid = pid == UNKNOWN ? 0 : pid;
	snapshot->wall_ns = json_count(object, "wall_ns", problem);
	snapshot->exit_signal = number == UNKNOWN ? 0 : number;
	snapshot->exit_code = code == UNKNOWN ? -1 : (int)code;
	snapshot->running = snapshot->command && code == UNKNOWN && number == UNKNOWN;
	snapshot->in_parts = json_is_object(part);
	if (snapshot->in_parts) {
		snapshot->part.number = json_count(part, "number", problem);
		snapshot->part.start_ns = json_count(part, "start_ns", problem);
		snapshot->part.end_ns = json_count(part, "end_ns", problem);
	}
}

/* A part of a run that was picked when it was written. */
static void read_filter(const json_t *object, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *filter = json_object_get(object, "filter");

	if (!json_is_object(filter))
		return;
	snapshot->filter.words = json_text(filter, "words", problem);
	snapshot->filter.from_stacks = json_truth(filter, "from_stacks", problem) == 1;
	snapshot->filter.faults = json_count(filter, "of_faults", problem);
	snapshot->filter.zeroed_bytes = json_count(filter, "of_zeroed_bytes", problem);
}

static void check_schema(const json_t *object, struct json_problem *problem)
{
	const char *schema = json_string_value(json_object_get(object, "schema"));

	if (!json_is_object(object) || !schema || strncmp(schema, SCHEMA, strlen(SCHEMA)) != 0)
		json_wrong(problem, "it is no report of hakmem-trace: its schema is not " SCHEMA "1");
	else if (strcmp(schema, SCHEMA "1") != 0)
		json_wrong(
		    problem, "its schema is %s, and this hakmem-trace knows " SCHEMA "1: use a newer one", schema);
}

static void read_report(const json_t *object, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *kernel = json_member(object, "kernel", problem), *totals = json_member(object, "totals", problem);

	if (!kernel || !totals) {
		json_wrong(problem, "it has no figures");
		return;
	}
	snapshot->command = json_texts(object, "command", problem);
	read_attached(json_object_get(object, "attached"), snapshot, problem);
	read_end(object, snapshot, problem);
	read_filter(object, snapshot, problem);
	read_kernel(kernel, snapshot, problem);
	read_totals(totals, snapshot, problem);
	for_rows(object, "regions", snapshot, problem, read_region);
	for_rows(object, "phases", snapshot, problem, read_phase);
	for_rows(object, "purgers", snapshot, problem, read_purger);
	read_processes(json_rows(object, "processes", problem), snapshot, problem);
	json_decisions_read(object, snapshot, problem);
	json_stacks_read(object, snapshot, problem);
}

/* Is there more than white space left? */
static bool more(FILE *file)
{
	int character;

	do
		character = fgetc(file);
	while (isspace(character));
	return ungetc(character, file) != EOF;
}

/* The parser quotes what it could not read, which may be anything. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (!isprint((unsigned char)*text))
			*text = '?';
}

static json_t *load_last(FILE *file, struct json_problem *problem)
{
	json_t *object = NULL;
	json_error_t error;

	while (!problem->text[0] && more(file)) {
		json_decref(object);
		object = json_loadf(file, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
		if (object) {
			check_schema(object, problem);
			continue;
		}
		make_printable(error.text);
		json_wrong(problem, "it is damaged: line %d: %s", error.line, error.text);
	}
	if (ferror(file))
		json_wrong(problem, "it can't be read: %s", strerror(errno));
	else if (!object)
		json_wrong(problem, "it is empty");
	return object;
}

struct snapshot *json_in_read(FILE *file, char error[JSON_IN_ERROR])
{
	struct json_problem problem = {error, JSON_IN_ERROR};
	struct snapshot *snapshot;
	json_t *object;

	error[0] = '\0';
	object = load_last(file, &problem);
	snapshot = snapshot_new();
	if (!snapshot)
		json_wrong(&problem, "out of memory");
	if (!error[0])
		read_report(object, snapshot, &problem);
	json_decref(object);
	if (error[0]) {
		snapshot_free(snapshot);
		return NULL;
	}
	return snapshot;
}
