// SPDX-License-Identifier: MIT
/* A breakdown with everything hostile in it, as table, JSON, CSV and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/breakdown_words.h"
#include "output/breakdown_output.h"
#include "output/text.h"

static char *words[] = {"./bench", "a\033[31mb", NULL};
static char *limits[] = {"dash is stripped: only exported functions have names", NULL};

static struct breakdown sample(void)
{
	struct breakdown breakdown = {.command = words,
	    .limits = limits,
	    .runs = 1,
	    .runs_wanted = 1,
	    .wall_ns = 300000000,
	    .kernel_release = "6.18.44",
	    .event = "cpu-clock",
	    .frequency = 3999,
	    .period = 250062,
	    .kernel_seen = true,
	    .kernel_known = true,
	    .stacks = true,
	    .zeroing_known = true,
	    .overhead = 0.021,
	    .user_ns = 150000000,
	    .system_ns = 100000000,
	    .tick_ns = 4000000};

	breakdown_add(&breakdown, TIME_ALLOCATOR, "malloc", "libhakmem.so", 333);
	breakdown_add(&breakdown, TIME_ALLOCATOR, "weird\033[2J,\"name\"", "lib\xff.so.1", 100);
	breakdown_add(&breakdown, TIME_PROGRAM, "", "bench", 167);
	breakdown_add(&breakdown, TIME_ZEROING, "clear_page_erms", "", 301);
	breakdown_add(&breakdown, TIME_FAULT_ENTRY, "(return to user space)", "", 99);
	breakdown.user_as_taken = 699;
	breakdown.late_from_fault = 99;
	snprintf(breakdown.check.why_not, sizeof(breakdown.check.why_not), "left out by --no-check");
	breakdown_finish(&breakdown);
	breakdown_compare_zeroing(&breakdown);
	return breakdown;
}

/* The command and the limits aren't ours to free. */
static void forget(struct breakdown *breakdown)
{
	breakdown->command = breakdown->limits = NULL;
	breakdown->kernel_release = NULL;
	breakdown_free(breakdown);
}

static char *written(const struct breakdown *breakdown, int (*write)(const struct breakdown *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_int_equal(write(breakdown, file), 0);
	fclose(file);
	return text;
}

static int write_words(const struct breakdown *breakdown, FILE *file)
{
	breakdown_words(breakdown, file);
	return 0;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void the_table_fits_and_steers_no_terminal(void **state)
{
	struct breakdown breakdown = sample();
	char *text = written(&breakdown, breakdown_table), *rest = text, *line;

	(void)state;
	assert_null(strchr(text, '\033'));
	assert_has(text, "kernel 6.18.44 | sampled by cpu-clock, every 250 us | kernel functions by stack");
	assert_has(text, "lost 0");
	assert_has(text, "own overhead about 2.1 %");
	assert_has(text, "99 to the return from a fault");
	assert_has(
	    text, "Zeroing took 30.1 % (27.3 to 33.0) of it by the samples and n/a by hooks: left out by --no-check.");
	assert_has(text, "malloc (libhakmem)");
	assert_has(text, "(unknown) (bench)");
	assert_has(text, "43.3   40.3 to 46.4        433");
	while ((line = strsep(&rest, "\n")))
		assert_true(text_columns(line) <= 100);
	free(text);
	forget(&breakdown);
}

static void json_has_all_samples(void **state)
{
	struct breakdown breakdown = sample();
	char *text = written(&breakdown, breakdown_json);
	json_t *report = json_loads(text, 0, NULL), *row;
	json_int_t sum = 0;
	size_t i;

	(void)state;
	assert_non_null(report);
	json_array_foreach(json_object_get(report, "functions"), i, row) sum +=
	    json_integer_value(json_object_get(row, "samples"));
	assert_int_equal(sum, 1000);
	assert_int_equal(json_array_size(json_object_get(report, "classes")), TIME_CLASS_COUNT);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "sampling"), "samples")), 1000);
	assert_true(json_is_false(json_object_get(json_object_get(report, "zeroing_check"), "done")));
	json_decref(report);
	free(text);
	forget(&breakdown);
}

