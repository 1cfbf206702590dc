// SPDX-License-Identifier: MIT
/* The option table: values, bad values reported once and in one line, what a privileged program ignores. */
#include "test.h"

#include "options.h"

struct run {
	char *environment[8];
	bool secure;
	enum option option;
	long expected;
};

static void read_and_compare(void *argument)
{
	struct run *run = argument;

	options_read(run->environment, run->secure);
	if (option_value(run->option) != run->expected)
		fprintf(stderr, "[%s gave %ld]\n", run->environment[0], option_value(run->option));
}

static void expect(struct run run, const char *output)
{
	char text[4096];

	assert_int_equal(run_in_child(read_and_compare, &run, text, sizeof(text)), 0);
	assert_string_equal(text, output);
}

static void allowed_values(void **state)
{
	(void)state;
	expect((struct run){{"HAKMEM_SS_PREFAULT=1"}, false, OPTION_PREFAULT, PREFAULT_POPULATE}, "");
	expect((struct run){{"HAKMEM_SS_PREFAULT=auto"}, false, OPTION_PREFAULT, PREFAULT_AUTO}, "");
	expect((struct run){{"HAKMEM_SS_PREFAULT=touch"}, false, OPTION_PREFAULT, PREFAULT_TOUCH}, "");
	expect((struct run){{"HAKMEM_SS_PREFAULT=0"}, false, OPTION_PREFAULT, PREFAULT_OFF}, "");
	expect((struct run){{"HAKMEM_THP=off"}, false, OPTION_HUGE_PAGES, HUGE_PAGES_OFF}, "");
	expect((struct run){{"HAKMEM_THP=on"}, false, OPTION_HUGE_PAGES, HUGE_PAGES_ON}, "");
	expect((struct run){{"HAKMEM_ZERO=eager"}, false, OPTION_ZERO, ZERO_EAGER}, "");
	expect((struct run){{"HAKMEM_ZERO=lazy"}, false, OPTION_ZERO, ZERO_LAZY}, "");
	expect((struct run){{"HAKMEM_STATS=1"}, false, OPTION_STATS, 1}, "");
	expect((struct run){{"HAKMEM_HARDENED=1"}, false, OPTION_HARDENED, 1}, "");
	expect((struct run){{"HAKMEM_ASSIST=auto"}, false, OPTION_ASSIST, ASSIST_AUTO}, "");
	expect((struct run){{"HAKMEM_ASSIST=off"}, false, OPTION_ASSIST, ASSIST_OFF}, "");
	expect((struct run){{"HAKMEM_ASSIST=/run/a.sock"}, false, OPTION_ASSIST, ASSIST_PATH}, "");
	expect((struct run){{"HAKMEM_DIRTY_MAX=0"}, false, OPTION_DIRTY_MAX, 0}, "");
	expect((struct run){{"HAKMEM_DIRTY_MAX=1048576"}, false, OPTION_DIRTY_MAX, 1 << 20}, "");
}

static void defaults(void **state)
{
	(void)state;
	expect((struct run){{"PATH=/bin"}, false, OPTION_ZERO, ZERO_KEEP}, "");
	expect((struct run){{"PATH=/bin"}, false, OPTION_PREFAULT, PREFAULT_OFF}, "");
	expect((struct run){{"PATH=/bin"}, false, OPTION_HUGE_PAGES, HUGE_PAGES_AUTO}, "");
	expect((struct run){{NULL}, false, OPTION_DIRTY_MAX, 1024}, "");
}

