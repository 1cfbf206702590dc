// SPDX-License-Identifier: MIT
/* Life of an experiment, and what its measures are called. See experiment.h. */
#include "snapshot/experiment.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/strings.h"

const struct measure_description measures[MEASURE_COUNT] = {
    [MEASURE_METRIC] = {"metric", "metric", UNIT_NONE, "slower", "faster"},
    [MEASURE_WALL] = {"wall_s", "wall time", UNIT_SECONDS, "faster", "slower"},
    [MEASURE_USER] = {"user_s", "user time", UNIT_SECONDS, "less", "more"},
    [MEASURE_SYSTEM] = {"system_s", "system time", UNIT_SECONDS, "less", "more"},
    [MEASURE_PROCESSOR] = {"processor_s", "user + system", UNIT_SECONDS, "less", "more"},
    [MEASURE_MINOR] = {"minor_faults", "minor faults", UNIT_COUNT, "fewer", "more"},
    [MEASURE_MAJOR] = {"major_faults", "major faults", UNIT_COUNT, "fewer", "more"},
    [MEASURE_PEAK] = {"peak_rss_bytes", "peak RSS", UNIT_BYTES, "less", "more"},
    [MEASURE_CYCLES] = {"cycles", "cycles", UNIT_COUNT, "fewer", "more"},
    [MEASURE_INSTRUCTIONS] = {"instructions", "instructions", UNIT_COUNT, "fewer", "more"},
    [MEASURE_TLB_MISSES] = {"dtlb_load_misses", "dTLB load misses", UNIT_COUNT, "fewer", "more"},
    [MEASURE_CACHE_MISSES] = {"l1d_load_misses", "L1d load misses", UNIT_COUNT, "fewer", "more"},
    [MEASURE_WALK_CYCLES] = {"page_walk_cycles", "page-walk cycles", UNIT_COUNT, "fewer", "more"},
    [MEASURE_FAULTS] = {"faults", "faults", UNIT_COUNT, "fewer", "more"},
    [MEASURE_ZEROED] = {"zeroed_bytes", "zeroed", UNIT_BYTES, "less", "more"},
    [MEASURE_FAULT_TIME] = {"fault_s", "fault time", UNIT_SECONDS, "less", "more"},
    [MEASURE_ZERO_TIME] = {"zero_s", "zeroing time", UNIT_SECONDS, "less", "more"},
};

struct measure_description experiment_measure(const struct experiment *experiment, enum measure measure)
{
	struct measure_description description = measures[measure];

	if (measure == MEASURE_METRIC && experiment->metric_less_is_better) {
		description.less = "faster";
		description.more = "slower";
	}
	return description;
}

enum measure measure_find(const char *name)
{
	enum measure measure = 0;

	while (measure < MEASURE_COUNT && strcmp(measures[measure].name, name) != 0)
		measure++;
	return measure;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
	    [VERDICT_NONE] = "none",
	    [VERDICT_EQUAL] = "equal",
	    [VERDICT_LESS] = "less",
	    [VERDICT_MORE] = "more",
	    [VERDICT_NO_DIFFERENCE] = "no-difference",
	    [VERDICT_TOO_FEW] = "too-few",
	};

	return names[verdict];
}

const char *trial_kind_name(enum trial_kind kind)
{
	static const char *const names[] = {
	    [TRIAL_WARM_UP] = "warm-up", [TRIAL_MEASURED] = "measured", [TRIAL_TRACED] = "traced"};

	return names[kind];
}

struct experiment *experiment_new(void)
{
	struct experiment *experiment = calloc(1, sizeof(*experiment));

	if (experiment) {
		experiment->looks = 1;
		experiment->main = MEASURE_WALL;
		experiment->judged = MEASURE_COUNT;
		experiment->machine.load = experiment->machine.others = NAN;
	}
	return experiment;
}

void strings_free(char **strings)
{
	for (char **string = strings; string && *string; string++)
		free(*string);
	free(strings);
}

void arm_free(struct arm *arm)
{
	free(arm->name);
	strings_free(arm->environment);
	free(arm->preload);
	strings_free(arm->command);
}

void experiment_free(struct experiment *experiment)
{
	if (!experiment)
		return;
	strings_free(experiment->command);
	for (size_t i = 0; i < experiment->arm_count; i++)
		arm_free(&experiment->arms[i]);
	for (size_t i = 0; i < experiment->trial_count; i++)
		snapshot_free(experiment->trials[i].snapshot);
	for (size_t i = 0; i < experiment->region_count * experiment->arm_count; i++)
		free(experiment->regions[i].detail);
	free(experiment->arms);
	free(experiment->trials);
	free(experiment->regions);
	free(experiment->comparisons);
	free(experiment->metric);
	free(experiment->cpus);
	free(experiment->not_traced);
	free(experiment->not_counted);
	free(experiment->machine.release);
	free(experiment);
}

int experiment_set_command(struct experiment *experiment, char *const *command)
{
	bool failed = false;

	experiment->command = strings_copy(command, &failed);
	return failed ? -1 : 0;
}

int arm_copy(struct arm *into, const struct arm *from)
{
	bool failed = false;

	*into = (struct arm){
	    .name = string_copy(from->name, &failed),
	    .environment = strings_copy(from->environment, &failed),
	    .preload = string_copy(from->preload, &failed),
	    .command = strings_copy(from->command, &failed),
	};
	return failed ? -1 : 0;
}

int experiment_add_arm(struct experiment *experiment, const struct arm *arm)
{
	struct arm *grown = reallocarray(experiment->arms, experiment->arm_count + 1, sizeof(*grown));

	if (!grown)
		return -1;
	experiment->arms = grown;
	return arm_copy(&grown[experiment->arm_count++], arm);
}

struct trial *experiment_add_trial(struct experiment *experiment, size_t arm, enum trial_kind kind, uint32_t block)
{
	size_t count = experiment->trial_count;
	struct trial *trial;

	/* It grows by doubling: it is full exactly when its length is a power of two. */
	if (!(count & (count - 1))) {
		trial = reallocarray(experiment->trials, count ? 2 * count : 1, sizeof(*trial));
		if (!trial)
			return NULL;
		experiment->trials = trial;
	}
	trial = &experiment->trials[experiment->trial_count++];
	*trial = (struct trial){.arm = arm, .kind = kind, .block = block, .others = NAN, .counted = NAN};
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		trial->values[measure] = NAN;
	return trial;
}

bool trial_failed(const struct trial *trial)
{
	return trial->exit_code != 0 || trial->exit_signal != 0;
}

bool trial_counts(const struct trial *trial, enum measure measure)
{
	enum trial_kind wanted = measure < MEASURE_FIRST_TRACED ? TRIAL_MEASURED : TRIAL_TRACED;

	return trial->kind == wanted && !trial_failed(trial) && !isnan(trial->values[measure]);
}

const struct comparison *experiment_comparison(const struct experiment *experiment, size_t arm, enum measure measure)
{
	return &experiment->comparisons[arm * MEASURE_COUNT + measure];
}

const struct region_figures *experiment_region(const struct experiment *experiment, size_t row, size_t arm)
{
	return &experiment->regions[row * experiment->arm_count + arm];
}
