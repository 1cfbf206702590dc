/* SPDX-License-Identifier: MIT */
/*
 * Does the runs of an experiment, one at a time: starts the command in an arm, untraced or traced, and turns what came
 * out into a trial.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <limits.h>
#include <regex.h>

#include "command/experiment.h"
#include "run/launcher.h"
#include "machine/machine_load.h"

struct runner {
	const struct plan *plan;
	struct experiment *experiment;
	struct launcher launcher;
	struct measured_options *runs; /* of each arm: one untraced, one traced */
	char ***vectors;               /* command lines of the traced ones */
	char (*preloads)[PATH_MAX];
	struct counter counters[COUNTERS_MOST];
	size_t counter_count;
	cpu_set_t processors;
	regex_t metric;
	int output, errors;    /* what the command prints, of one run at a time */
	char folder[PATH_MAX]; /* holds the report of a traced run; "" when there is none */
	char report[PATH_MAX];
	struct machine_load load;
	uint64_t runs_ns;    /* processor time of all runs so far */
	uint64_t started_ns; /* CLOCK_MONOTONIC */
};

/* 0, or an exit status after complaining. runner_close() in any case. Takes the signals that interrupt. */
int runner_open(struct runner *runner, const struct plan *plan, struct experiment *experiment);
void runner_close(struct runner *runner);

/*
 * One run. 0, or an exit status after complaining: it could not be started, failed, or printed no metric. Whether it
 * was interrupted instead is for runner_interrupted() to tell: it is then no trial.
 *
 * A traced run that could not be traced sets experiment->not_traced, and is no trial either.
 */
int runner_trial(struct runner *runner, size_t arm, enum trial_kind kind, uint32_t block);

bool runner_interrupted(void);
int runner_signal(void); /* that interrupted; 0: none */

#endif
