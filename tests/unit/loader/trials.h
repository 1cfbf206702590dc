/* SPDX-License-Identifier: MIT */
/*
 * Made-up experiments: arms, and trials whose figures the test says.
 */
#ifndef TRIALS_H
#define TRIALS_H

#include "sample.h"

#include <math.h>

#include "analysis/verdict.h"
#include "snapshot/experiment.h"

/* As many arms as there are names, at most four; the last name is NULL. */
static inline struct experiment *trials_new(const char *const *names)
{
	struct experiment *experiment = experiment_new();

	assert_non_null(experiment);
	for (; *names; names++)
		assert_int_equal(experiment_add_arm(experiment, &(struct arm){.name = (char *)*names}), 0);
	return experiment;
}

/* One measured run. */
static inline struct trial *trials_add(
    struct experiment *experiment, size_t arm, uint32_t block, enum measure measure, double value)
{
	enum trial_kind kind = measure < MEASURE_FIRST_TRACED ? TRIAL_MEASURED : TRIAL_TRACED;
	struct trial *trial = experiment_add_trial(experiment, arm, kind, block);

	assert_non_null(trial);
	trial->values[measure] = value;
	return trial;
}

/* Noise that is the same each time: between -1 and 1, different from block to block and from arm to arm. */
static inline double trials_noise(size_t arm, uint32_t block)
{
	return ((block * 7919u + arm * 104729u + 13) * 2654435761u % 20001u) / 10000.0 - 1;
}

/* So many blocks of all arms: each around its own figure, give or take a share. */
static inline void trials_fill(
    struct experiment *experiment, enum measure measure, const double *figures, uint32_t blocks, double noise)
{
	for (uint32_t block = 0; block < blocks; block++)
		for (size_t arm = 0; arm < experiment->arm_count; arm++)
			trials_add(
			    experiment, arm, block, measure, figures[arm] * (1 + noise * trials_noise(arm, block)));
}

/* A traced run with this snapshot, which the experiment then owns. */
static inline struct trial *trials_trace(
    struct experiment *experiment, size_t arm, uint32_t block, struct snapshot *snapshot)
{
	struct trial *trial = experiment_add_trial(experiment, arm, TRIAL_TRACED, block);

	assert_non_null(trial);
	trial->snapshot = snapshot;
	trial->values[MEASURE_FAULTS] = snapshot->totals.counts.faults;
	return trial;
}

#endif
