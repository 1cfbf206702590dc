/* SPDX-License-Identifier: MIT */
/* The figures and verdicts of an experiment in words, for reports that people read. */
#ifndef EXPERIMENT_TEXT_H
#define EXPERIMENT_TEXT_H

#include "output/text.h"
#include "snapshot/experiment.h"

struct figure experiment_figure(enum measure measure, double value); /* "12.76 ms", "62", "1.5 MiB", "n/a" */
struct figure experiment_ratio(double ratio);                        /* "0.851", "12.3", "n/a" */
struct figure experiment_runs(double runs);                          /* "40", "over 100,000" */

/* How many runs of a kind each arm had: "20", or "4 to 5" when a block was cut short. */
struct figure experiment_trials(const struct experiment *experiment, enum trial_kind kind);

/* "0.840 to 0.870"; "every run the same"; "too few runs"; "n/a". */
#define INTERVAL_TEXT 72
const char *experiment_interval(const struct comparison *comparison, char text[INTERVAL_TEXT]);

/* "faster", "more", "no detectable difference", "too few runs", "less in every run" (of too few); "" for the first arm
 * and what was not measured. */
const char *experiment_verdict(const struct experiment *experiment, size_t arm, enum measure measure);

/*
 * A sentence: what is known of an arm's measure beside the first arm's, and of how many runs would tell more. The
 * caller frees it; NULL when out of memory. Names in it are as they were given: not safe to print.
 */
char *experiment_sentence(const struct experiment *experiment, size_t arm, enum measure measure);

/* Was the measure taken in any trial that counts? Was it ever anything but 0? */
bool experiment_measured(const struct experiment *experiment, enum measure measure);
bool experiment_nonzero(const struct experiment *experiment, enum measure measure);

/* What an arm is: "MALLOC_ARENA_MAX=1, libhakmem.so preloaded", "nothing changed". The caller frees it. */
char *experiment_arm_text(const struct arm *arm);

/* The command as it was typed, its words between spaces. The caller frees it. */
char *experiment_command_text(char *const *command);

/* Things to be careful about: a line each, the caller frees all and the list (NULL-terminated; NULL: out of memory). */
char **experiment_warnings(const struct experiment *experiment);

#endif
