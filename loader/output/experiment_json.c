// SPDX-License-Identifier: MIT
/*
 * One JSON object, schema hakmem-experiment/1: field names are a public interface (docs/experiment-json.md). What is
 * unmeasured is null.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "output/experiment_output.h"
#include "output/experiment_text.h"

#define SCHEMA "hakmem-experiment/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

/* Counts and bytes are whole numbers as long as a double holds them exactly. */
static json_t *number(double value)
{
	if (!isfinite(value))
		return json_null();
	return value == floor(value) && fabs(value) < 9e15 ? json_integer(value) : json_real(value);
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

/* The array becomes NULL when the value is, or does not fit. */
static void append(json_t **array, json_t *value)
{
	if (*array && !json_array_append_new(*array, value))
		return;
	json_decref(*array);
	*array = NULL;
}

static void put(json_t **object, const char *name, json_t *value)
{
	if (*object && !json_object_set_new(*object, name, value))
		return;
	json_decref(*object);
	*object = NULL;
}

static json_t *strings(char *const *texts)
{
	json_t *array = json_array();

	for (; texts && *texts; texts++)
		append(&array, string(*texts));
	return array;
}

static json_t *owned(char *text)
{
	json_t *value = string(text);

	free(text);
	return value;
}

static json_t *interval(const struct interval *interval)
{
	return json_pack("[o, o]", number(interval->low), number(interval->high));
}

static json_t *summary(const struct summary *summary)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "runs", (json_int_t)summary->count, "median",
	    number(summary->median), "low_quartile", number(summary->low_quartile), "high_quartile",
	    number(summary->high_quartile), "minimum", number(summary->minimum), "maximum", number(summary->maximum));
}

static json_t *comparison(const struct experiment *experiment, size_t arm, enum measure measure)
{
	const struct comparison *from = experiment_comparison(experiment, arm, measure);

	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:{s:o, s:o, s:o}, s:o}", "pairs",
	    (json_int_t)from->pairs, "ratio", number(from->ratio), "interval", interval(&from->interval),
	    "median_ratio", number(from->median_ratio), "bootstrap", interval(&from->bootstrap), "p", number(from->p),
	    "corrected", number(from->corrected), "verdict", verdict_name(from->verdict), "needed", "observed",
	    number(from->needed_observed), "five_percent", number(from->needed_five), "one_percent",
	    number(from->needed_one), "words", owned(experiment_sentence(experiment, arm, measure)));
}

static json_t *figures(const struct experiment *experiment, size_t arm)
{
	json_t *object = json_object();

	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++) {
		json_t *figure = summary(&experiment_comparison(experiment, arm, measure)->summary);

		put(&figure, "beside_first", arm ? comparison(experiment, arm, measure) : json_null());
		put(&object, measures[measure].name, figure);
	}
	return object;
}

static json_t *regions(const struct experiment *experiment, size_t arm)
{
	json_t *array = json_array();

	for (size_t row = 0; row < experiment->region_count; row++) {
		const struct region_figures *from = experiment_region(experiment, row, arm);

		json_array_append_new(
		    array, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "region", region_name(from->region), "detail",
		               string(from->detail), "faults", number(from->faults), "zeroed_bytes",
		               number(from->zeroed_bytes), "fault_s", number(from->fault_seconds), "zero_s",
		               number(from->zero_seconds)));
	}
	return array;
}

static json_t *arms(const struct experiment *experiment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < experiment->arm_count; i++) {
		const struct arm *arm = &experiment->arms[i];

		json_array_append_new(
		    array, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", string(arm->name), "environment",
		               strings(arm->environment), "preload", string(arm->preload), "command",
		               arm->command ? strings(arm->command) : json_null(), "figures", figures(experiment, i),
		               "regions", regions(experiment, i)));
	}
	return array;
}

static json_t *values(const struct trial *trial)
{
	json_t *object = json_object();

	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		put(&object, measures[measure].name, number(trial->values[measure]));
	return object;
}

static json_t *trials(const struct experiment *experiment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		json_array_append_new(
		    array, json_pack("{s:I, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "arm", (json_int_t)trial->arm,
		               "kind", trial_kind_name(trial->kind), "block", (json_int_t)trial->block, "start_s",
		               number(trial->start), "exit_code",
		               trial->exit_signal ? json_null() : json_integer(trial->exit_code), "exit_signal",
		               trial->exit_signal ? json_integer(trial->exit_signal) : json_null(), "others",
		               number(trial->others), "counted", number(trial->counted), "values", values(trial)));
	}
	return array;
}

static json_t *asked(const struct experiment *experiment)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:b, s:o, s:I}", "runs", (json_int_t)experiment->wanted_blocks,
	    "warm_ups", (json_int_t)experiment->wanted_warm_ups, "traced", (json_int_t)experiment->wanted_traced,
	    "precision", experiment->precision > 0 ? number(experiment->precision) : json_null(), "metric",
	    string(experiment->metric), "metric_less_is_better", experiment->metric_less_is_better, "cpus",
	    string(experiment->cpus), "seed", (json_int_t)experiment->seed);
}

static json_t *machine(const struct experiment *experiment)
{
	return json_pack("{s:o, s:I, s:o, s:o}", "release", string(experiment->machine.release), "processors",
	    (json_int_t)experiment->machine.processors, "load", number(experiment->machine.load), "others",
	    number(experiment->machine.others));
}

static json_t *warnings(const struct experiment *experiment)
{
	char **list = experiment_warnings(experiment);
	json_t *array = strings(list);

	for (char **line = list; line && *line; line++)
		free(*line);
	free(list);
	return array;
}

static json_t *whole(const struct experiment *experiment)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "schema",
	    SCHEMA, "command", strings(experiment->command), "asked", asked(experiment), "machine", machine(experiment),
	    "interrupted", experiment->interrupted, "failures", (json_int_t)experiment->failures, "looks",
	    (json_int_t)experiment->looks, "began", (json_int_t)experiment->began, "seconds",
	    number(experiment->seconds), "not_traced", string(experiment->not_traced), "not_counted",
	    string(experiment->not_counted), "warnings", warnings(experiment), "main", measures[experiment->main].name,
	    "arms", arms(experiment), "runs", trials(experiment));
}

/* Built whole before the first byte is written: out of memory leaves no half object. */
int experiment_json(const struct experiment *experiment, FILE *file)
{
	json_t *object = whole(experiment);
	int failed;

	if (!object) {
		errno = ENOMEM;
		return -1;
	}
	failed = json_dumpf(object, file, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) || fputc('\n', file) == EOF;
	json_decref(object);
	return failed || ferror(file) || fflush(file) ? -1 : 0;
}
