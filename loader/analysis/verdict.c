// SPDX-License-Identifier: MIT
/* Pairs of runs by block, their tests, and what may be said. docs/compare.md has the reasons. */
#include "analysis/verdict.h"

#include <stdlib.h>

#include "analysis/region_figures.h"
#include "analysis/statistics.h"

/* Every trial of one measure that counts, and those of an arm and the first one that share a block. */
struct series {
	double *values;             /* of the arm: `count` */
	double *first, *arm, *work; /* `pairs` each */
	size_t count, pairs;
};

static bool series_open(struct series *series, size_t room)
{
	series->values = calloc(4 * room + 1, sizeof(double));
	series->first = series->values + room;
	series->arm = series->first + room;
	series->work = series->arm + room;
	return series->values != NULL;
}

/* The value of an arm in a block; NAN: it has none. Trials are in order of time, so a block's are close together. */
static double value_in_block(
    const struct experiment *experiment, size_t near, size_t arm, enum measure measure, uint32_t block)
{
	size_t most = experiment->trial_count,
	       begin = near > 2 * experiment->arm_count ? near - 2 * experiment->arm_count : 0;

	for (size_t i = begin; i < most && i <= near + 2 * experiment->arm_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		if (trial->arm == arm && trial->block == block && trial_counts(trial, measure))
			return trial->values[measure];
	}
	return NAN;
}

static void series_fill(struct series *series, const struct experiment *experiment, size_t arm, enum measure measure)
{
	series->count = series->pairs = 0;
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];
		double first;

		if (trial->arm != arm || !trial_counts(trial, measure))
			continue;
		series->values[series->count++] = trial->values[measure];
		first = value_in_block(experiment, i, 0, measure, trial->block);
		if (!isnan(first)) {
			series->first[series->pairs] = first;
			series->arm[series->pairs++] = trial->values[measure];
		}
	}
}

static struct summary summarize(double *values, size_t count)
{
	struct summary summary = {.count = count};

	statistics_sort(values, count);
	summary.median = statistics_quantile(values, count, 0.5);
	summary.low_quartile = statistics_quantile(values, count, 0.25);
	summary.high_quartile = statistics_quantile(values, count, 0.75);
	summary.minimum = statistics_quantile(values, count, 0);
	summary.maximum = statistics_quantile(values, count, 1);
	return summary;
}

static const struct comparison nothing = {
    .summary = {0, NAN, NAN, NAN, NAN, NAN},
    .ratio = NAN,
    .interval = {NAN, NAN},
    .median_ratio = NAN,
    .bootstrap = {NAN, NAN},
    .p = NAN,
    .corrected = NAN,
    .needed_observed = NAN,
    .needed_five = NAN,
    .needed_one = NAN,
};

static bool steady(const struct summary *summary)
{
	return summary->count > 1 && summary->minimum == summary->maximum;
}

/* Differences of logarithms, so that shifts of them are ratios. False when a value has none. */
static bool take_logarithms(struct series *series)
{
	for (size_t i = 0; i < series->pairs; i++) {
		if (series->first[i] <= 0 || series->arm[i] <= 0)
			return false;
		series->work[i] = log(series->arm[i] / series->first[i]);
	}
	return true;
}

/* Figures that can be 0 have no ratio of every pair; whether they differ can still be told. */
static void take_differences(struct series *series)
{
	for (size_t i = 0; i < series->pairs; i++)
		series->work[i] = series->arm[i] - series->first[i];
}

/* Of each look: of all looks together it is INTERVAL_LEVEL at least. */
static double interval_level(const struct experiment *experiment)
{
	return 1 - (1 - INTERVAL_LEVEL) / experiment->looks;
}

static int compare_pairs(struct series *series, const struct experiment *experiment, struct comparison *comparison)
{
	double level = interval_level(experiment), middle;
	bool logarithms = take_logarithms(series);
	struct interval interval;

	if (!logarithms)
		take_differences(series);
	comparison->p = signed_rank_p(series->work, series->pairs);
	if (!signed_rank_interval(series->work, series->pairs, level, &middle, &interval))
		return -1;
	comparison->verdict = middle < 0 ? VERDICT_LESS : middle > 0 ? VERDICT_MORE : VERDICT_NO_DIFFERENCE;
	if (!logarithms)
		return 0;
	comparison->ratio = exp(middle);
	comparison->interval = (struct interval){exp(interval.low), exp(interval.high)};
	return bootstrap_median_ratio(
	           series->first, series->arm, series->pairs, level, experiment->seed, &comparison->bootstrap)
	           ? 0
	           : -1;
}

