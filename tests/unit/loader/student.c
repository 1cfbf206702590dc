/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/analysis/student.c: the printed tables' figures.
 */
#include "sample.h"

#include <math.h>

#include "analysis/student.h"

static void matches_the_tables(void **state)
{
	static const struct {
		size_t freedom;
		double level, quantile;
	} table[] = {
	    {1, 0.95, 12.706},
	    {1, 0.99, 63.657},
	    {2, 0.95, 4.303},
	    {2, 0.99, 9.925},
	    {3, 0.95, 3.182},
	    {4, 0.90, 2.132},
	    {5, 0.99, 4.032},
	    {9, 0.95, 2.262},
	    {10, 0.999, 4.587},
	    {30, 0.99, 2.750},
	    {120, 0.95, 1.980},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_true(fabs(student_quantile(table[i].freedom, table[i].level) - table[i].quantile) < 0.0006);
}

static void nothing_is_known_of_a_single_value(void **state)
{
	(void)state;
	assert_true(isinf(student_quantile(0, 0.95)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(matches_the_tables),
	    cmocka_unit_test(nothing_is_known_of_a_single_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
