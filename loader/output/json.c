/* SPDX-License-Identifier: MIT */
/*
 * One JSON object, schema hakmem-trace/1: field names are a public interface (docs/json.md). What is unmeasured is
 * null.
 */
#include "output/output.h"

#include <errno.h>
#include <stdbool.h>

#include "output/decision_text.h"
#include "output/json_stacks.h"
#include "output/json_value.h"

#define SCHEMA "hakmem-trace/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

static json_t *exit_status(const struct snapshot *snapshot)
{
	bool killed = snapshot->exit_signal != 0, known = snapshot->command && !snapshot->running;

	return json_pack("{s:o, s:o}", "code", known && !killed ? json_integer(snapshot->exit_code) : json_null(),
	    "signal", known && killed ? json_integer(snapshot->exit_signal) : json_null());
}

static json_t *pids(const struct attachment *attachment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < attachment->pid_count; i++)
		json_value_append(&array, json_integer(attachment->pids[i]));
	return array;
}

static json_t *attachment(const struct snapshot *snapshot)
{
	const struct attachment *to = &snapshot->attachment;

	if (snapshot->command)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o}", "pids", pids(to), "comms", json_value_strings(to->names),
	    "cgroups", json_value_strings(to->cgroups), "all", to->all, "tasks", json_value_count(to->tasks),
	    "unreadable", json_value_count(to->unreadable));
}

static json_t *part(const struct snapshot *snapshot)
{
	const struct part *part = &snapshot->part;

	if (!snapshot->in_parts || !part->number)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "number", json_value_count(part->number), "start_ns",
	    json_value_count(part->start_ns), "end_ns", json_value_count(part->end_ns));
}

/* What is left of the run, and how much there was. */
static json_t *filter(const struct snapshot *snapshot)
{
	if (!snapshot->filter.words)
		return json_null();
	return json_pack("{s:o, s:b, s:o, s:o}", "words", json_value_string(snapshot->filter.words), "from_stacks",
	    snapshot->filter.from_stacks, "of_faults", json_value_count(snapshot->filter.faults), "of_zeroed_bytes",
	    json_value_count(snapshot->filter.zeroed_bytes));
}

static json_t *init_on_alloc(int value)
{
	return value < 0 ? json_null() : json_boolean(value);
}