static int compare_arm(struct series *series, const struct experiment *experiment, const struct comparison *first,
    struct comparison *comparison)
{
	const struct summary *left = &first->summary, *right = &comparison->summary;

	comparison->pairs = series->pairs;
	if (!series->pairs)
		return 0;
	comparison->median_ratio = left->median != 0 ? right->median / left->median : NAN;
	if (steady(left) && steady(right)) {
		comparison->ratio = comparison->median_ratio;
		comparison->interval = (struct interval){comparison->ratio, comparison->ratio};
		comparison->verdict = left->median == right->median  ? VERDICT_EQUAL
		                      : left->median > right->median ? VERDICT_LESS
		                                                     : VERDICT_MORE;
		return 0;
	}
	return compare_pairs(series, experiment, comparison);
}

static void plan_on(struct comparison *comparison, double interval_level, double level)
{
	double width = log(comparison->interval.high / comparison->interval.low) / 2;
	const double differences[] = {log(comparison->ratio), log(1.05), log(1.01)};
	double *needed[] = {&comparison->needed_observed, &comparison->needed_five, &comparison->needed_one};

	for (size_t i = 0; i < 3; i++)
		*needed[i] =
		    pairs_needed(comparison->pairs, width, interval_level, differences[i], level, VERDICT_POWER);
}

/* The arms' p are corrected together; what was tested gets its verdict from that. */
static int judge(const struct experiment *experiment, enum measure measure)
{
	double *p = calloc(experiment->arm_count + 1, sizeof(*p));
	size_t tested = 0, next = 0;

	if (!p)
		return -1;
	for (size_t arm = 1; arm < experiment->arm_count; arm++) {
		struct comparison *comparison = &experiment->comparisons[arm * MEASURE_COUNT + measure];

		if (!isnan(comparison->p))
			p[tested++] = comparison->p;
	}
	holm(p, tested);
	for (size_t arm = 1; arm < experiment->arm_count; arm++) {
		struct comparison *comparison = &experiment->comparisons[arm * MEASURE_COUNT + measure];

		if (isnan(comparison->p))
			continue;
		comparison->corrected = fmin(1, p[next++] * experiment->looks);
		plan_on(comparison, interval_level(experiment), VERDICT_LEVEL / (tested * experiment->looks));
		if (signed_rank_least_p(comparison->pairs) * tested * experiment->looks > VERDICT_LEVEL)
			comparison->verdict = VERDICT_TOO_FEW;
		else if (comparison->corrected > VERDICT_LEVEL)
			comparison->verdict = VERDICT_NO_DIFFERENCE;
	}
	free(p);
	return 0;
}

static int compare_measure(struct experiment *experiment, struct series *series, enum measure measure)
{
	const struct comparison *first = &experiment->comparisons[measure];

	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		struct comparison *comparison = &experiment->comparisons[arm * MEASURE_COUNT + measure];

		*comparison = nothing;
		series_fill(series, experiment, arm, measure);
		comparison->summary = summarize(series->values, series->count);
		if (arm && compare_arm(series, experiment, first, comparison))
			return -1;
	}
	return judge(experiment, measure);
}

int verdict_fill(struct experiment *experiment)
{
	struct series series;
	int failed = 0;

	experiment->main = experiment->judged < MEASURE_COUNT ? experiment->judged
	                   : experiment->metric               ? MEASURE_METRIC
	                                                      : MEASURE_WALL;
	if (!experiment->comparisons)
		experiment->comparisons =
		    calloc(experiment->arm_count * MEASURE_COUNT, sizeof(*experiment->comparisons));
	if (!experiment->comparisons || !series_open(&series, experiment->trial_count))
		return -1;
	for (enum measure measure = 0; !failed && measure < MEASURE_COUNT; measure++)
		failed = compare_measure(experiment, &series, measure);
	free(series.values);
	return failed ? -1 : region_figures_fill(experiment);
}

double verdict_precision(const struct experiment *experiment)
{
	double widest = 0;

	for (size_t arm = 1; arm < experiment->arm_count; arm++) {
		const struct comparison *comparison = experiment_comparison(experiment, arm, experiment->main);
		double half = (comparison->interval.high - comparison->interval.low) / 2;

		widest = isnan(half) ? INFINITY : fmax(widest, half);
	}
	return widest;
}