static void what_is_not_known_is_null(void **state)
{
	struct breakdown breakdown = sample();
	char *text;
	json_t *report, *row;
	size_t i;

	(void)state;
	breakdown.kernel_seen = breakdown.kernel_known = breakdown.zeroing_known = false;
	breakdown.overhead = NAN;
	text = written(&breakdown, breakdown_json);
	report = json_loads(text, 0, NULL);
	json_array_foreach(json_object_get(report, "classes"), i, row)
	{
		const char *name = json_string_value(json_object_get(row, "class"));

		/* Two kernel classes do have samples here. */
		if (!strcmp(name, "zeroing") || !strcmp(name, "fault-entry") ||
		    json_is_true(json_object_get(row, "user")))
			assert_true(json_is_integer(json_object_get(row, "samples")));
		else
			assert_true(json_is_null(json_object_get(row, "samples")) &&
			            json_is_null(json_object_get(row, "share")));
	}
	assert_true(json_is_null(json_object_get(json_object_get(report, "sampling"), "overhead")));
	json_decref(report);
	free(text);
	text = written(&breakdown, breakdown_csv);
	assert_has(text, "class,tlb-shootdown,,,,,,,\n");
	free(text);
	text = written(&breakdown, breakdown_table);
	assert_has(text, "own overhead n/a");
	free(text);
	forget(&breakdown);
}

static void csv_quotes_what_it_must(void **state)
{
	struct breakdown breakdown = sample();
	char *text = written(&breakdown, breakdown_csv);

	(void)state;
	assert_has(text, "class,allocator,,,433,108276846,0.433000,");
	assert_has(text, "function,allocator,\"weird\033[2J,\"\"name\"\"\",lib\xff.so.1,100,");
	assert_has(text, "total,,,,1000,250062000,1.000000,");
	assert_has(text, "counter,late_from_fault,,,99,,,,\n");
	free(text);
	forget(&breakdown);
}

static void words_say_what_matters(void **state)
{
	struct breakdown breakdown = sample();
	char *text = written(&breakdown, write_words);

	(void)state;
	assert_has(text, "In words: 43 % of the CPU time is in the allocator, 30 % clearing pages, 17 % in the");
	assert_has(text, "1.43x faster at best");
	assert_null(strstr(text, "disagree")); /* 60 % charged of 62 ticks, 69.9 % sampled */
	assert_null(strstr(text, "few samples"));
	free(text);
	breakdown.user_as_taken = 100;
	breakdown.lost = 7;
	breakdown.user_ns += 100000000; /* 250 ms of samples, of 350 */
	text = written(&breakdown, write_words);
	assert_has(text, "disagree by");
	assert_has(text, "Only 71 % of the CPU time has samples");
	assert_has(text, "samples or records were lost");
	free(text);
	forget(&breakdown);
}

static void nothing_was_sampled(void **state)
{
	struct breakdown breakdown = {.command = words, .runs = 1, .event = "cpu-clock", .kernel_known = true};
	char *text;

	(void)state;
	breakdown_finish(&breakdown);
	text = written(&breakdown, write_words);
	assert_has(text, "no sample was taken");
	free(text);
	text = written(&breakdown, breakdown_table);
	assert_null(strstr(text, "nan"));
	free(text);
	text = written(&breakdown, breakdown_csv);
	assert_null(strstr(text, "nan"));
	free(text);
	text = written(&breakdown, breakdown_json);
	assert_non_null(text);
	free(text);
	forget(&breakdown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_fits_and_steers_no_terminal),
	    cmocka_unit_test(json_has_all_samples),
	    cmocka_unit_test(what_is_not_known_is_null),
	    cmocka_unit_test(csv_quotes_what_it_must),
	    cmocka_unit_test(words_say_what_matters),
	    cmocka_unit_test(nothing_was_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
