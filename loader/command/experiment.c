// SPDX-License-Identifier: MIT
/* In which order the arms run, and when there has been enough. See experiment.h. */
#include "command/experiment.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "analysis/statistics.h"
#include "analysis/verdict.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/runner.h"
#include "command/watch.h"

/* With precision the interval is looked at after so many blocks, and each time they have doubled: it may stop only
 * then. */
#define FIRST_LOOK 8

struct schedule {
	struct runner runner;
	struct random_stream random;
	size_t *order;
	uint32_t blocks, traced; /* done, of each arm */
	size_t done;             /* trials */
	double spent[3];         /* seconds, by trial_kind */
	size_t trials[3];
	int status;   /* what to exit with; 0: nothing has gone wrong */
	bool stopped; /* on_trial wanted it */
};

struct plan plan_defaults(void)
{
	return (struct plan){.runs = PLAN_RUNS, .warm_ups = PLAN_WARM_UP, .traced = PLAN_TRACED};
}

uint64_t plan_random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = time(NULL);
	return seed;
}

static bool ended(const struct schedule *schedule)
{
	return schedule->status || schedule->stopped || runner_interrupted();
}

/* How many blocks are certain to come: up to the next look. */
static uint32_t planned_blocks(const struct schedule *schedule)
{
	const struct plan *plan = schedule->runner.plan;
	uint32_t next = FIRST_LOOK;

	if (plan->precision <= 0)
		return plan->runs;
	while (next <= schedule->blocks && next < plan->runs)
		next *= 2;
	return next < plan->runs ? next : plan->runs;
}

static double left(const struct schedule *schedule, enum trial_kind kind, uint32_t trials)
{
	size_t known = schedule->trials[kind];

	if (known)
		return trials * schedule->spent[kind] / known;
	/* Before there has been one of a kind, the others tell. */
	return schedule->done ? trials *
	                            (schedule->spent[TRIAL_WARM_UP] + schedule->spent[TRIAL_MEASURED] +
	                                schedule->spent[TRIAL_TRACED]) /
	                            schedule->done
	                      : NAN;
}

static void tell_progress(const struct schedule *schedule)
{
	const struct plan *plan = schedule->runner.plan;
	size_t arms = plan->arm_count, warm_ups = plan->warm_ups * arms, measured = planned_blocks(schedule) * arms;
	size_t traced = schedule->runner.experiment->not_traced ? schedule->trials[TRIAL_TRACED] : plan->traced * arms;
	struct progress progress = {.experiment = schedule->runner.experiment, .done = schedule->done};

	progress.planned = warm_ups + measured + traced;
	progress.seconds_left = left(schedule, TRIAL_WARM_UP, warm_ups - schedule->trials[TRIAL_WARM_UP]) +
	                        left(schedule, TRIAL_MEASURED, measured - schedule->trials[TRIAL_MEASURED]) +
	                        left(schedule, TRIAL_TRACED, traced - schedule->trials[TRIAL_TRACED]);
	if (plan->on_progress)
		plan->on_progress(plan->context, &progress);
}

static void run_trial(struct schedule *schedule, size_t arm, enum trial_kind kind, uint32_t block)
{
	struct experiment *experiment = schedule->runner.experiment;
	const struct plan *plan = schedule->runner.plan;
	size_t before = experiment->trial_count;
	uint64_t began = watch_now();

	schedule->status = runner_trial(&schedule->runner, arm, kind, block);
	schedule->spent[kind] += (watch_now() - began) / 1e9;
	schedule->trials[kind]++;
	schedule->done++;
	if (experiment->trial_count == before)
		return;
	if (plan->on_trial && plan->on_trial(plan->context, experiment, &experiment->trials[before]))
		schedule->stopped = true;
	tell_progress(schedule);
}

/* Every arm once. The order is drawn anew each time: docs/compare.md says why it is not mirrored. */
static void run_block(struct schedule *schedule, enum trial_kind kind, uint32_t block)
{
	size_t arms = schedule->runner.plan->arm_count;

	random_permutation(&schedule->random, schedule->order, arms);
	for (size_t i = 0; i < arms && !ended(schedule); i++)
		run_trial(schedule, schedule->order[i], kind, block);
}