/* One string a subject. */
static json_t *by_subject(
    const struct snapshot *snapshot, const char *(*get)(const struct hook *hook, char text[METHOD_TEXT]))
{
	json_t *object = json_object();
	char text[METHOD_TEXT];

	for (enum subject subject = 0; object && subject < SUBJECT_COUNT; subject++) {
		json_t *value = json_value_string(get(&snapshot->kernel.hooks[subject], text));

		if (json_object_set_new(object, subject_name(subject), value)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static const char *get_rung(const struct hook *hook, char text[METHOD_TEXT])
{
	(void)text;
	return hook->rung;
}

static const char *get_hook(const struct hook *hook, char text[METHOD_TEXT])
{
	(void)text;
	return hook->name;
}

static json_t *kernel(const struct snapshot *snapshot)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "release",
	    json_value_string(snapshot->kernel.release), "lockdown", json_value_string(snapshot->kernel.lockdown),
	    "rung", json_value_string(snapshot->kernel.hooks[SUBJECT_FAULT].rung), "rungs",
	    by_subject(snapshot, get_rung), "hooks", by_subject(snapshot, get_hook), "methods",
	    by_subject(snapshot, hook_method), "init_on_alloc", init_on_alloc(snapshot->kernel.init_on_alloc), "cannot",
	    json_value_strings(snapshot->kernel.cannot));
}

struct member {
	const char *name;
	uint64_t value;
};

static int put(json_t *object, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (json_object_set_new(object, members[i].name, json_value_count(members[i].value)))
			return -1;
	return 0;
}

/* Put the figures that regions, processes and totals have in common. */
static int put_counts(json_t *object, const struct counts *counts)
{
	const struct member members[] = {
	    {"faults", counts->faults},
	    {"major", counts->major},
	    {"populated", counts->populated},
	    {"timed", counts->timed},
	    {"fault_ns", counts->fault_ns},
	    {"zeroed_bytes", counts->zeroed_bytes},
	    {"zeroed_twice_bytes", counts->zeroed_twice_bytes},
	    {"zero_events", counts->zero_events},
	    {"zero_ns", counts->zero_ns},
	};

	return put(object, members, sizeof(members) / sizeof(members[0]));
}

static json_t *lost_by(const struct snapshot *snapshot)
{
	json_t *object = json_object();

	for (enum lost_kind kind = 0; object && kind < LOST_COUNT; kind++)
		json_object_set_new(object, lost_name(kind), json_value_count(snapshot->totals.lost_by[kind]));
	return object;
}

static json_t *histogram(const struct counts *counts)
{
	json_t *array;

	if (counts->fault_ns == UNKNOWN)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		json_value_append(&array, json_value_count(counts->histogram[i]));
	return array;
}

static json_t *causes(const struct counts *counts)
{
	json_t *object = json_object();

	/* "unknown" last. */
	for (int i = 1; i <= FAULT_CAUSE_COUNT; i++) {
		enum fault_cause cause = i % FAULT_CAUSE_COUNT;

		if (json_object_set_new(object, fault_cause_name(cause), json_value_count(counts->causes[cause]))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *waste(const struct waste *waste)
{
	const struct member members[] = {
	    {"of_bytes", waste->of_bytes},
	    {"bytes", waste->bytes},
	    {"low_bytes", waste->low},
	    {"high_bytes", waste->high},
	    {"sampled", waste->sampled},
	    {"checked", waste->checked},
	};
	json_t *object;

	if (waste->sampled == UNKNOWN)
		return json_null();
	object = json_object();
	if (!put(object, members, sizeof(members) / sizeof(members[0])))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *totals(const struct snapshot *snapshot)
{
	const struct counts *counts = &snapshot->totals.counts;
	bool known = counts->faults != UNKNOWN && counts->major != UNKNOWN;
	const struct member members[] = {
	    {"fault_ns_error", counts->fault_ns_error},
	    {"minor", known ? counts->faults - counts->major : UNKNOWN},
	    {"user_ns", snapshot->totals.user_ns},
	    {"system_ns", snapshot->totals.system_ns},
	    {"max_rss_bytes", snapshot->totals.max_rss_bytes},
	    {"rusage_minflt", snapshot->totals.charged_minor},
	    {"rusage_majflt", snapshot->totals.charged_major},
	    {"unseen", snapshot->totals.unseen},
	    {"failed", snapshot->totals.failed},
	    {"lost", snapshot->totals.lost},
	    {"skipped", snapshot->totals.skipped},
	    {"unallocated", snapshot->totals.unallocated},
	    {"traced_ns", snapshot->totals.traced_ns},
	    {"own_ns", snapshot->totals.own_ns},
	};
	json_t *object = json_object();

	if (!put_counts(object, counts) && !put(object, members, sizeof(members) / sizeof(members[0])) &&
	    !json_object_set_new(object, "lost_by", lost_by(snapshot)) &&
	    !json_object_set_new(object, "waste", waste(&counts->waste)))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *region(const struct region_row *row)
{
	json_t *object =
	    json_pack("{s:s, s:o}", "region", region_name(row->region), "detail", json_value_string(row->detail));

	if (object && !put_counts(object, &row->counts) &&
	    !json_object_set_new(object, "fault_ns_error", json_value_count(row->counts.fault_ns_error)) &&
	    !json_object_set_new(object, "causes", causes(&row->counts)) &&
	    !json_object_set_new(object, "failed", json_value_count(row->counts.failed)) &&
	    !json_object_set_new(object, "waste", waste(&row->counts.waste)) &&
	    !json_object_set_new(object, "fault_ns_histogram", histogram(&row->counts)))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *process(const struct process_row *row)
{
	json_t *object = json_pack("{s:o, s:o, s:o, s:o}", "pid", json_value_count(row->pid), "parent",
	    json_value_count(row->parent), "comm", json_value_string(row->comm), "cgroup",
	    json_value_string(row->cgroup));

	if (object && !put_counts(object, &row->counts))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *phase_regions(const struct phase_row *row)
{
	json_t *array = json_array();

	for (enum region region = 0; region < REGION_COUNT; region++) {
		const struct counts *counts = &row->regions[region];
		json_t *object;

		if (!counts->faults && !counts->zero_events)
			continue;
		object = json_pack("{s:s}", "region", region_name(region));
		if (!object || put_counts(object, counts) || json_array_append_new(array, object))
			goto failed;
	}
	return array;
failed:
	json_decref(array);
	return NULL;
}

static json_t *phase(const struct phase_row *row)
{
	json_t *object = json_pack("{s:o}", "phase", json_value_string(row->name));

	if (object && !put_counts(object, &row->counts) &&
	    !json_object_set_new(object, "causes", causes(&row->counts)) &&
	    !json_object_set_new(object, "regions", phase_regions(row)))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *phases(const struct snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->phase_count; i++)
		json_value_append(&array, phase(&snapshot->phases[i]));
	return array;
}

/* What is not known is null. */
static json_t *purger(const struct purger_row *row)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "object", json_value_string(row->object[0] ? row->object : NULL),
	    "call", json_value_string(row->call[0] ? row->call : NULL), "region", region_name(row->region), "faults",
	    json_value_count(row->faults), "zeroed_bytes", json_value_count(row->zeroed_bytes));
}

static json_t *purgers(const struct snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->purger_count; i++)
		json_value_append(&array, purger(&snapshot->purgers[i]));
	return array;
}

static json_t *regions(const struct snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->region_count; i++)
		json_value_append(&array, region(&snapshot->regions[i]));
	return array;
}

static json_t *processes(const struct snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->process_count; i++)
		json_value_append(&array, process(&snapshot->processes[i]));
	return array;
}

static int write_rows(json_t *array, FILE *file)
{
	size_t count = json_array_size(array);

	fputs("[", file);
	for (size_t i = 0; i < count; i++) {
		fputs("\n    ", file);
		if (json_dumpf(json_array_get(array, i), file, JSON_ENCODE_ANY))
			return -1;
		fputs(i + 1 < count ? "," : "\n  ", file);
	}
	fputs("]", file);
	return 0;
}

/* One line a member and one line a row: a person can read it, and a diff of two reports shows rows. */
static int write_object(json_t *object, bool in_parts, FILE *file)
{
	const char *separator = "{\n";
	const char *key;
	json_t *value;

	/* Of several objects each is one line. */
	if (in_parts) {
		if (json_dumpf(object, file, JSON_COMPACT))
			return -1;
		fputc('\n', file);
		return ferror(file) || fflush(file) ? -1 : 0;
	}

	json_object_foreach(object, key, value)
	{
		bool rows = json_is_array(value) && json_is_object(json_array_get(value, 0));

		fprintf(file, "%s  \"%s\": ", separator, key);
		if (rows ? write_rows(value, file) : json_dumpf(value, file, JSON_ENCODE_ANY))
			return -1;
		separator = ",\n";
	}
	fputs("\n}\n", file);
	return ferror(file) || fflush(file) ? -1 : 0;
}

/* Built whole before the first byte is written: out of memory leaves no half object. */
int output_json(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	json_t *object =
	    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
	        SCHEMA, "command", snapshot->command ? json_value_strings(snapshot->command) : json_null(), "attached",
	        attachment(snapshot), "pid", snapshot->pid ? json_value_count(snapshot->pid) : json_null(), "exit",
	        exit_status(snapshot), "wall_ns", json_value_count(snapshot->wall_ns), "interval", part(snapshot),
	        "filter", filter(snapshot), "kernel", kernel(snapshot), "totals", totals(snapshot), "regions",
	        regions(snapshot), "phases", phases(snapshot), "purgers", purgers(snapshot), "processes",
	        processes(snapshot), "decisions", deciders_json(snapshot->deciders), "stack_sampling",
	        json_stack_sampling(snapshot->stacks), "stacks", json_stacks(snapshot->stacks));
	int result;

	(void)options;
	if (!object) {
		errno = ENOMEM;
		return -1;
	}
	result = write_object(object, snapshot->in_parts, file);
	json_decref(object);
	return result;
}
