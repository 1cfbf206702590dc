// SPDX-License-Identifier: MIT
/* Tests of loader/command/arm.c and metric.c: what is typed for an experiment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command/arm.h"
#include "command/metric.h"

static void an_arm_is_a_name_and_what_is_different(void **state)
{
	struct arm arm;
	char error[ARM_ERROR];

	(void)state;
	assert_int_equal(arm_parse("plain", &arm, error), 0);
	assert_string_equal(arm.name, "plain");
	assert_null(arm.environment);
	assert_null(arm.preload);
	arm_free(&arm);
	assert_int_equal(arm_parse("empty=", &arm, error), 0);
	assert_string_equal(arm.name, "empty");
	arm_free(&arm);
	assert_int_equal(arm_parse("x=A=1,B=,preload=hakmem,C=a=b", &arm, error), 0);
	assert_string_equal(arm.name, "x");
	assert_string_equal(arm.environment[0], "A=1");
	assert_string_equal(arm.environment[1], "B=");
	assert_string_equal(arm.environment[2], "C=a=b");
	assert_null(arm.environment[3]);
	assert_string_equal(arm.preload, "hakmem");
	arm_free(&arm);
}

static void a_double_comma_is_one(void **state)
{
	struct arm arm;
	char error[ARM_ERROR];

	(void)state;
	assert_int_equal(arm_parse("x=A=1,,2,B=,,,C=3", &arm, error), 0);
	assert_string_equal(arm.environment[0], "A=1,2");
	assert_string_equal(arm.environment[1], "B=,");
	assert_string_equal(arm.environment[2], "C=3");
	arm_free(&arm);
}

static void wrong_arms_are_named(void **state)
{
	struct arm arm;
	char error[ARM_ERROR];

	(void)state;
	assert_int_equal(arm_parse("=A=1", &arm, error), -1);
	assert_string_equal(error, "it has no name");
	arm_free(&arm);
	assert_int_equal(arm_parse("x=A", &arm, error), -1);
	assert_string_equal(error, "'A' is neither NAME=VALUE nor preload=LIB");
	arm_free(&arm);
	assert_int_equal(arm_parse("x=A=1,", &arm, error), -1);
	assert_string_equal(error, "'' is neither NAME=VALUE nor preload=LIB");
	arm_free(&arm);
	assert_int_equal(arm_parse("x=A=1,=2", &arm, error), -1);
	arm_free(&arm);
}

static double found(const char *expression, const char *text)
{
	char error[METRIC_ERROR];
	double number = -1;
	regex_t compiled;

	assert_int_equal(metric_compile(&compiled, expression, error), 0);
	if (metric_find(&compiled, text, &number, error))
		fail_msg("%s", error);
	regfree(&compiled);
	return number;
}

static void the_last_match_is_the_metric(void **state)
{
	(void)state;
	assert_true(found("([0-9]+) operations/s", "a: 5 operations/s\nb: 17 operations/s (12 in all)\n") == 17);
	assert_true(found("[0-9.]+e?[0-9]*", "1 2 2.5e3 ") == 2500);
	assert_true(found("^ops: (.*)$", "x\nops: 59,123,456.5\ny\n") == 59123456.5);
	assert_true(found("rate=(-?[0-9]+)|never", "rate=-3") == -3);
	assert_true(found("([0-9]*)x?$", "12") == 12);
}

static void what_is_no_metric_is_said(void **state)
{
	char error[METRIC_ERROR];
	regex_t compiled;
	double number;

	(void)state;
	assert_int_equal(metric_compile(&compiled, "([0-9]+", error), -1);
	assert_true(strlen(error) > 0);
	assert_int_equal(metric_compile(&compiled, "ops: (.*)$", error), 0);
	assert_int_equal(metric_find(&compiled, "nothing\n", &number, error), -1);
	assert_string_equal(error, "nothing that it printed matches");
	assert_int_equal(metric_find(&compiled, "ops: fast\n", &number, error), -1);
	assert_string_equal(error, "what matches is 'fast', which is no number");
	assert_int_equal(metric_find(&compiled, "ops: nan\n", &number, error), -1);
	assert_int_equal(metric_find(&compiled, "", &number, error), -1);
	regfree(&compiled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_arm_is_a_name_and_what_is_different),
	    cmocka_unit_test(a_double_comma_is_one),
	    cmocka_unit_test(wrong_arms_are_named),
	    cmocka_unit_test(the_last_match_is_the_metric),
	    cmocka_unit_test(what_is_no_metric_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
