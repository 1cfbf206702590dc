// SPDX-License-Identifier: MIT
/* Times and lists of process ids, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command/parse.h"

static void seconds_may_have_a_fraction(void **state)
{
	uint64_t time;

	assert_int_equal(parse_seconds("2", &time), 0);
	assert_int_equal(time, 2000000000);
	assert_int_equal(parse_seconds("0.25", &time), 0);
	assert_int_equal(time, 250000000);
	(void)state;
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {
	    "", "0", "0.0", "-1", "abc", "1s", "inf", "nan", "1e9", "0x1", " 1", ".", "1.2.3"};
	uint64_t time;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_seconds(bad[i], &time), -1);
	(void)state;
}

static void process_ids_are_listed_once(void **state)
{
	pid_t pids[4];
	size_t count = 0;

	assert_int_equal(parse_pids("12,345,12", pids, 4, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(pids[1], 345);
	assert_int_equal(parse_pids("7", pids, 4, &count), 0);
	assert_int_equal(count, 3);
	(void)state;
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = {
	    "", "0", "-1", "1,", ",1", "1,,2", "1 2", "x", "99999999999999999999", "2147483648"};
	pid_t pids[4];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t count = 0;

		assert_int_equal(parse_pids(bad[i], pids, 4, &count), -1);
	}
	(void)state;
}

static void a_list_has_an_end(void **state)
{
	pid_t pids[2];
	size_t count = 0;

	assert_int_equal(parse_pids("1,2,3", pids, 2, &count), -1);
	(void)state;
}

static void processors(void **state)
{
	static const char *const wrong[] = {"", "a", "1,", ",1", "1-", "3-1", "1 ", "-1", "99999", "1--2"};
	cpu_set_t set;

	(void)state;
	assert_int_equal(parse_processors("0,2-4,7", &set), 0);
	assert_int_equal(CPU_COUNT(&set), 5);
	assert_true(CPU_ISSET(0, &set) && CPU_ISSET(3, &set) && CPU_ISSET(7, &set) && !CPU_ISSET(1, &set));
	assert_int_equal(parse_processors("1,1-1", &set), 0);
	assert_int_equal(CPU_COUNT(&set), 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_processors(wrong[i], &set), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(processors),
	    cmocka_unit_test(seconds_may_have_a_fraction),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(process_ids_are_listed_once),
	    cmocka_unit_test(what_is_no_list_is_refused),
	    cmocka_unit_test(a_list_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
