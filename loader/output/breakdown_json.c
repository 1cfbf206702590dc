/* SPDX-License-Identifier: MIT */
/* A breakdown as one JSON object, schema hakmem-breakdown/1 (docs/breakdown.md). What is not known is null. */
#include "output/breakdown_output.h"

#include "output/json_value.h"

#define SCHEMA "hakmem-breakdown/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

/* "" is what isn't known. */
static json_t *name(const char *text)
{
	return *text ? json_value_string(text) : json_null();
}

static json_t *share(struct share value)
{
	return json_pack("{s:o, s:o, s:o}", "value", json_value_number(value.value), "low",
	    json_value_number(value.low), "high", json_value_number(value.high));
}

static json_t *sampling(const struct breakdown *breakdown)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:o}", "event",
	    breakdown->event, "frequency", (int)breakdown->frequency, "period", json_value_count(breakdown->period),
	    "sample_ns", json_value_count(breakdown_sample_ns(breakdown)), "samples",
	    json_value_count(breakdown->samples), "lost", json_value_count(breakdown->lost), "throttled",
	    json_value_count(breakdown->throttled), "processes", json_value_count(breakdown->processes), "overhead",
	    json_value_number(breakdown->overhead), "kernel_seen", breakdown->kernel_seen, "kernel_known",
	    breakdown->kernel_known, "stacks", breakdown->stacks, "zeroing_known", breakdown->zeroing_known, "late",
	    json_pack("{s:o, s:o}", "from_fault", json_value_count(breakdown->late_from_fault), "from_call",
	        json_value_count(breakdown->late_from_call)));
}

static json_t *classes(const struct breakdown *breakdown)
{
	json_t *array = json_array();

	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++) {
		uint64_t samples = breakdown->classes[class].samples;
		bool known = breakdown_class_known(breakdown, class);

		json_value_append(
		    &array, json_pack("{s:s, s:b, s:o, s:o}", "class", time_class_name(class), "user",
		                time_class_is_user(class), "samples", json_value_count(known ? samples : UNKNOWN),
		                "share", known ? share(breakdown->classes[class].share) : json_null()));
	}
	return array;
}

static json_t *functions(const struct breakdown *breakdown)
{
	json_t *array = json_array();

	for (size_t i = 0; i < breakdown->row_count; i++) {
		const struct time_row *row = &breakdown->rows[i];

		json_value_append(&array,
		    json_pack("{s:s, s:o, s:o, s:o, s:o}", "class", time_class_name(row->class), "function",
		        name(row->function), "object", name(row->object), "samples", json_value_count(row->samples),
		        "share", share(share_of(row->samples, breakdown->samples))));
	}
	return array;
}

static json_t *split(const struct breakdown *breakdown)
{
	struct share sampled, charged;
	bool agrees = breakdown_split_agrees(breakdown, &sampled, &charged);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "user_samples",
	    json_value_count(breakdown_user_samples(breakdown)), "user_samples_as_taken",
	    json_value_count(breakdown->user_as_taken), "user_ns", json_value_count(breakdown->user_ns), "system_ns",
	    json_value_count(breakdown->system_ns), "sampled", share(sampled), "charged", share(charged), "agrees",
	    agrees);
}

static json_t *check(const struct breakdown *breakdown)
{
	const struct zero_check *check = &breakdown->check;

	if (!check->done)
		return json_pack("{s:b, s:o}", "done", false, "why_not", json_value_string(check->why_not));
	return json_pack("{s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "done", true, "method",
	    json_value_string(check->method), "upper_bound", check->upper_bound, "zero_ns",
	    json_value_count(check->zero_ns), "zeroed_bytes", json_value_count(check->zeroed_bytes), "cpu_ns",
	    json_value_count(check->cpu_ns), "cpu_ratio", json_value_number(check->cpu_ratio), "hook_share",
	    json_value_number(check->hook_share), "sample_ns_per_page", json_value_number(check->sample_ns_per_page),
	    "hook_ns_per_page", json_value_number(check->hook_ns_per_page), "agrees",
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
	    SCHEMA, "command", json_value_strings(breakdown->command), "runs", (int)breakdown->runs,
	    "runs_for_one_percent", (int)breakdown_runs_for(breakdown, 0.01), "exit", exit_of(breakdown), "wall_ns",
	    json_value_count(breakdown->wall_ns), "kernel", json_value_string(breakdown->kernel_release), "sampling",
	    sampling(breakdown), "classes", classes(breakdown), "functions", functions(breakdown), "split",
	    split(breakdown), "zeroing_check", check(breakdown), "cannot", json_value_strings(breakdown->limits));

	return json_value_write(report, file);
}
