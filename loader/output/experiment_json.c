// SPDX-License-Identifier: MIT
/*
 * One JSON object, schema hakmem-experiment/1: field names are a public interface (docs/experiment-json.md). What is
 * unmeasured is null.
 */
#include <jansson.h>
#include <stdlib.h>

#include "output/experiment_json.h"
#include "output/experiment_output.h"
#include "output/experiment_text.h"
#include "output/json_value.h"

#define SCHEMA "hakmem-experiment/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

static json_t *summary(const struct summary *summary)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "runs", (json_int_t)summary->count, "median",
	    json_value_number(summary->median), "low_quartile", json_value_number(summary->low_quartile),
	    "high_quartile", json_value_number(summary->high_quartile), "minimum", json_value_number(summary->minimum),
	    "maximum", json_value_number(summary->maximum));
}

static json_t *comparison(const struct experiment *experiment, size_t arm, enum measure measure)
{
	const struct comparison *from = experiment_comparison(experiment, arm, measure);

	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:{s:o, s:o, s:o}, s:o}", "pairs",
	    (json_int_t)from->pairs, "ratio", json_value_number(from->ratio), "interval",
	    json_value_interval(&from->interval), "median_ratio", json_value_number(from->median_ratio), "bootstrap",
	    json_value_interval(&from->bootstrap), "p", json_value_number(from->p), "corrected",
	    json_value_number(from->corrected), "verdict", verdict_name(from->verdict), "needed", "observed",
	    json_value_number(from->needed_observed), "five_percent", json_value_number(from->needed_five),
	    "one_percent", json_value_number(from->needed_one), "words",
	    json_value_owned(experiment_sentence(experiment, arm, measure)));
}

static json_t *figures(const struct experiment *experiment, size_t arm)
{
	json_t *object = json_object();

	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++) {
		json_t *figure = summary(&experiment_comparison(experiment, arm, measure)->summary);

		json_value_put(&figure, "beside_first", arm ? comparison(experiment, arm, measure) : json_null());
		json_value_put(&object, measures[measure].name, figure);
	}
	return object;
}

static json_t *regions(const struct experiment *experiment, size_t arm)
{
	json_t *array = json_array();

	for (size_t row = 0; row < experiment->region_count; row++) {
		const struct region_figures *from = experiment_region(experiment, row, arm);

		json_value_append(&array,
		    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "region", region_name(from->region), "detail",
		        json_value_string(from->detail), "faults", json_value_number(from->faults), "zeroed_bytes",
		        json_value_number(from->zeroed_bytes), "fault_s", json_value_number(from->fault_seconds),
		        "zero_s", json_value_number(from->zero_seconds)));
	}
	return array;
}

static json_t *arms(const struct experiment *experiment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < experiment->arm_count; i++) {
		const struct arm *arm = &experiment->arms[i];

		json_value_append(&array,
		    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", json_value_string(arm->name), "environment",
		        json_value_strings(arm->environment), "preload", json_value_string(arm->preload), "command",
		        arm->command ? json_value_strings(arm->command) : json_null(), "figures",
		        figures(experiment, i), "regions", regions(experiment, i)));
	}
	return array;
}

static json_t *values(const struct trial *trial)
{
	json_t *object = json_object();

	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		json_value_put(&object, measures[measure].name, json_value_number(trial->values[measure]));
	return object;
}

static json_t *trials(const struct experiment *experiment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		json_value_append(
		    &array, json_pack("{s:I, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "arm", (json_int_t)trial->arm,
		                "kind", trial_kind_name(trial->kind), "block", (json_int_t)trial->block, "start_s",
		                json_value_number(trial->start), "exit_code",
		                trial->exit_signal ? json_null() : json_integer(trial->exit_code), "exit_signal",
		                trial->exit_signal ? json_integer(trial->exit_signal) : json_null(), "others",
		                json_value_number(trial->others), "counted", json_value_number(trial->counted),
		                "values", values(trial)));
	}
	return array;
}

static json_t *asked(const struct experiment *experiment)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:b, s:o, s:I}", "runs", (json_int_t)experiment->wanted_blocks,
	    "warm_ups", (json_int_t)experiment->wanted_warm_ups, "traced", (json_int_t)experiment->wanted_traced,
	    "precision", experiment->precision > 0 ? json_value_number(experiment->precision) : json_null(), "metric",
	    json_value_string(experiment->metric), "metric_less_is_better", experiment->metric_less_is_better, "cpus",
	    json_value_string(experiment->cpus), "seed", (json_int_t)experiment->seed);
}

static json_t *machine(const struct experiment *experiment)
{
	return json_pack("{s:o, s:I, s:o, s:o}", "release", json_value_string(experiment->machine.release),
	    "processors", (json_int_t)experiment->machine.processors, "load",
	    json_value_number(experiment->machine.load), "others", json_value_number(experiment->machine.others));
}

static json_t *warnings(const struct experiment *experiment)
{
	char **list = experiment_warnings(experiment);
	json_t *array = json_value_strings(list);

	for (char **line = list; line && *line; line++)
		free(*line);
	free(list);
	return array;
}

json_t *experiment_to_json(const struct experiment *experiment)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "schema",
	    SCHEMA, "command", json_value_strings(experiment->command), "asked", asked(experiment), "machine",
	    machine(experiment), "interrupted", experiment->interrupted, "failures", (json_int_t)experiment->failures,
	    "looks", (json_int_t)experiment->looks, "began", (json_int_t)experiment->began, "seconds",
	    json_value_number(experiment->seconds), "not_traced", json_value_string(experiment->not_traced),
	    "not_counted", json_value_string(experiment->not_counted), "warnings", warnings(experiment), "main",
	    measures[experiment->main].name, "arms", arms(experiment), "runs", trials(experiment));
}

int experiment_json(const struct experiment *experiment, FILE *file)
{
	return json_value_write(experiment_to_json(experiment), file);
}
