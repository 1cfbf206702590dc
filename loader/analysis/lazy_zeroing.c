// SPDX-License-Identifier: MIT
/* The three parts of the claim, and what each is judged by. See lazy_zeroing.h. */
#include "analysis/lazy_zeroing.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/account.h"
#include "analysis/claim.h"
#include "analysis/faults_left.h"
#include "analysis/said.h"
#include "analysis/verdict.h"

#define WORTH_SAYING 0.01 /* of the faults */

enum { PART_SHARE, PART_GAIN, PART_REST, PART_COUNT };

/* What an arm gained, at the corrected level, and what it could by the faults that it saved. */
struct gain {
	size_t arm;
	struct effect effect; /* how many times as fast as the first arm */
	double faults_saved, share_saved, seconds_saved, at_best;
};

static int add_share(struct claim *claim, const char *text, enum claim_share share, size_t arm, double low, double high)
{
	struct claim_part *part = claim_add_part(claim);

	if (!part)
		return -1;
	part->kind = CLAIM_SHARE;
	part->share = share;
	part->arm = arm;
	part->expected = (struct interval){low, high};
	return claim_say(&part->text, "%s", text);
}

int lazy_zeroing_parts(struct claim *claim)
{
	struct claim_part *part;

	if (add_share(claim,
	        "Zeroing is 10 to 13 % of the processor time (the study: clear_page, 11.65 % of the cycles).",
	        SHARE_ZEROING, LAZY_ZEROING_EAGER, LAZY_ZEROING_LEAST_SHARE, LAZY_ZEROING_MOST_SHARE) ||
	    !(part = claim_add_part(claim)))
		return -1;
	part->kind = CLAIM_EFFECT;
	part->sense = SENSE_FASTER;
	part->measure = MEASURE_WALL;
	part->arm = LAZY_ZEROING_KEEP;
	part->expected = (struct interval){LAZY_ZEROING_LEAST_GAIN, LAZY_ZEROING_MOST_GAIN};
	return claim_say(&part->text, "Removing it makes the program 1.10 to 1.15 times as fast.") ||
	               add_share(claim,
	                   "The faults that are left can't be avoided by recycling: at most 5 % of them touch again "
	                   "what malloc had given back.",
	                   SHARE_RECYCLABLE, LAZY_ZEROING_KEEP, 0, LAZY_ZEROING_RECYCLABLE)
	           ? -1
	           : 0;
}

/* Zeroing against the time of the run that losing it can shorten. */
static int time_share(const struct experiment *experiment, double level, struct effect *effect)
{
	double *values = calloc(experiment->trial_count + 1, sizeof(*values));
	size_t count = 0;
	int status;

	if (!values)
		return -1;
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];
		struct account account;

		if (trial->arm != LAZY_ZEROING_EAGER || !trial->snapshot || trial_failed(trial))
			continue;
		account = account_of(trial->snapshot);
		values[count] = account.zeroing / account_time(&account);
		count += isfinite(values[count]);
	}
	status = effect_of(values, count, level, true, effect);
	free(values);
	return status;
}

static int find_gain(const struct experiment *experiment, size_t arm, double level, struct gain *gain)
{
	struct account eager = account_mean(experiment, LAZY_ZEROING_EAGER), its = account_mean(experiment, arm);
	struct effect ratio;

	*gain = (struct gain){.arm = arm};
	if (effect_ratio(experiment, arm, experiment->main, level, &ratio))
		return -1;
	gain->effect = claim_turn(&ratio, experiment, experiment->main, SENSE_FASTER);
	gain->faults_saved = eager.faults - its.faults;
	gain->share_saved = gain->faults_saved / eager.faults;
	gain->seconds_saved = eager.faults > 0 ? gain->faults_saved * eager.fault_time / eager.faults : NAN;
	gain->at_best = amdahl(gain->seconds_saved / account_time(&eager));
	return 0;
}

static int say_gain(char **text, const struct experiment *experiment, const struct gain *gain)
{
	const char *name = experiment->arms[gain->arm].name;

	if (gain->effect.basis == BASIS_NONE)
		return claim_say(text, "How fast %s is was not measured.", name);
	if (claim_say(text, "Measured, %s is %s times as fast as %s in %s (%s, from %zu pairs of runs).", name,
	        said_ratio(gain->effect.middle).text, experiment->arms[0].name,
	        experiment_measure(experiment, experiment->main).title, said_ratios(&gain->effect.interval).text,
	        gain->effect.count))
		return -1;
	if (isnan(gain->share_saved))
		return 0;
	if (!(gain->share_saved >= WORTH_SAYING))
		return claim_say(text, "It saves no faults worth saying.");
	return claim_say(text, "It saves %s faults, which took %s: that alone accounts for %s times.",
	    said_figure(UNIT_COUNT, gain->faults_saved).text, said_figure(UNIT_SECONDS, gain->seconds_saved).text,
	    said_ratio(gain->at_best).text);
}

/* By the arms alone: any that gains enough confirms, all that don't refute. */
static enum claim_verdict place_gains(const struct gain *gains, size_t count, double least)
{
	size_t below = 0;

	for (size_t i = 0; i < count; i++) {
		if (gains[i].effect.interval.low >= least && isfinite(gains[i].effect.interval.high))
			return CLAIM_CONFIRMED;
		below += gains[i].effect.interval.high < least;
	}
	return below == count ? CLAIM_REFUTED : CLAIM_INCONCLUSIVE;
}

