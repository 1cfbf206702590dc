/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/analysis/lazy_zeroing.c and faults_left.c: the three parts of the claim, and whose the faults are
 * that are left.
 */
#include "trials.h"

#include "analysis/lazy_zeroing.h"

static const char *const arms[] = {"eager", "lazy", "keep", NULL};

/* How much of a traced run of 12 ms is zeroing, and by what it was measured. */
struct made {
	double share;
	enum method method;
	uint64_t metadata, first, purged, before_main; /* faults */
	const char *detail;                            /* of the allocator's memory that isn't metadata */
};

static struct snapshot *make(const struct made *made)
{
	struct snapshot *snapshot = sample_new();
	uint64_t blocks = made->first + made->purged;
	struct counts *counts = sample_row(snapshot, REGION_ALLOCATOR, made->detail, blocks, blocks);
	struct phase_row *phase;

	counts->causes[FAULT_CAUSE_FIRST_TOUCH] = made->first;
	counts->causes[FAULT_CAUSE_PURGED] = made->purged;
	counts->covered.zero_ns = made->share * 12000000;
	if (made->metadata)
		sample_row(snapshot, REGION_ALLOCATOR, "metadata", made->metadata, made->metadata)->covered.zero_ns = 0;
	sample_row(snapshot, REGION_LIBC, "data", 10, 0);
	phase = snapshot_phase(snapshot, PHASE_NAME_BEFORE_MAIN);
	phase->regions[REGION_ALLOCATOR].faults = made->before_main;
	snapshot->kernel.hooks[SUBJECT_ZERO_TIME].method = made->method;
	return sample_finish(snapshot);
}

static struct experiment *experiment_of(const struct made *eager, const struct made *keep, const double *seconds)
{
	struct experiment *experiment = trials_new(arms);

	trials_fill(experiment, MEASURE_WALL, seconds, 16, 0.01);
	for (uint32_t block = 0; block < 3; block++)
		for (size_t arm = 0; arm < 3; arm++)
			trials_trace(experiment, arm, block, make(arm ? keep : eager));
	return experiment;
}

static struct claim *judged(struct experiment *experiment)
{
	struct claim *claim = claim_new();

	assert_non_null(claim);
	assert_int_equal(lazy_zeroing_parts(claim), 0);
	assert_int_equal(claim->part_count, 3);
	assert_int_equal(lazy_zeroing_judge(claim, experiment), 0);
	return claim;
}

static void assert_verdicts(
    const struct claim *claim, enum claim_verdict share, enum claim_verdict gain, enum claim_verdict rest)
{
	const enum claim_verdict expected[] = {share, gain, rest};

	for (size_t i = 0; i < 3; i++)
		if (claim->parts[i].verdict != expected[i])
			fail_msg("part %zu is %s: %s", i, claim_verdict_name(claim->parts[i].verdict),
			    claim->parts[i].evidence);
}

static const struct made little = {0.02, METHOD_UPPER_BOUND, 0, 80, 0, 10, "class 64"};
static const struct made much = {0.12, METHOD_UPPER_BOUND, 0, 80, 100, 10, "class 64"};
static const struct made exactly = {0.12, METHOD_EXACT, 0, 80, 100, 10, "class 64"};
static const struct made start = {0.04, METHOD_UPPER_BOUND, 6000, 100, 0, 6010, "class 64"};
static const struct made silent = {0.04, METHOD_UPPER_BOUND, 0, 6000, 0, 5900, "libother.so"};

