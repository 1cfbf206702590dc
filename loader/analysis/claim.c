// SPDX-License-Identifier: MIT
/* Verdicts of claims, and the sentences that carry them. See claim.h. */
#include "analysis/claim.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/account.h"
#include "analysis/said.h"
#include "analysis/verdict.h"

#define MOST_RUNS_WORTH_SAYING 10000

double claim_level(size_t intervals)
{
	return 1 - (1 - INTERVAL_LEVEL) / (intervals ? intervals : 1);
}

double amdahl(double share)
{
	return share < 1 ? 1 / (1 - share) : isnan(share) ? NAN : INFINITY;
}

enum claim_verdict claim_place(struct interval measured, struct interval expected)
{
	if (measured.low >= expected.low && measured.high <= expected.high && isfinite(measured.high))
		return CLAIM_CONFIRMED;
	if (measured.high < expected.low || measured.low > expected.high)
		return CLAIM_REFUTED;
	return CLAIM_INCONCLUSIVE;
}

enum claim_verdict claim_place_by(enum method method, struct interval measured, struct interval expected)
{
	if (method == METHOD_UNKNOWN || method == METHOD_ESTIMATE)
		return CLAIM_INCONCLUSIVE;
	if (method == METHOD_UPPER_BOUND)
		measured.low = isnan(measured.low) ? NAN : 0;
	return claim_place(measured, expected);
}

static bool more_is_faster(const struct experiment *experiment, enum measure measure)
{
	return measure == MEASURE_METRIC && !experiment->metric_less_is_better;
}

struct effect claim_turn(
    const struct effect *effect, const struct experiment *experiment, enum measure measure, enum claim_sense sense)
{
	struct effect turned = *effect;

	if (sense == SENSE_RATIO || (sense == SENSE_FASTER) == more_is_faster(experiment, measure))
		return turned;
	turned.middle = 1 / effect->middle;
	turned.interval = (struct interval){1 / effect->interval.high, 1 / effect->interval.low};
	return turned;
}

/* How sure a share is: as sure as its part of the run. The least sure of the runs counts. */
static enum method share_method(const struct snapshot *snapshot, enum claim_share share)
{
	const struct account account = account_of(snapshot);

	if (share == SHARE_ZEROING)
		return snapshot->kernel.hooks[SUBJECT_ZERO_TIME].method;
	if (share == SHARE_FAULT_TIME)
		return snapshot->kernel.hooks[SUBJECT_FAULT_TIME].method;
	if (share == SHARE_RECYCLABLE && account.unknown > 0)
		return METHOD_UPPER_BOUND;
	return snapshot_lacks_counts(snapshot) ? METHOD_ESTIMATE : METHOD_EXACT;
}

int claim_share_of(const struct experiment *experiment, size_t arm, enum claim_share share, double level,
    struct effect *effect, enum method *method)
{
	double *values = calloc(experiment->trial_count + 1, sizeof(*values));
	size_t count = 0;
	int status;

	*method = METHOD_UNKNOWN;
	if (!values)
		return -1;
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];
		struct account account;
		enum method its;

		if (trial->arm != arm || !trial->snapshot || trial_failed(trial))
			continue;
		account = account_of(trial->snapshot);
		its = share_method(trial->snapshot, share);
		values[count] = account_share(&account, share);
		if (isnan(values[count]) || its == METHOD_UNKNOWN)
			continue;
		count++;
		/* Of bounds and estimates the latter say less. */
		*method = its > *method && *method != METHOD_ESTIMATE ? its : *method;
	}
	status = effect_of(values, count, level, true, effect);
	free(values);
	effect->interval.low = isnan(effect->interval.low) ? NAN : fmax(effect->interval.low, 0);
	/* An open end stays open. */
	if (isfinite(effect->interval.high))
		effect->interval.high = fmin(effect->interval.high, 1);
	return status;
}

void claim_record(struct claim_part *part, const struct effect *effect, enum method method)
{
	part->measured = effect->middle;
	part->interval = effect->interval;
	part->runs = effect->count;
	part->method = method;
}

