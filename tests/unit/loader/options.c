// SPDX-License-Identifier: MIT
/* The command line: what is ours, what is the command's. (What is said about wrong use: tests/system/trace-usage.sh.)
 */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command/options.h"

static struct options options;

static int parse(const char *line)
{
	static char words[256];
	static char *arguments[32];
	int count = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	arguments[count] = NULL;
	optind = 0; /* getopt starts anew */
	return options_parse(count, arguments, &options);
}

static void the_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse("hakmem-trace true"), -1);
	assert_string_equal(options.output->name, "table");
	assert_int_equal(options.output_options.value, STACK_VALUE_FAULTS);
	assert_null(options.output_path);
	assert_null(options.demand.rung[SUBJECT_ZERO]);
	assert_null(options.preload);
	assert_false(options.as_root);
	assert_string_equal(options.command[0], "true");
	assert_null(options.command[1]);
}

static void every_option_is_taken(void **state)
{
	(void)state;
	assert_int_equal(
	    parse("hakmem-trace -o file --format json --preload hakmem --rung tracepoint --as-root -v -- true"), -1);
	assert_string_equal(options.output_path, "file");
	assert_string_equal(options.output->name, "json");
	assert_string_equal(options.preload, "hakmem");
	assert_string_equal(options.demand.rung[SUBJECT_FAULT]->name, "tracepoint");
	assert_true(options.as_root);
	assert_true(options.verbose);
	assert_string_equal(options.command[0], "true");
}

static void variables_are_the_commands(void **state)
{
	(void)state;
	assert_int_equal(parse("hakmem-trace --env A=1 --env B= -- true"), -1);
	assert_int_equal(options.environment_count, 2);
	assert_string_equal(options.environment[0], "A=1");
	assert_string_equal(options.environment[1], "B=");
	assert_null(options.environment[2]);
	assert_int_equal(parse("hakmem-trace --env A -- true"), EXIT_USAGE);
	assert_int_equal(parse("hakmem-trace --env =1 -- true"), EXIT_USAGE);
	assert_int_equal(parse("hakmem-trace --env A=1 -p 1"), EXIT_USAGE);
}

static void options_after_the_command_are_the_commands(void **state)
{
	(void)state;
	assert_int_equal(parse("hakmem-trace ls -o --format x"), -1);
	assert_null(options.output_path);
	assert_string_equal(options.command[1], "-o");
	assert_string_equal(options.command[3], "x");
}

static void how_to_read_is_taken(void **state)
{
	(void)state;
	assert_int_equal(
	    parse("hakmem-trace --by detail --top 3 --value zeroed --region libc --region anon --detail a* "
	          "--color never --format csv true"),
	    -1);
	assert_int_equal(options.view.by, GROUP_DETAIL);
	assert_int_equal(options.output_options.top, 3);
	assert_int_equal(options.view.filter.regions, 1u << REGION_LIBC | 1u << REGION_ANON);
	assert_string_equal(options.view.filter.details.list[0], "a*");
	assert_int_equal(options.view.colours, COLOURS_NEVER);
	assert_int_equal(parse("hakmem-trace --by time --interval 1 true"), -1);
	assert_int_equal(parse("hakmem-trace --by process --process 12 true"), -1);
	assert_int_equal(parse("hakmem-trace --value zeroed true"), -1);
}

static void ways_to_read_that_do_not_fit_end_with_status_2(void **state)
{
	(void)state;
	assert_int_equal(parse("hakmem-trace --by colour true"), 2);
	assert_int_equal(parse("hakmem-trace --by function true"), 2);
	assert_int_equal(parse("hakmem-trace --by time true"), 2);
	assert_int_equal(parse("hakmem-trace --by region --interval 1 true"), 2);
	assert_int_equal(parse("hakmem-trace --function f true"), 2);
	assert_int_equal(parse("hakmem-trace --process p true"), 2);
	assert_int_equal(parse("hakmem-trace --phase main --detail heap true"), 2);
	assert_int_equal(parse("hakmem-trace --top 0 true"), 2);
	assert_int_equal(parse("hakmem-trace --top 5 --format json true"), 2);
	assert_int_equal(parse("hakmem-trace --region heap true"), 2);
	assert_int_equal(parse("hakmem-trace --color blue true"), 2);
}

static void wrong_use_ends_with_status_2(void **state)
{
	(void)state;
	assert_int_equal(parse("hakmem-trace"), 2);
	assert_int_equal(parse("hakmem-trace --"), 2);
	assert_int_equal(parse("hakmem-trace --nothing true"), 2);
	assert_int_equal(parse("hakmem-trace --as-root=yes true"), 2);
	assert_int_equal(parse("hakmem-trace --format xml true"), 2);
	assert_int_equal(parse("hakmem-trace --rung exactly true"), 2);
	assert_int_equal(parse("hakmem-trace --value all true"), 2);
	assert_int_equal(parse("hakmem-trace --format csv --value zeroed true"), 2);
	assert_int_equal(parse("hakmem-trace -o"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_defaults),
	    cmocka_unit_test(every_option_is_taken),
	    cmocka_unit_test(variables_are_the_commands),
	    cmocka_unit_test(options_after_the_command_are_the_commands),
	    cmocka_unit_test(how_to_read_is_taken),
	    cmocka_unit_test(ways_to_read_that_do_not_fit_end_with_status_2),
	    cmocka_unit_test(wrong_use_ends_with_status_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