static void a_small_share_refutes_the_gain_by_amdahl(void **state)
{
	struct experiment *experiment = experiment_of(&little, &little, (double[]){1, 1, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	assert_verdicts(claim, CLAIM_REFUTED, CLAIM_REFUTED, CLAIM_CONFIRMED);
	assert_int_equal(claim->verdict, CLAIM_REFUTED);
	assert_contains(claim->parts[0].evidence, "upper bound: it leaves no room");
	assert_contains(claim->parts[1].evidence, "at most 2.");
	assert_contains(claim->parts[1].evidence, "1.02");
	assert_contains(claim->parts[1].evidence, "less than what is claimed");
	assert_contains(claim->parts[1].evidence, "lazy is ");
	assert_contains(claim->parts[1].evidence, "keep is ");
	assert_contains(claim->parts[1].evidence, "no arm contradicts the bound");
	assert_contains(claim->parts[2].evidence, "80 of the 80 in malloc's memory are first touches");
	assert_null(claim->words);
	claim_free(claim);
	experiment_free(experiment);
}

static void arms_that_contradict_the_bound_leave_it_open(void **state)
{
	struct experiment *experiment = experiment_of(&little, &little, (double[]){1.5, 1, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	assert_verdicts(claim, CLAIM_REFUTED, CLAIM_INCONCLUSIVE, CLAIM_CONFIRMED);
	assert_contains(claim->parts[1].evidence, "not zeroing alone");
	claim_free(claim);
	experiment_free(experiment);
}

static void a_large_share_and_a_gain_confirm(void **state)
{
	struct experiment *experiment = experiment_of(&exactly, &little, (double[]){1.13, 1.12, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	assert_verdicts(claim, CLAIM_CONFIRMED, CLAIM_CONFIRMED, CLAIM_CONFIRMED);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	assert_int_equal(claim->parts[1].arm, LAZY_ZEROING_KEEP);
	assert_contains(claim->parts[1].evidence, "That is what is claimed.");
	/* 190 faults against 90, each 1.5 us. */
	assert_contains(claim->parts[1].evidence, "It saves 100 faults, which took 150 us");
	claim_free(claim);
	experiment_free(experiment);
}

static void more_than_claimed_is_said(void **state)
{
	struct experiment *experiment = experiment_of(&exactly, &little, (double[]){1.5, 1.5, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	assert_verdicts(claim, CLAIM_CONFIRMED, CLAIM_CONFIRMED, CLAIM_CONFIRMED);
	assert_contains(claim->parts[1].evidence, "even more than claimed");
	claim_free(claim);
	experiment_free(experiment);
}

static void a_bound_above_the_claim_leaves_the_share_open(void **state)
{
	struct experiment *experiment = experiment_of(&much, &much, (double[]){1, 1, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	/* Amdahl lets it be, and the arms refute it; more than half of the faults that are left could be saved. */
	assert_verdicts(claim, CLAIM_INCONCLUSIVE, CLAIM_REFUTED, CLAIM_REFUTED);
	assert_contains(claim->parts[0].evidence, "can't confirm");
	assert_contains(claim->parts[1].evidence, "No arm is as fast as claimed.");
	assert_contains(claim->parts[2].evidence, "100 touch again what had been given back");
	claim_free(claim);
	experiment_free(experiment);
}

static void a_metric_is_not_bound_by_the_whole_run(void **state)
{
	struct experiment *experiment = experiment_of(&little, &little, (double[]){1, 1, 1});
	struct claim *claim;

	(void)state;
	experiment->metric = strdup("[0-9]+");
	experiment->main = MEASURE_METRIC;
	trials_fill(experiment, MEASURE_METRIC, (double[]){100, 120, 121}, 16, 0.01);
	claim = judged(experiment);
	assert_verdicts(claim, CLAIM_REFUTED, CLAIM_CONFIRMED, CLAIM_CONFIRMED);
	assert_contains(claim->parts[1].evidence, "which the metric may be only a part of");
	assert_int_equal(claim->parts[1].measure, MEASURE_METRIC);
	claim_free(claim);
	experiment_free(experiment);
}

static void without_a_trace_only_the_arms_speak(void **state)
{
	struct experiment *experiment = trials_new(arms);
	struct claim *claim;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1, 1}, 16, 0.01);
	experiment->not_traced = strdup("tracing needs root");
	claim = judged(experiment);
	assert_verdicts(claim, CLAIM_INCONCLUSIVE, CLAIM_REFUTED, CLAIM_INCONCLUSIVE);
	assert_contains(claim->parts[0].evidence, "tracing needs root");
	assert_contains(claim->parts[1].evidence, "no bound follows");
	claim_free(claim);
	experiment_free(experiment);
}

/* The words that the project began for, with their figures. */
static void metadata_cleared_at_start_is_the_allocators_own(void **state)
{
	struct experiment *experiment = experiment_of(&start, &start, (double[]){1, 1, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	assert_verdicts(claim, CLAIM_REFUTED, CLAIM_REFUTED, CLAIM_CONFIRMED);
	assert_contains(claim->parts[2].evidence,
	    "Of the 6,110 faults of keep, 99.8 % are in the region allocator; 98.4 % come before main.");
	assert_contains(claim->words,
	    "98.2 % of the faults are the allocator's own metadata, first touched in its initialisation, before main: "
	    "recycling freed pages cannot help.");
	/* 6,000 faults of 1.5 us in a run of 12.1 ms less 0.132 ms. */
	assert_contains(claim->words, "6,000 faults, 23.4 MiB of zeroing and 9 ms");
	assert_contains(claim->words, "4.03");
	claim_free(claim);
	experiment_free(experiment);
}

static void metadata_touched_in_main_is_not_called_initialisation(void **state)
{
	struct made later = start;
	struct experiment *experiment;
	struct claim *claim;

	(void)state;
	later.before_main = 0;
	experiment = experiment_of(&later, &later, (double[]){1, 1, 1});
	claim = judged(experiment);
	assert_contains(claim->words, "98.2 % of the faults are the allocator's own metadata, each page of it touched");
	assert_lacks(claim->words, "initialisation");
	claim_free(claim);
	experiment_free(experiment);
}

static void a_silent_allocators_start_is_told_by_when(void **state)
{
	struct experiment *experiment = experiment_of(&silent, &silent, (double[]){1, 1, 1});
	struct claim *claim = judged(experiment);

	(void)state;
	assert_contains(claim->words, "98.2 % of the faults are in the allocator's memory before main");
	assert_contains(claim->words, "most likely its own tables");
	claim_free(claim);
	experiment_free(experiment);
}

static void other_causes_are_said(void **state)
{
	struct experiment *experiment = experiment_of(&little, &little, (double[]){1, 1, 1});
	struct claim *claim;

	(void)state;
	for (size_t i = 0; i < experiment->trial_count; i++) {
		struct snapshot *snapshot = experiment->trials[i].snapshot;
		uint64_t *causes =
		    snapshot ? snapshot_region(snapshot, REGION_ALLOCATOR, "class 64")->counts.causes : NULL;

		if (causes) {
			causes[FAULT_CAUSE_COPY_ON_WRITE] = 30;
			causes[FAULT_CAUSE_FIRST_TOUCH] -= 30;
		}
	}
	claim = judged(experiment);
	assert_contains(claim->parts[2].evidence, "50 of the 80 in malloc's memory are first touches, which no "
	                                          "recycling saves; nor does any save the 30 that "
	                                          "have other causes");
	claim_free(claim);
	experiment_free(experiment);
}

static void unknown_causes_count_as_what_could_be_saved(void **state)
{
	struct experiment *experiment = experiment_of(&little, &little, (double[]){1, 1, 1});
	struct claim *claim;

	(void)state;
	for (size_t i = 0; i < experiment->trial_count; i++) {
		struct snapshot *snapshot = experiment->trials[i].snapshot;
		uint64_t *causes =
		    snapshot ? snapshot_region(snapshot, REGION_ALLOCATOR, "class 64")->counts.causes : NULL;

		if (causes) {
			causes[FAULT_CAUSE_UNKNOWN] = causes[FAULT_CAUSE_FIRST_TOUCH];
			causes[FAULT_CAUSE_FIRST_TOUCH] = 0;
		}
	}
	claim = judged(experiment);
	assert_verdicts(claim, CLAIM_REFUTED, CLAIM_REFUTED, CLAIM_INCONCLUSIVE);
	assert_contains(claim->parts[2].evidence, "why 80 happened can't be told here");
	claim_free(claim);
	experiment_free(experiment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_small_share_refutes_the_gain_by_amdahl),
	    cmocka_unit_test(arms_that_contradict_the_bound_leave_it_open),
	    cmocka_unit_test(a_large_share_and_a_gain_confirm),
	    cmocka_unit_test(more_than_claimed_is_said),
	    cmocka_unit_test(a_bound_above_the_claim_leaves_the_share_open),
	    cmocka_unit_test(a_metric_is_not_bound_by_the_whole_run),
	    cmocka_unit_test(without_a_trace_only_the_arms_speak),
	    cmocka_unit_test(metadata_cleared_at_start_is_the_allocators_own),
	    cmocka_unit_test(metadata_touched_in_main_is_not_called_initialisation),
	    cmocka_unit_test(a_silent_allocators_start_is_told_by_when),
	    cmocka_unit_test(other_causes_are_said),
	    cmocka_unit_test(unknown_causes_count_as_what_could_be_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