double claim_needed(const struct effect *effect, const struct interval *expected, double level)
{
	const double bounds[] = {expected->low, expected->high};
	double most = NAN;

	for (size_t i = 0; i < 2; i++)
		if (effect->interval.low < bounds[i] && effect->interval.high > bounds[i])
			most = fmax(most, effect_needed(effect, bounds[i], level));
	return most;
}

int claim_say(char **text, const char *format, ...)
{
	char *added = NULL, *joined = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&added, format, arguments);
	va_end(arguments);
	if (length < 0 || asprintf(&joined, "%s%s%s", *text ? *text : "", *text && **text ? " " : "", added) < 0)
		joined = NULL;
	if (length >= 0)
		free(added);
	if (!joined)
		return -1;
	free(*text);
	*text = joined;
	return 0;
}

int claim_say_needed(char **text, const struct effect *effect, double needed)
{
	if (effect->basis == BASIS_TOO_FEW)
		return claim_say(text, "That is too few for any bound: %zu of each arm are the least.", effect->fewest);
	if (isnan(needed))
		return 0;
	if (needed > MOST_RUNS_WORTH_SAYING)
		return claim_say(
		    text, "More than %d runs of each arm would be needed to tell.", MOST_RUNS_WORTH_SAYING);
	return claim_say(text, "About %.0f runs of each arm would tell.", needed);
}

static int say_verdict(struct claim_part *part, struct said expected)
{
	bool above = part->interval.low > part->expected.high;

	switch (part->verdict) {
	case CLAIM_CONFIRMED:
		return claim_say(&part->evidence, "All of that is within what is expected, %s.", expected.text);
	case CLAIM_REFUTED:
		return claim_say(&part->evidence, "All of that lies %s what is expected, %s.",
		    above ? "above" : "below", expected.text);
	default:
		return claim_say(
		    &part->evidence, "Expected is %s, and some of that may be so and some not.", expected.text);
	}
}

static bool was_traced(const struct experiment *experiment)
{
	for (size_t i = 0; i < experiment->trial_count; i++)
		if (experiment->trials[i].snapshot)
			return true;
	return false;
}

/* Why a measure has no figures. */
static int say_unmeasured(struct claim_part *part, const struct experiment *experiment, const char *title)
{
	bool traced = part->kind == CLAIM_SHARE || part->measure >= MEASURE_FIRST_TRACED;
	const char *reason = NULL;

	if (traced && experiment->not_traced)
		reason = experiment->not_traced;
	else if (traced && !was_traced(experiment))
		reason = "there was no traced run";
	else if (!traced && part->measure >= MEASURE_CYCLES)
		reason = experiment->not_counted;
	return claim_say(&part->evidence, "Not measured: %s%s%s.", title, reason ? ", for " : "", reason ? reason : "");
}

static const char *told(const struct claim_part *part)
{
	static const char *const words[] = {
	    [SENSE_RATIO] = "", [SENSE_FASTER] = " as fast as", [SENSE_SLOWER] = " as slow as"};

	return words[part->sense];
}

static int judge_ratio(struct claim_part *part, const struct experiment *experiment, double level)
{
	struct measure_description description = experiment_measure(experiment, part->measure);
	struct said expected = said_ratios(&part->expected);
	const char *arm = experiment->arms[part->arm].name, *first = experiment->arms[0].name;
	struct effect ratio, effect, mine, its;

	if (effect_ratio(experiment, part->arm, part->measure, level, &ratio) ||
	    effect_figure(experiment, part->arm, part->measure, level, &mine) ||
	    effect_figure(experiment, 0, part->measure, level, &its))
		return -1;
	effect = claim_turn(&ratio, experiment, part->measure, part->sense);
	claim_record(part, &effect, effect.basis == BASIS_NONE ? METHOD_UNKNOWN : METHOD_EXACT);
	if (effect.basis == BASIS_NONE)
		return say_unmeasured(part, experiment, description.title);
	part->verdict = claim_place(effect.interval, part->expected);
	if (claim_say(&part->evidence, "In %s, %s is %s times%s %s (%s, from %zu pairs of runs; %s against %s).",
	        description.title, arm, said_ratio(effect.middle).text, told(part), first,
	        said_ratios(&effect.interval).text, effect.count, said_figure(description.unit, mine.middle).text,
	        said_figure(description.unit, its.middle).text) ||
	    say_verdict(part, expected))
		return -1;
	if (part->verdict != CLAIM_INCONCLUSIVE)
		return 0;
	part->needed = claim_needed(&effect, &part->expected, level);
	return claim_say_needed(&part->evidence, &effect, part->needed);
}

