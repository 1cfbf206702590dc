/* SPDX-License-Identifier: MIT */
/*
 * Carries out an experiment: arms in turns, warm-ups, measured and traced runs, until there are enough of them, the
 * interval is narrow enough, or somebody presses Ctrl-C. compare, and whatever else compares arms, is built on it.
 */
#ifndef COMMAND_EXPERIMENT_H
#define COMMAND_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot/experiment.h"

/* How far it is, for whoever shows it. */
struct progress {
	const struct experiment *experiment;
	size_t done, planned; /* trials, warm-ups and traced ones included; planned may grow with `precision` */
	double seconds_left;  /* NAN: not known yet */
};

struct plan {
	const struct arm *arms; /* two or more; the first is what the others are compared with */
	size_t arm_count;
	char *const *command; /* NULL-terminated */
	uint32_t runs;        /* measured ones of each arm; with precision: at most */
	double precision;     /* 0.01: until the main figure's ratios are known to +-1 %; 0: runs it is */
	uint32_t warm_ups;    /* of each arm */
	uint32_t traced;      /* of each arm */
	const char *metric; /* regular expression (POSIX extended) whose first group, or all of it, is a number that the
	                       command prints; NULL: none */
	bool metric_less_is_better;
	const char *judged; /* name of the measure that the verdict is about; NULL: the metric if there is one, else
	                       wall time */
	const char *cpus;   /* list such as "0,2-3"; NULL: any */
	uint64_t seed;
	bool as_root;
	bool ignore_failures; /* count a run that fails, and go on */

	/* May be NULL. After every trial; `trial` of each kind is complete by then. Not 0: stop, as if interrupted. */
	int (*on_trial)(void *context, const struct experiment *experiment, const struct trial *trial);
	void (*on_progress)(void *context, const struct progress *progress);
	void (*before_message)(void *context); /* something went wrong, and a line about it comes on stderr */
	void *context;
};

#define PLAN_RUNS    20
#define PLAN_MOST    256 /* with precision */
#define PLAN_WARM_UP 1
#define PLAN_TRACED  3

/* The defaults above, nothing else set. */
struct plan plan_defaults(void);

/* A seed that nobody could foresee; it fits 32 bits, so that it can be typed again. */
uint64_t plan_random_seed(void);

/*
 * The experiment, with its comparisons filled in, also when it was interrupted (experiment->interrupted). NULL after
 * complaining: bad values, a command that can't be executed, or one that failed. *status is then what to exit with.
 * Takes SIGINT, SIGTERM and SIGHUP while it runs.
 */
struct experiment *experiment_run(const struct plan *plan, int *status);

#endif