static const struct gain *best_of(const struct gain *gains, size_t count)
{
	const struct gain *best = &gains[0];

	for (size_t i = 1; i < count; i++)
		if (gains[i].effect.middle > best->effect.middle || isnan(best->effect.middle))
			best = &gains[i];
	return best;
}

static bool is_known(const struct claim_part *share)
{
	return share->method != METHOD_UNKNOWN && share->method != METHOD_ESTIMATE;
}

static int say_bound(struct claim_part *part, const struct experiment *experiment, const struct claim_part *share,
    const struct effect *zeroing, bool refuted)
{
	if (zeroing->basis == BASIS_NONE || share->method == METHOD_UNKNOWN)
		return claim_say(
		    &part->evidence, "What zeroing takes is not measured here, so no bound follows from it.");
	if (zeroing->middle >= 1)
		return claim_say(
		    &part->evidence, "Zeroing took as long as the whole run, on several processors: no bound follows.");
	return claim_say(&part->evidence,
	    "Zeroing takes %s%s of the run's time: by Amdahl's law losing all of it makes the run %s times as fast at "
	    "best%s%s.",
	    share->method == METHOD_UPPER_BOUND ? "at most " : "", said_percent(zeroing->middle).text,
	    said_ratio(amdahl(zeroing->middle)).text, refuted ? ", less than what is claimed" : "",
	    experiment->main == MEASURE_METRIC ? " (the whole run, which the metric may be only a part of)" : "");
}

static int say_gain_verdict(
    struct claim_part *part, const struct gain *best, double bound, bool refuted, bool contradicted, double level)
{
	if (contradicted)
		return claim_say(&part->evidence,
		    "So it is not zeroing alone that the arms differ by: what they save besides, faults and calls of "
		    "madvise, is more.");
	if (refuted && part->verdict == CLAIM_REFUTED)
		return claim_say(&part->evidence, "The bound refutes it, and no arm contradicts the bound.");
	if (part->verdict == CLAIM_REFUTED)
		return claim_say(&part->evidence, "No arm is as fast as claimed.");
	if (part->verdict == CLAIM_CONFIRMED)
		return claim_say(&part->evidence, "%s%s",
		    best->effect.interval.low > part->expected.high ? "That is even more than claimed"
		                                                    : "That is what is claimed",
		    best->effect.interval.low > bound
		        ? ", and more than zeroing alone can give: the rest are the faults around it, and calls of "
		          "madvise."
		        : ".");
	part->needed = claim_needed(&best->effect, &(struct interval){part->expected.low, INFINITY}, level);
	return claim_say_needed(&part->evidence, &best->effect, part->needed);
}

static int judge_gain(
    struct claim_part *part, const struct experiment *experiment, const struct claim_part *share, double level)
{
	size_t count = experiment->arm_count - 1;
	struct gain gains[LAZY_ZEROING_POOL];
	const struct gain *best;
	bool refuted, contradicted;
	struct effect zeroing;
	double bound;

	if (time_share(experiment, level, &zeroing))
		return -1;
	/* The bound is of the run's time: of a metric it says nothing. */
	bound = experiment->main == MEASURE_WALL || experiment->main == MEASURE_PROCESSOR
	            ? amdahl(zeroing.interval.high)
	            : NAN;
	for (size_t i = 0; i < count; i++)
		if (find_gain(experiment, i + 1, level, &gains[i]))
			return -1;
	best = best_of(gains, count);
	part->measure = experiment->main;
	part->arm = best->arm;
	claim_record(part, &best->effect, best->effect.basis == BASIS_NONE ? METHOD_UNKNOWN : METHOD_EXACT);
	part->verdict = place_gains(gains, count, part->expected.low);
	refuted = is_known(share) && bound < part->expected.low;
	contradicted = refuted && part->verdict == CLAIM_CONFIRMED;
	if (refuted)
		part->verdict = contradicted ? CLAIM_INCONCLUSIVE : CLAIM_REFUTED;
	if (say_bound(part, experiment, share, &zeroing, refuted))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (say_gain(&part->evidence, experiment, &gains[i]))
			return -1;
	return say_gain_verdict(part, best, bound, refuted, contradicted, level);
}

int lazy_zeroing_judge(struct claim *claim, const struct experiment *experiment)
{
	struct claim_part *share = &claim->parts[PART_SHARE], *gain = &claim->parts[PART_GAIN];
	struct claim_part *rest = &claim->parts[PART_REST];
	struct account left = account_mean(experiment, LAZY_ZEROING_KEEP);
	/* The share, the bound that follows from it, each arm but the first, what recycling could save: an interval
	 * each. */
	double level = claim_level(claim->corrected_for = experiment->arm_count + 2);

	if (claim_judge_part(share, experiment, level) || claim_judge_part(rest, experiment, level))
		return -1;
	free(gain->evidence);
	gain->evidence = NULL;
	if (judge_gain(gain, experiment, share, level) ||
	    faults_left_say(&rest->evidence, experiment->arms[LAZY_ZEROING_KEEP].name, &left))
		return -1;
	free(claim->words);
	claim->words = NULL;
	claim->verdict = claim_worst(claim);
	return faults_left_conclude(&claim->words, &left);
}