/* Traced blocks are spread over the measured ones that are certain. */
static void run_traced(struct schedule *schedule)
{
	const struct plan *plan = schedule->runner.plan;
	const struct experiment *experiment = schedule->runner.experiment;
	uint32_t over = plan->precision > 0 && plan->runs > FIRST_LOOK ? FIRST_LOOK : plan->runs;

	while (!ended(schedule) && !experiment->not_traced && schedule->traced < plan->traced &&
	       (uint64_t)schedule->blocks * plan->traced >= (uint64_t)(schedule->traced + 1) * over)
		run_block(schedule, TRIAL_TRACED, schedule->traced++);
}

static bool precise_enough(struct schedule *schedule)
{
	const struct plan *plan = schedule->runner.plan;
	struct experiment *experiment = schedule->runner.experiment;

	return plan->precision > 0 && !verdict_fill(experiment) && verdict_precision(experiment) <= plan->precision;
}

static void run_blocks(struct schedule *schedule)
{
	const struct plan *plan = schedule->runner.plan;
	bool enough = false;

	tell_progress(schedule);
	for (uint32_t block = 0; block < plan->warm_ups && !ended(schedule); block++)
		run_block(schedule, TRIAL_WARM_UP, block);
	while (!ended(schedule) && !enough && schedule->blocks < plan->runs) {
		uint32_t look = planned_blocks(schedule);

		run_block(schedule, TRIAL_MEASURED, schedule->blocks++);
		run_traced(schedule);
		enough = schedule->blocks == look && !ended(schedule) && precise_enough(schedule);
	}
}

/* Each look is a chance to be fooled by chance: all that may be taken are paid for in advance. */
static uint32_t looks_planned(const struct plan *plan)
{
	uint32_t looks = 1;

	if (plan->precision > 0)
		for (uint32_t blocks = FIRST_LOOK; blocks < plan->runs; blocks *= 2)
			looks++;
	return looks;
}

static int describe(struct experiment *experiment, const struct plan *plan)
{
	if (experiment_set_command(experiment, plan->command))
		return -1;
	for (size_t i = 0; i < plan->arm_count; i++)
		if (experiment_add_arm(experiment, &plan->arms[i]))
			return -1;
	experiment->wanted_blocks = plan->runs;
	experiment->wanted_warm_ups = plan->warm_ups;
	experiment->wanted_traced = plan->traced;
	experiment->precision = plan->precision;
	experiment->metric = plan->metric ? strdup(plan->metric) : NULL;
	experiment->metric_less_is_better = plan->metric_less_is_better;
	experiment->judged = plan->judged ? measure_find(plan->judged) : MEASURE_COUNT;
	experiment->cpus = plan->cpus ? strdup(plan->cpus) : NULL;
	experiment->seed = plan->seed;
	experiment->looks = looks_planned(plan);
	experiment->began = time(NULL);
	return 0;
}

static void carry_out(struct schedule *schedule, const struct plan *plan, struct experiment *experiment)
{
	schedule->random = random_start(plan->seed);
	schedule->status = runner_open(&schedule->runner, plan, experiment);
	if (!schedule->status)
		run_blocks(schedule);
	experiment->interrupted = schedule->stopped || runner_interrupted();
	if (schedule->runner.started_ns)
		experiment->seconds = (watch_now() - schedule->runner.started_ns) / 1e9;
	runner_close(&schedule->runner);
}

static int check_plan(const struct plan *plan)
{
	if (!plan->judged || measure_find(plan->judged) < MEASURE_COUNT)
		return 0;
	complain("there is no figure '%s' to judge by; docs/experiment-json.md has their names", plan->judged);
	return EXIT_USAGE;
}

struct experiment *experiment_run(const struct plan *plan, int *status)
{
	struct experiment *experiment = experiment_new();
	struct schedule schedule = {.order = calloc(plan->arm_count + 1, sizeof(*schedule.order))};

	if (!experiment || !schedule.order || describe(experiment, plan)) {
		complain("out of memory");
		schedule.status = EXIT_FAILED;
	} else {
		schedule.status = check_plan(plan);
		if (!schedule.status)
			carry_out(&schedule, plan, experiment);
	}
	free(schedule.order);
	if (!schedule.status && verdict_fill(experiment)) {
		complain("out of memory");
		schedule.status = EXIT_FAILED;
	}
	*status = schedule.status;
	if (!schedule.status)
		return experiment;
	experiment_free(experiment);
	return NULL;
}
