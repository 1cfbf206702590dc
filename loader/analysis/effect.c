// SPDX-License-Identifier: MIT
/* Values of an experiment to an estimate with bounds. See effect.h. */
#include "analysis/effect.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/statistics.h"
#include "analysis/student.h"
#include "analysis/verdict.h"

static const struct effect nothing = {.middle = NAN, .interval = {NAN, NAN}};

static bool is_steady(const double *values, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (values[i] != values[0])
			return false;
	return count > 1;
}

static void student(const double *values, size_t count, double level, struct effect *effect)
{
	double mean = 0, squares = 0, half, least = INFINITY, most = -INFINITY;

	for (size_t i = 0; i < count; i++) {
		mean += values[i] / count;
		least = fmin(least, values[i]);
		most = fmax(most, values[i]);
	}
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	half = student_quantile(count - 1, level) * sqrt(squares / (count - 1) / count);
	effect->interval = (struct interval){fmin(mean - half, least), fmax(mean + half, most)};
	effect->basis = BASIS_STUDENT;
}

static size_t fewest_for(double level, bool hardly_vary)
{
	size_t count = 2;

	while (!hardly_vary && signed_rank_least_p(count) > 1 - level)
		count++;
	return count;
}

int effect_of(const double *values, size_t count, double level, bool hardly_vary, struct effect *effect)
{
	*effect = nothing;
	effect->fewest = fewest_for(level, hardly_vary);
	if (!count)
		return 0;
	effect->count = count;
	if (!signed_rank_interval(values, count, level, &effect->middle, &effect->interval))
		return -1;
	effect->basis = isfinite(effect->interval.low) ? BASIS_RANKS : BASIS_TOO_FEW;
	if (is_steady(values, count) && (hardly_vary || effect->basis == BASIS_RANKS)) {
		effect->interval = (struct interval){values[0], values[0]};
		effect->basis = BASIS_STEADY;
	} else if (effect->basis == BASIS_TOO_FEW && hardly_vary && count > 1) {
		student(values, count, level, effect);
	}
	return 0;
}

/* Counts and bytes vary little from run to run and by nothing that the machine's load does; times don't. */
static bool hardly_varies(enum measure measure)
{
	return measures[measure].unit == UNIT_COUNT || measures[measure].unit == UNIT_BYTES;
}

int effect_figure(
    const struct experiment *experiment, size_t arm, enum measure measure, double level, struct effect *effect)
{
	double *values = calloc(experiment->trial_count + 1, sizeof(*values));
	size_t count = 0;
	int status;

	if (!values)
		return -1;
	for (size_t i = 0; i < experiment->trial_count; i++)
		if (experiment->trials[i].arm == arm && trial_counts(&experiment->trials[i], measure))
			values[count++] = experiment->trials[i].values[measure];
	status = effect_of(values, count, level, hardly_varies(measure), effect);
	free(values);
	/* No figure is below 0. */
	effect->interval.low = fmax(effect->interval.low, 0);
	if (effect->basis == BASIS_NONE)
		effect->interval.low = NAN;
	return status;
}

static const struct trial *in_first_arm(
    const struct experiment *experiment, const struct trial *trial, enum measure measure)
{
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *other = &experiment->trials[i];

		if (!other->arm && other->kind == trial->kind && other->block == trial->block &&
		    trial_counts(other, measure))
			return other;
	}
	return NULL;
}

/* The logarithms of the pairs' ratios, so that shifts of them are ratios. False: there is a pair that has none. */
static bool take_pairs(
    const struct experiment *experiment, size_t arm, enum measure measure, double *values, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i], *first;
		double mine, its;

		if (trial->arm != arm || !trial_counts(trial, measure) ||
		    !(first = in_first_arm(experiment, trial, measure)))
			continue;
		mine = trial->values[measure];
		its = first->values[measure];
		if (mine != its && (mine <= 0 || its <= 0))
			return false;
		values[(*count)++] = mine == its ? 0 : log(mine / its);
	}
	return true;
}

int effect_ratio(
    const struct experiment *experiment, size_t arm, enum measure measure, double level, struct effect *effect)
{
	double *values = calloc(experiment->trial_count + 1, sizeof(*values));
	size_t count;
	int status = 0;

	*effect = nothing;
	if (!values)
		return -1;
	if (take_pairs(experiment, arm, measure, values, &count))
		status = effect_of(values, count, level, hardly_varies(measure), effect);
	free(values);
	effect->middle = exp(effect->middle);
	effect->interval = (struct interval){exp(effect->interval.low), exp(effect->interval.high)};
	return status;
}

double effect_needed(const struct effect *effect, double bound, double level)
{
	double half = log(effect->interval.high / effect->interval.low) / 2;

	if (effect->basis != BASIS_RANKS || !(bound > 0) || isinf(bound) || !(effect->middle > 0))
		return NAN;
	return pairs_needed(effect->count, half, level, log(effect->middle / bound), 1 - level, VERDICT_POWER);
}
