/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/analysis/effect.c: figures with bounds, and when there are none.
 */
#include "trials.h"

#include "analysis/effect.h"

static const char *const two[] = {"off", "on", NULL};

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) < 1e-3))
		fail_msg("%g is not %g", value, expected);
}

static void a_ratio_is_of_pairs(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 0.8}, 12, 0.01);
	assert_int_equal(effect_ratio(experiment, 1, MEASURE_WALL, 0.95, &effect), 0);
	assert_int_equal(effect.basis, BASIS_RANKS);
	assert_int_equal(effect.count, 12);
	assert_true(effect.interval.low > 0.78 && effect.interval.low < effect.middle);
	assert_true(effect.interval.high < 0.82 && effect.interval.high > effect.middle);
	experiment_free(experiment);
}

static void a_higher_level_is_wider(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect narrow, wide;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1}, 15, 0.05);
	effect_ratio(experiment, 1, MEASURE_WALL, 0.95, &narrow);
	effect_ratio(experiment, 1, MEASURE_WALL, 0.99, &wide);
	assert_true(wide.interval.low < narrow.interval.low && wide.interval.high > narrow.interval.high);
	experiment_free(experiment);
}

static void few_times_have_no_bounds(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 0.8}, 4, 0.001);
	effect_ratio(experiment, 1, MEASURE_WALL, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_TOO_FEW);
	assert_int_equal(effect.fewest, 6);
	assert_true(effect.interval.low == 0 && isinf(effect.interval.high));
	effect_figure(experiment, 1, MEASURE_WALL, 0.95, &effect);
	assert_true(effect.interval.low == 0 && isinf(effect.interval.high));
	experiment_free(experiment);
}

/* Equal by chance is what times are when a clock is coarse. */
static void few_equal_times_have_none_either(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 0.8}, 3, 0);
	effect_ratio(experiment, 1, MEASURE_WALL, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_TOO_FEW);
	experiment_free(experiment);
}

static void few_counts_have_students(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	/* Logarithms of 0.5, 0.51 and 0.49 have the mean -0.69328 and the standard deviation 0.020003. */
	for (uint32_t block = 0; block < 3; block++) {
		trials_add(experiment, 0, block, MEASURE_FAULTS, 1000);
		trials_add(experiment, 1, block, MEASURE_FAULTS, (double[]){500, 510, 490}[block]);
	}
	effect_ratio(experiment, 1, MEASURE_FAULTS, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_STUDENT);
	assert_near(log(effect.interval.low), -0.69328 - 4.30265 * 0.020003 / sqrt(3));
	assert_near(log(effect.interval.high), -0.69328 + 4.30265 * 0.020003 / sqrt(3));
	experiment_free(experiment);
}

static void it_is_no_narrower_than_what_the_runs_span(void **state)
{
	static const double values[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 9};
	struct effect effect;

	(void)state;
	effect_of(values, 10, 0.9999, true, &effect);
	assert_int_equal(effect.basis, BASIS_STUDENT);
	assert_true(effect.interval.low <= 1 && effect.interval.high >= 9);
}

static void counts_that_never_vary_are_their_own_bounds(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_FAULTS, (double[]){1000, 250}, 2, 0);
	effect_ratio(experiment, 1, MEASURE_FAULTS, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_STEADY);
	assert_near(effect.interval.low, 0.25);
	assert_near(effect.interval.high, 0.25);
	effect_figure(experiment, 1, MEASURE_FAULTS, 0.95, &effect);
	assert_near(effect.interval.high, 250);
	experiment_free(experiment);
}

static void one_run_has_no_bounds(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_FAULTS, (double[]){1000, 250}, 1, 0);
	effect_ratio(experiment, 1, MEASURE_FAULTS, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_TOO_FEW);
	assert_int_equal(effect.fewest, 2);
	experiment_free(experiment);
}

static void what_was_not_measured_is_nan(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 1}, 10, 0.1);
	effect_ratio(experiment, 1, MEASURE_CYCLES, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_NONE);
	assert_true(isnan(effect.middle) && isnan(effect.interval.low) && isnan(effect.interval.high));
	effect_figure(experiment, 1, MEASURE_CYCLES, 0.95, &effect);
	assert_true(isnan(effect.middle) && isnan(effect.interval.low) && isnan(effect.interval.high));
	experiment_free(experiment);
}

static void zeroes_have_a_ratio_only_where_both_are(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_MAJOR, (double[]){0, 0}, 3, 0);
	effect_ratio(experiment, 1, MEASURE_MAJOR, 0.95, &effect);
	assert_near(effect.middle, 1);
	trials_add(experiment, 0, 3, MEASURE_MAJOR, 0);
	trials_add(experiment, 1, 3, MEASURE_MAJOR, 7);
	effect_ratio(experiment, 1, MEASURE_MAJOR, 0.95, &effect);
	assert_int_equal(effect.basis, BASIS_NONE);
	experiment_free(experiment);
}

static void failures_and_warm_ups_do_not_count(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;
	struct trial *trial;

	(void)state;
	trials_fill(experiment, MEASURE_FAULTS, (double[]){100, 50}, 3, 0);
	trials_add(experiment, 0, 3, MEASURE_FAULTS, 100);
	trial = trials_add(experiment, 1, 3, MEASURE_FAULTS, 1);
	trial->exit_code = 1;
	trial = trials_add(experiment, 1, 0, MEASURE_FAULTS, 1);
	trial->kind = TRIAL_WARM_UP;
	effect_ratio(experiment, 1, MEASURE_FAULTS, 0.95, &effect);
	assert_int_equal(effect.count, 3);
	assert_near(effect.middle, 0.5);
	experiment_free(experiment);
}

static void more_runs_are_needed_the_nearer_the_bound(void **state)
{
	struct experiment *experiment = trials_new(two);
	struct effect effect;

	(void)state;
	trials_fill(experiment, MEASURE_WALL, (double[]){1, 0.9}, 10, 0.1);
	effect_ratio(experiment, 1, MEASURE_WALL, 0.95, &effect);
	assert_true(
	    effect_needed(&effect, effect.middle * 1.01, 0.95) > effect_needed(&effect, effect.middle * 1.1, 0.95));
	assert_true(effect_needed(&effect, effect.middle * 1.01, 0.95) > 10);
	assert_true(isnan(effect_needed(&effect, 0, 0.95)));
	assert_true(isnan(effect_needed(&effect, INFINITY, 0.95)));
	experiment_free(experiment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_ratio_is_of_pairs),
	    cmocka_unit_test(a_higher_level_is_wider),
	    cmocka_unit_test(few_times_have_no_bounds),
	    cmocka_unit_test(few_equal_times_have_none_either),
	    cmocka_unit_test(few_counts_have_students),
	    cmocka_unit_test(it_is_no_narrower_than_what_the_runs_span),
	    cmocka_unit_test(counts_that_never_vary_are_their_own_bounds),
	    cmocka_unit_test(one_run_has_no_bounds),
	    cmocka_unit_test(what_was_not_measured_is_nan),
	    cmocka_unit_test(zeroes_have_a_ratio_only_where_both_are),
	    cmocka_unit_test(failures_and_warm_ups_do_not_count),
	    cmocka_unit_test(more_runs_are_needed_the_nearer_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
