/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/analysis/claim.c: verdicts at the edges, and that the evidence says what they are from.
 */
#include "trials.h"

#include "analysis/claim.h"

static const char *const two[] = {"off", "on", NULL};

static struct claim *claim_of(const struct claim_part *parts, size_t count)
{
	struct claim *claim = claim_new();

	assert_non_null(claim);
	for (size_t i = 0; i < count; i++) {
		struct claim_part *part = claim_add_part(claim);

		assert_non_null(part);
		part->kind = parts[i].kind;
		part->sense = parts[i].sense;
		part->share = parts[i].share;
		part->measure = parts[i].measure;
		part->arm = parts[i].arm;
		part->expected = parts[i].expected;
	}
	return claim;
}

static struct claim *faster(double low, double high)
{
	const struct claim_part part = {
	    .sense = SENSE_FASTER, .measure = MEASURE_WALL, .arm = 1, .expected = {low, high}};

	return claim_of(&part, 1);
}

static void intervals_may_touch_the_bounds(void **state)
{
	const struct interval expected = {1.1, 1.3};

	(void)state;
	assert_int_equal(claim_place((struct interval){1.1, 1.3}, expected), CLAIM_CONFIRMED);
	assert_int_equal(claim_place((struct interval){1.2, 1.2}, expected), CLAIM_CONFIRMED);
	assert_int_equal(claim_place((struct interval){1.0999, 1.3}, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place((struct interval){1.1, 1.3001}, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place((struct interval){1.0, 1.1}, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place((struct interval){1.0, 1.0999}, expected), CLAIM_REFUTED);
	assert_int_equal(claim_place((struct interval){1.3, 1.5}, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place((struct interval){1.3001, 1.5}, expected), CLAIM_REFUTED);
	assert_int_equal(claim_place((struct interval){1.0, 1.5}, expected), CLAIM_INCONCLUSIVE);
}

static void open_and_unknown_intervals_decide_nothing(void **state)
{
	const struct interval any = {0, INFINITY}, unknown = {NAN, NAN};

	(void)state;
	assert_int_equal(claim_place(any, (struct interval){1.1, 1.3}), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place(any, (struct interval){0, INFINITY}), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place(unknown, (struct interval){1.1, 1.3}), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place(unknown, (struct interval){0, INFINITY}), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place((struct interval){1.2, 9}, (struct interval){1.1, INFINITY}), CLAIM_CONFIRMED);
	assert_int_equal(claim_place((struct interval){0, 0}, (struct interval){0, 0}), CLAIM_CONFIRMED);
}

static void an_upper_bound_can_refute_and_cannot_confirm(void **state)
{
	const struct interval expected = {0.10, 0.13}, below = {0.03, 0.04}, within = {0.11, 0.12}, above = {0.2, 0.3};

	(void)state;
	assert_int_equal(claim_place_by(METHOD_UPPER_BOUND, below, expected), CLAIM_REFUTED);
	assert_int_equal(claim_place_by(METHOD_UPPER_BOUND, within, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place_by(METHOD_UPPER_BOUND, above, expected), CLAIM_INCONCLUSIVE);
	/* But of a claim that is a ceiling it confirms all that is below. */
	assert_int_equal(claim_place_by(METHOD_UPPER_BOUND, below, (struct interval){0, 0.05}), CLAIM_CONFIRMED);
	assert_int_equal(claim_place_by(METHOD_EXACT, below, expected), CLAIM_REFUTED);
	assert_int_equal(claim_place_by(METHOD_EXACT, within, expected), CLAIM_CONFIRMED);
	assert_int_equal(claim_place_by(METHOD_EXACT, above, expected), CLAIM_REFUTED);
	assert_int_equal(claim_place_by(METHOD_ESTIMATE, below, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place_by(METHOD_UNKNOWN, within, expected), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_place_by(METHOD_UPPER_BOUND, (struct interval){NAN, NAN}, expected), CLAIM_INCONCLUSIVE);
}

static void amdahl_limits_what_a_share_can_give(void **state)
{
	(void)state;
	assert_true(fabs(amdahl(0) - 1) < 1e-12);
	assert_true(fabs(amdahl(0.1165) - 1.13186) < 1e-5);
	assert_true(fabs(amdahl(1 - 1 / 1.1) - 1.1) < 1e-12);
	assert_true(isinf(amdahl(1)));
	assert_true(isinf(amdahl(1.2)));
	assert_true(isnan(amdahl(NAN)));
}

static void a_real_effect_is_confirmed(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct claim *claim = faster(1.10, 1.30);

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1.2, 1}, 15, 0.02);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	assert_true(claim->parts[0].interval.low > 1.15 && claim->parts[0].interval.high < 1.25);
	assert_contains(claim->parts[0].evidence, "In wall time, on is 1.20");
	assert_contains(claim->parts[0].evidence, "15 pairs");
	assert_contains(claim->parts[0].evidence, "1.100 to 1.300");
	claim_free(claim);
	experiment_free(experiment);
}

static void equal_arms_refute_an_effect(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct claim *claim = faster(1.10, INFINITY);

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1}, 15, 0.02);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_REFUTED);
	assert_contains(claim->parts[0].evidence, "below what is expected, at least 1.100");
	claim_free(claim);
	experiment_free(experiment);
}

static void noise_leaves_it_open_and_says_how_many_runs_would_tell(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct claim *claim = faster(1.03, INFINITY);

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1}, 10, 0.2);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_INCONCLUSIVE);
	assert_true(claim->parts[0].needed > 10);
	assert_contains(claim->parts[0].evidence, "runs of each arm would");
	claim_free(claim);
	experiment_free(experiment);
}