static void bad_values_are_reported_and_the_default_used(void **state)
{
	(void)state;
	expect((struct run){{"HAKMEM_ZERO=foo"}, false, OPTION_ZERO, ZERO_KEEP},
	    "hakmem: HAKMEM_ZERO=foo is not allowed (allowed: eager, lazy, keep); using keep\n");
	expect((struct run){{"HAKMEM_SS_PREFAULT="}, false, OPTION_PREFAULT, PREFAULT_OFF},
	    "hakmem: HAKMEM_SS_PREFAULT= is not allowed (allowed: 0|off, 1|populate, 2|touch, 3|auto); using off\n");
	expect((struct run){{"HAKMEM_DIRTY_MAX=-1"}, false, OPTION_DIRTY_MAX, 1024},
	    "hakmem: HAKMEM_DIRTY_MAX=-1 is not allowed (allowed: 0 to 1048576 (MiB)); using 1024\n");
	expect((struct run){{"HAKMEM_DIRTY_MAX=99999999999999999999999"}, false, OPTION_DIRTY_MAX, 1024},
	    "hakmem: HAKMEM_DIRTY_MAX=99999999999999999999999 is not allowed (allowed: 0 to 1048576 (MiB)); using "
	    "1024\n");
	expect((struct run){{"HAKMEM_ASSIST=a.sock"}, false, OPTION_ASSIST, ASSIST_OFF},
	    "hakmem: HAKMEM_ASSIST=a.sock is not allowed (allowed: off, auto, or the path of a socket); using off\n");
	expect((struct run){{"HAKMEM_STATS=\t2"}, false, OPTION_STATS, 0},
	    "hakmem: HAKMEM_STATS=?2 is not allowed (allowed: 0, 1); using 0\n");
}

static void a_privileged_program_hears_only_harmless_options(void **state)
{
	(void)state;
	expect((struct run){{"HAKMEM_STATS=1"}, true, OPTION_STATS, 0}, "");
	expect((struct run){{"HAKMEM_HELP=1"}, true, OPTION_HELP, 0}, "");
	expect((struct run){{"HAKMEM_SS_PREFAULT=1"}, true, OPTION_PREFAULT, PREFAULT_OFF}, "");
	expect((struct run){{"HAKMEM_ASSIST=auto"}, true, OPTION_ASSIST, ASSIST_OFF}, "");
	expect((struct run){{"HAKMEM_ASSIST=/run/a.sock"}, true, OPTION_ASSIST, ASSIST_OFF}, "");
	expect((struct run){{"HAKMEM_ZERO=eager"}, true, OPTION_ZERO, ZERO_EAGER}, "");
	expect((struct run){{"HAKMEM_HARDENED=1"}, true, OPTION_HARDENED, 1}, "");
	expect((struct run){{"HAKMEM_ZERO=bad"}, true, OPTION_ZERO, ZERO_KEEP}, "");
}

static void help(void *argument)
{
	char *environment[] = {"HAKMEM_HELP=1", NULL};

	(void)argument;
	options_read(environment, false);
}

static void help_names_every_option(void **state)
{
	static const char *const names[] = {"HAKMEM_SS_PREFAULT", "HAKMEM_THP", "HAKMEM_ZERO", "HAKMEM_DIRTY_MAX",
	    "HAKMEM_HELPER", "HAKMEM_ASSIST", "HAKMEM_HARDENED", "HAKMEM_STATS", "HAKMEM_HELP"};
	char text[4096];

	(void)state;
	assert_int_equal(run_in_child(help, NULL, text, sizeof(text)), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(text, names[i]));
}

static void finding_is_by_whole_name(void **state)
{
	char *environment[] = {"HAKMEM_ZEROX=1", "HAKMEM_ZER=2", "HAKMEM_ZERO=3", NULL};

	(void)state;
	assert_string_equal(options_find(environment, "HAKMEM_ZERO"), "3");
	assert_null(options_find(environment, "HAKMEM"));
	assert_null(options_find(NULL, "HAKMEM_ZERO"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allowed_values),
	    cmocka_unit_test(defaults),
	    cmocka_unit_test(bad_values_are_reported_and_the_default_used),
	    cmocka_unit_test(a_privileged_program_hears_only_harmless_options),
	    cmocka_unit_test(help_names_every_option),
	    cmocka_unit_test(finding_is_by_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
