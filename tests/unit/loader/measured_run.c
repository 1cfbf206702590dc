// SPDX-License-Identifier: MIT
/*
 * Tests of loader/run/measured_run.c, launcher.c and counters.c: a run's cost is what the command took. Counters are
 * tested with the kernel's own events, which every machine has; a processor's go the same way through the same table.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include <cmocka.h>

#include "run/launcher.h"

static int output, errors;

static char *const spins[] = {
    "/bin/sh", "-c", "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; echo \"$A-$B\"", NULL};
static char *const both[] = {"/bin/sh", "-c", "(i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done); echo done", NULL};
static char *const sleeps[] = {"/bin/sh", "-c", "sleep 20 & sleep 20", NULL};
static char *const missing[] = {"no-such-command", NULL};

static struct measured_options options_for(char *const *command)
{
	return (struct measured_options){.command = command, .as_root = true, .output = output, .errors = errors};
}

static int open_files(void **state)
{
	char path[] = "/tmp/hakmem-test-XXXXXX";

	(void)state;
	output = mkostemp(path, O_APPEND | O_CLOEXEC);
	unlink(path);
	errors = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return output < 0 || errors < 0 ? -1 : 0;
}

static void a_run_is_what_the_kernel_says_it_cost(void **state)
{
	char *environment[] = {"A=one", "B=two=2", NULL};
	struct measured_options options = options_for(spins);
	struct measured_run run;
	char text[32] = "";

	(void)state;
	assert_int_equal(ftruncate(output, 0), 0);
	options.environment = environment;
	assert_int_equal(measured_run(&options, &run), 0);
	assert_true(WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0);
	assert_true(run.user_ns + run.system_ns > 1000000);
	/* The kernel charges what it is at, clock and charge may differ by what it rounds. */
	assert_true(run.wall_ns + 5000000 > run.user_ns + run.system_ns);
	assert_in_range(run.minor, 20, 400);
	assert_true(run.max_rss_bytes == UNKNOWN || run.max_rss_bytes > 500000);
	assert_true(run.counters[MEASURE_CYCLES] == UNKNOWN && isnan(run.counted));
	assert_true(pread(output, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "one-two=2\n");
}

static void counters_count_the_command_and_its_children(void **state)
{
	struct counter table[COUNTERS_MOST] = {
	    {MEASURE_CYCLES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
	    {MEASURE_TLB_MISSES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
	    {MEASURE_WALK_CYCLES, PERF_TYPE_RAW, 0xffffffffffff},
	};
	struct measured_options options = options_for(both);
	struct measured_run run;
	char why[COUNTERS_WHY];

	(void)state;
	/* The raw event is none anywhere, and is left out with a reason; what works goes on. */
	if (counters_that_work(table, 3, why) < 2) {
		print_message("%s\n", why);
		skip();
	}
	assert_non_null(strstr(why, "no page-walk cycles: "));
	options.counters = table;
	options.counter_count = 2;
	assert_int_equal(measured_run(&options, &run), 0);
	assert_true(run.counted > 0.99 && run.counted < 1.01);
	/* The time on the processor, of both processes, in nanoseconds; wait4 has the launching in it, too. */
	assert_true(run.counters[MEASURE_CYCLES] > 1000000);
	assert_true(run.counters[MEASURE_CYCLES] < run.user_ns + run.system_ns + 5000000);
	assert_true(run.counters[MEASURE_CYCLES] > (run.user_ns + run.system_ns) / 2);
	assert_in_range(run.counters[MEASURE_TLB_MISSES], run.minor * 0.9, run.minor * 1.1);
	assert_true(run.counters[MEASURE_WALK_CYCLES] == UNKNOWN);
}

static void the_processors_table_is_sound(void **state)
{
	struct counter table[COUNTERS_MOST];
	size_t count = counters_of_processor(table), working;
	char why[COUNTERS_WHY];

	(void)state;
	assert_in_range(count, 4, COUNTERS_MOST);
	for (size_t i = 0; i < count; i++)
		assert_in_range(table[i].measure, MEASURE_CYCLES, MEASURE_WALK_CYCLES);
	working = counters_that_work(table, count, why);
	/* Either all are there, or there is a line that says why not. */
	assert_true(working == count ? !why[0] : strlen(why) > 20);
}

static void a_missing_command_is_said(void **state)
{
	struct measured_options options = options_for(missing);
	struct measured_run run;

	(void)state;
	assert_int_equal(measured_run(&options, &run), -1);
	assert_int_equal(run.exec_error, 2);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static struct launcher launcher;

static void on_alarm(int number)
{
	(void)number;
	launcher_interrupt(&launcher);
}

/* The runs are children of another process, which is killed with all that it started. */
static void a_launchers_run_can_be_interrupted(void **state)
{
	struct measured_options runs[] = {options_for(both), options_for(sleeps)};
	struct measured_run run;
	double began;

	(void)state;
	assert_int_equal(launcher_start(&launcher, runs), 0);
	assert_int_equal(launcher_run(&launcher, 0, &run), 0);
	assert_true(!run.interrupted && run.wall_ns > 0);
	signal(SIGALRM, on_alarm);
	ualarm(100000, 0);
	began = now();
	assert_int_equal(launcher_run(&launcher, 1, &run), 0);
	assert_true(run.interrupted);
	assert_true(now() - began < 10);
	/* From then on there are no more. */
	assert_int_equal(launcher_run(&launcher, 0, &run), 0);
	assert_true(run.interrupted);
	launcher_stop(&launcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_run_is_what_the_kernel_says_it_cost),
	    cmocka_unit_test(counters_count_the_command_and_its_children),
	    cmocka_unit_test(the_processors_table_is_sound),
	    cmocka_unit_test(a_missing_command_is_said),
	    cmocka_unit_test(a_launchers_run_can_be_interrupted),
	};

	return cmocka_run_group_tests(tests, open_files, NULL);
}