static void too_few_runs_say_so(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct claim *claim = faster(1.1, 1.3);

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1.2, 1}, 3, 0);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_INCONCLUSIVE);
	assert_contains(claim->parts[0].evidence, "too few for any bound: 6 of each arm are the least");
	claim_free(claim);
	experiment_free(experiment);
}

static void a_metric_is_faster_when_it_is_more(void **state)
{
	const struct claim_part part = {
	    .sense = SENSE_FASTER, .measure = MEASURE_METRIC, .arm = 1, .expected = {1.1, 1.3}};
	struct experiment *experiment = trials_new(two);
	struct claim *claim = claim_of(&part, 1);

	(void)state;
	trials_fill(experiment, MEASURE_METRIC, (double[]){100, 120}, 15, 0.01);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	/* The same figures as a cost. */
	experiment->metric_less_is_better = true;
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_REFUTED);
	claim->parts[0].sense = SENSE_SLOWER;
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	claim_free(claim);
	experiment_free(experiment);
}

static void counts_are_decided_by_few_runs(void **state)
{
	const struct claim_part part = {.measure = MEASURE_FAULTS, .arm = 1, .expected = {0, 0.5}};
	struct experiment *experiment = trials_new(two);
	struct claim *claim = claim_of(&part, 1);

	(void)state;
	trials_fill(experiment, MEASURE_FAULTS, (double[]){6400, 1200}, 3, 0.001);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	assert_contains(claim->parts[0].evidence,
	    "In faults, on is 0.187 times off (0.187, from 3 pairs of runs; 1,200 against 6,406)");
	claim_free(claim);
	experiment_free(experiment);
}

static void being_the_same_needs_the_whole_interval(void **state)
{
	const struct claim_part part = {
	    .kind = CLAIM_SAME, .measure = MEASURE_WALL, .arm = 1, .expected = {0.98, 1.02}};
	struct experiment *quiet = trials_new(two), *noisy = trials_new(two), *apart = trials_new(two);
	struct claim *claim = claim_of(&part, 1);

	(void)state;
	trials_fill(quiet, MEASURE_WALL, (double[]){1, 1}, 12, 0.01);
	trials_fill(noisy, MEASURE_WALL, (double[]){1, 1}, 12, 0.2);
	trials_fill(apart, MEASURE_WALL, (double[]){1, 1.1}, 12, 0.01);
	assert_int_equal(claim_judge(claim, quiet), 0);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	assert_int_equal(claim_judge(claim, noisy), 0);
	assert_int_equal(claim->verdict, CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_judge(claim, apart), 0);
	assert_int_equal(claim->verdict, CLAIM_REFUTED);
	claim_free(claim);
	experiment_free(quiet);
	experiment_free(noisy);
	experiment_free(apart);
}

