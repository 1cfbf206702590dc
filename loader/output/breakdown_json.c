/* SPDX-License-Identifier: MIT */
/* A breakdown as one JSON object, schema hakmem-breakdown/1 (docs/breakdown.md). What is not known is null. */
#include "output/breakdown_output.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "output/text.h"

#define SCHEMA "hakmem-breakdown/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

static json_t *number(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

static json_t *real(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *string(const char *text)
{
	char *valid;
	json_t *value;

	if (!text)
		return json_null();
	valid = text_valid_utf8(text);
	value = valid ? json_string(valid) : NULL;
	free(valid);
	return value;
}

/* "" is what isn't known. */
static json_t *name(const char *text)
{
	return *text ? string(text) : json_null();
}

static json_t *strings(char **texts)
{
	json_t *array = json_array();

	for (; texts && *texts; texts++)
		json_array_append_new(array, string(*texts));
	return array;
}

static json_t *share(struct share value)
{
	return json_pack(
	    "{s:o, s:o, s:o}", "value", real(value.value), "low", real(value.low), "high", real(value.high));
}

static json_t *sampling(const struct breakdown *breakdown)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:o}", "event",
	    breakdown->event, "frequency", (int)breakdown->frequency, "period", number(breakdown->period), "sample_ns",
	    number(breakdown_sample_ns(breakdown)), "samples", number(breakdown->samples), "lost",
	    number(breakdown->lost), "throttled", number(breakdown->throttled), "processes",
	    number(breakdown->processes), "overhead", real(breakdown->overhead), "kernel_seen", breakdown->kernel_seen,
	    "kernel_known", breakdown->kernel_known, "stacks", breakdown->stacks, "zeroing_known",
	    breakdown->zeroing_known, "late",
	    json_pack("{s:o, s:o}", "from_fault", number(breakdown->late_from_fault), "from_call",
	        number(breakdown->late_from_call)));
}

static json_t *classes(const struct breakdown *breakdown)
{
	json_t *array = json_array();

	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++) {
		uint64_t samples = breakdown->classes[class].samples;
		bool known = breakdown_class_known(breakdown, class);

		json_array_append_new(
		    array, json_pack("{s:s, s:b, s:o, s:o}", "class", time_class_name(class), "user",
		               time_class_is_user(class), "samples", number(known ? samples : UNKNOWN), "share",
		               known ? share(breakdown->classes[class].share) : json_null()));
	}
	return array;
}

static json_t *functions(const struct breakdown *breakdown)
{
	json_t *array = json_array();

	for (size_t i = 0; i < breakdown->row_count; i++) {
		const struct time_row *row = &breakdown->rows[i];

		json_array_append_new(
		    array, json_pack("{s:s, s:o, s:o, s:o, s:o}", "class", time_class_name(row->class), "function",
		               name(row->function), "object", name(row->object), "samples", number(row->samples),
		               "share", share(share_of(row->samples, breakdown->samples))));
	}
	return array;
}

static json_t *split(const struct breakdown *breakdown)
{
	struct share sampled, charged;
	bool agrees = breakdown_split_agrees(breakdown, &sampled, &charged);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "user_samples",
	    number(breakdown_user_samples(breakdown)), "user_samples_as_taken", number(breakdown->user_as_taken),
	    "user_ns", number(breakdown->user_ns), "system_ns", number(breakdown->system_ns), "sampled", share(sampled),
	    "charged", share(charged), "agrees", agrees);
}

static json_t *check(const struct breakdown *breakdown)
{
	const struct zero_check *check = &breakdown->check;

	if (!check->done)
		return json_pack("{s:b, s:o}", "done", false, "why_not", string(check->why_not));
	return json_pack("{s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "done", true, "method",
	    string(check->method), "upper_bound", check->upper_bound, "zero_ns", number(check->zero_ns), "zeroed_bytes",
	    number(check->zeroed_bytes), "cpu_ns", number(check->cpu_ns), "cpu_ratio", real(check->cpu_ratio),
	    "hook_share", real(check->hook_share), "sample_ns_per_page", real(check->sample_ns_per_page),
	    "hook_ns_per_page", real(check->hook_ns_per_page), "agrees",
	    breakdown->zeroing_known ? json_boolean(check->agrees) : json_null());
}

static json_t *exit_of(const struct breakdown *breakdown)
{
	bool killed = breakdown->exit_signal != 0;

	return json_pack("{s:o, s:o}", "code", killed ? json_null() : json_integer(breakdown->exit_code), "signal",
	    killed ? json_integer(breakdown->exit_signal) : json_null());
}

int breakdown_json(const struct breakdown *breakdown, FILE *file)
{
	json_t *report = json_pack("{s:s, s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
	    SCHEMA, "command", strings(breakdown->command), "runs", (int)breakdown->runs, "runs_for_one_percent",
	    (int)breakdown_runs_for(breakdown, 0.01), "exit", exit_of(breakdown), "wall_ns", number(breakdown->wall_ns),
	    "kernel", string(breakdown->kernel_release), "sampling", sampling(breakdown), "classes", classes(breakdown),
	    "functions", functions(breakdown), "split", split(breakdown), "zeroing_check", check(breakdown), "cannot",
	    strings(breakdown->limits));
	int failed =
	    !report || json_dumpf(report, file, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) || fputc('\n', file) < 0;

	json_decref(report);
	if (failed && !errno)
		errno = ENOMEM;
	return failed || fflush(file) ? -1 : 0;
}