static int judge_figure(struct claim_part *part, const struct experiment *experiment, double level)
{
	struct measure_description description = experiment_measure(experiment, part->measure);
	enum unit unit = description.unit;
	struct effect effect;

	if (effect_figure(experiment, part->arm, part->measure, level, &effect))
		return -1;
	claim_record(part, &effect, effect.basis == BASIS_NONE ? METHOD_UNKNOWN : METHOD_EXACT);
	if (effect.basis == BASIS_NONE)
		return say_unmeasured(part, experiment, description.title);
	part->verdict = claim_place(effect.interval, part->expected);
	if (claim_say(&part->evidence, "For %s, %s is %s (%s, from %zu runs).", experiment->arms[part->arm].name,
	        description.title, said_figure(unit, effect.middle).text, said_figures(unit, &effect.interval).text,
	        effect.count) ||
	    say_verdict(part, said_figures(unit, &part->expected)))
		return -1;
	if (part->verdict != CLAIM_INCONCLUSIVE)
		return 0;
	part->needed = claim_needed(&effect, &part->expected, level);
	return claim_say_needed(&part->evidence, &effect, part->needed);
}

static int judge_share(struct claim_part *part, const struct experiment *experiment, double level)
{
	const struct share_description *share = &claim_shares[part->share];
	enum method method;
	struct effect effect;

	if (claim_share_of(experiment, part->arm, part->share, level, &effect, &method))
		return -1;
	claim_record(part, &effect, method);
	if (effect.basis == BASIS_NONE)
		return say_unmeasured(part, experiment, share->title);
	part->verdict = claim_place_by(method, effect.interval, part->expected);
	if (claim_say(&part->evidence, "Of %s of %s, %s is %s%s (%s, from %zu traced runs).", share->whole,
	        experiment->arms[part->arm].name, share->title, method == METHOD_UPPER_BOUND ? "at most " : "",
	        said_percent(effect.middle).text, said_percents(&effect.interval).text, effect.count))
		return -1;
	if (effect.basis == BASIS_TOO_FEW)
		return claim_say_needed(&part->evidence, &effect, NAN);
	if (method == METHOD_UPPER_BOUND)
		return claim_say(&part->evidence, "The measure is an upper bound: it %s.",
		    part->verdict == CLAIM_REFUTED ? "leaves no room for what is expected"
		    : part->verdict == CLAIM_CONFIRMED
		        ? "is within what is expected, so is the truth"
		        : "can't confirm what is expected, for the truth may lie anywhere below");
	if (method == METHOD_ESTIMATE)
		return claim_say(&part->evidence, "That is an estimate of unknown error, which decides nothing.");
	return say_verdict(part, said_percents(&part->expected));
}

int claim_judge_part(struct claim_part *part, const struct experiment *experiment, double level)
{
	free(part->evidence);
	part->evidence = NULL;
	part->verdict = CLAIM_INCONCLUSIVE;
	part->needed = NAN;
	if (part->kind == CLAIM_FIGURE)
		return judge_figure(part, experiment, level);
	if (part->kind == CLAIM_SHARE)
		return judge_share(part, experiment, level);
	return judge_ratio(part, experiment, level);
}

int claim_judge(struct claim *claim, const struct experiment *experiment)
{
	claim->corrected_for = claim->part_count;
	for (size_t i = 0; i < claim->part_count; i++)
		if (claim_judge_part(&claim->parts[i], experiment, claim_level(claim->part_count)))
			return -1;
	claim->verdict = claim_worst(claim);
	return 0;
}