static void figures_have_their_unit(void **state)
{
	const struct claim_part part = {
	    .kind = CLAIM_FIGURE, .measure = MEASURE_PEAK, .arm = 1, .expected = {0, 4 << 20}};
	struct experiment *experiment = trials_new(two);
	struct claim *claim = claim_of(&part, 1);

	(void)state;
	trials_fill(experiment, MEASURE_PEAK, (double[]){9 << 20, 3 << 20}, 3, 0.001);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_CONFIRMED);
	assert_contains(claim->parts[0].evidence, "For on, peak RSS is 3 MiB (3 MiB, from 3 runs)");
	assert_contains(claim->parts[0].evidence, "at most 4 MiB");
	claim_free(claim);
	experiment_free(experiment);
}

static void what_cannot_be_measured_is_open_and_says_why(void **state)
{
	const struct claim_part parts[] = {
	    {.measure = MEASURE_CYCLES, .arm = 1, .expected = {0, 0.9}},
	    {.kind = CLAIM_SHARE, .share = SHARE_ZEROING, .arm = 0, .expected = {0.1, 0.13}},
	};
	struct experiment *experiment = trials_new(two);
	struct claim *claim = claim_of(parts, 2);

	(void)state;
	experiment->not_counted = strdup("this machine has no PMU");
	experiment->not_traced = strdup("tracing needs root");
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1}, 12, 0.01);
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_INCONCLUSIVE);
	assert_string_equal(claim->parts[0].evidence, "Not measured: cycles, for this machine has no PMU.");
	assert_string_equal(claim->parts[1].evidence, "Not measured: zeroing, for tracing needs root.");
	assert_int_equal(claim->parts[0].method, METHOD_UNKNOWN);
	assert_true(isnan(claim->parts[0].measured));
	claim_free(claim);
	experiment_free(experiment);
}

/* The sample: of 12 ms on a processor, 137 pages were zeroed in 250 ns each at most. */
static void shares_come_from_traced_runs(void **state)
{
	const struct claim_part parts[] = {
	    {.kind = CLAIM_SHARE, .share = SHARE_ZEROING, .expected = {0.1, 0.13}},
	    {.kind = CLAIM_SHARE, .share = SHARE_ZEROING, .expected = {0.001, 0.01}},
	    {.kind = CLAIM_SHARE, .share = SHARE_RECYCLABLE, .expected = {0.05, 0.06}},
	    {.kind = CLAIM_SHARE, .share = SHARE_METADATA, .expected = {0, 0.05}},
	    {.kind = CLAIM_SHARE, .share = SHARE_BEFORE_MAIN, .expected = {0.7, 0.8}},
	    {.kind = CLAIM_SHARE, .share = SHARE_MALLOC, .expected = {0.5, 1}},
	};
	static const enum claim_verdict verdicts[] = {
	    CLAIM_REFUTED, CLAIM_INCONCLUSIVE, CLAIM_CONFIRMED, CLAIM_CONFIRMED, CLAIM_CONFIRMED, CLAIM_REFUTED};
	struct experiment *experiment = trials_new(two);
	struct claim *claim = claim_of(parts, 6);

	(void)state;
	for (uint32_t block = 0; block < 3; block++)
		trials_trace(experiment, 0, block, sample_snapshot());
	assert_int_equal(claim_judge(claim, experiment), 0);
	for (size_t i = 0; i < 6; i++)
		if (claim->parts[i].verdict != verdicts[i])
			fail_msg("part %zu: %s", i, claim->parts[i].evidence);
	assert_contains(claim->parts[0].evidence, "Of the processor time of off, zeroing is at most 0.285 %");
	assert_contains(claim->parts[0].evidence, "upper bound: it leaves no room");
	assert_contains(claim->parts[1].evidence, "can't confirm");
	assert_contains(
	    claim->parts[3].evidence, "Of the faults of off, the allocator's own metadata is 2.03 % (2.03 %");
	claim_free(claim);
	experiment_free(experiment);
}

static void metadata_is_unknown_of_allocators_that_say_nothing(void **state)
{
	const struct claim_part part = {.kind = CLAIM_SHARE, .share = SHARE_METADATA, .expected = {0, 0.05}};
	struct experiment *experiment = trials_new(two);
	struct claim *claim = claim_of(&part, 1);

	(void)state;
	for (uint32_t block = 0; block < 3; block++) {
		struct snapshot *snapshot = sample_new();

		sample_row(snapshot, REGION_ALLOCATOR, "libjemalloc.so.2", 100, 100);
		trials_trace(experiment, 0, block, sample_finish(snapshot));
	}
	assert_int_equal(claim_judge(claim, experiment), 0);
	assert_int_equal(claim->verdict, CLAIM_INCONCLUSIVE);
	claim_free(claim);
	experiment_free(experiment);
}

static void the_worst_part_is_the_claims(void **state)
{
	const struct claim_part parts[] = {
	    {.measure = MEASURE_FAULTS, .arm = 1, .expected = {0, 0.5}},
	    {.measure = MEASURE_CYCLES, .arm = 1, .expected = {0, 0.5}},
	    {.measure = MEASURE_FAULTS, .arm = 1, .expected = {1, 2}},
	};
	struct experiment *experiment = trials_new(two);
	struct claim *all = claim_of(parts, 3), *open = claim_of(parts, 2), *good = claim_of(parts, 1);

	(void)state;
	trials_fill(experiment, MEASURE_FAULTS, (double[]){6400, 1200}, 3, 0);
	assert_int_equal(claim_judge(all, experiment), 0);
	assert_int_equal(all->verdict, CLAIM_REFUTED);
	assert_int_equal(all->corrected_for, 3);
	assert_int_equal(claim_judge(open, experiment), 0);
	assert_int_equal(open->verdict, CLAIM_INCONCLUSIVE);
	assert_int_equal(claim_judge(good, experiment), 0);
	assert_int_equal(good->verdict, CLAIM_CONFIRMED);
	claim_free(all);
	claim_free(open);
	claim_free(good);
	experiment_free(experiment);
}

/* More parts, wider intervals: what one part alone would confirm, ten don't. */
static void parts_are_corrected_for(void **state)
{
	const struct claim_part part = {.measure = MEASURE_WALL, .arm = 1, .expected = {0, INFINITY}};
	struct claim_part ten[10];
	struct experiment *experiment = trials_new(two);
	struct claim *one = claim_of(&part, 1), *many;

	(void)state;
	for (size_t i = 0; i < 10; i++)
		ten[i] = part;
	many = claim_of(ten, 10);
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1}, 15, 0.1);
	assert_int_equal(claim_judge(one, experiment), 0);
	assert_int_equal(claim_judge(many, experiment), 0);
	assert_true(many->parts[0].interval.low < one->parts[0].interval.low);
	assert_true(many->parts[0].interval.high > one->parts[0].interval.high);
	assert_true(fabs(claim_level(10) - 0.995) < 1e-12);
	claim_free(one);
	claim_free(many);
	experiment_free(experiment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(intervals_may_touch_the_bounds),
	    cmocka_unit_test(open_and_unknown_intervals_decide_nothing),
	    cmocka_unit_test(an_upper_bound_can_refute_and_cannot_confirm),
	    cmocka_unit_test(amdahl_limits_what_a_share_can_give),
	    cmocka_unit_test(a_real_effect_is_confirmed),
	    cmocka_unit_test(equal_arms_refute_an_effect),
	    cmocka_unit_test(noise_leaves_it_open_and_says_how_many_runs_would_tell),
	    cmocka_unit_test(too_few_runs_say_so),
	    cmocka_unit_test(a_metric_is_faster_when_it_is_more),
	    cmocka_unit_test(counts_are_decided_by_few_runs),
	    cmocka_unit_test(being_the_same_needs_the_whole_interval),
	    cmocka_unit_test(figures_have_their_unit),
	    cmocka_unit_test(what_cannot_be_measured_is_open_and_says_why),
	    cmocka_unit_test(shares_come_from_traced_runs),
	    cmocka_unit_test(metadata_is_unknown_of_allocators_that_say_nothing),
	    cmocka_unit_test(the_worst_part_is_the_claims),
	    cmocka_unit_test(parts_are_corrected_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
