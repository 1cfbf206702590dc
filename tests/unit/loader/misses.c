// SPDX-License-Identifier: MIT
/* The model of misses, its outputs, and its sentences. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/miss_words.h"
#include "output/misses_output.h"

static char *command[] = {"bench", "a\033b", NULL};

/* In two steps: the rows may move when one is added. */
static uint64_t *figures_of(struct miss_event *event, enum region region, const char *detail)
{
	size_t row = miss_event_row(event, region, detail);

	return event->rows[row].figures;
}

static void put(
    struct miss_event *event, enum region region, const char *detail, uint64_t accesses, uint64_t first, uint64_t walks)
{
	uint64_t *figures = figures_of(event, region, detail);

	figures[MISS_ACCESSES] += accesses;
	figures[MISS_TLB_FIRST_TOLD] += accesses;
	figures[MISS_TLB_FIRST] += first;
	figures[MISS_TLB_LAST_TOLD] += accesses;
	figures[MISS_TLB_LAST] += walks;
}

/* A model's: 1,000 accesses, 200 misses, 100 walks. */
static struct misses *modelled(void)
{
	struct misses *misses = misses_new();
	struct miss_event *event = misses_event(misses, "tlb-model", "TLB l1=64/4", 1);

	misses_command(misses, command);
	misses->modelled = true;
	misses->release = strdup("6.12");
	misses->wall_ns = 1500000;
	misses_limit(misses, "a model of one core");
	put(event, REGION_STACK, "main", 300, 10, 10);
	put(event, REGION_ALLOCATOR, "metadata", 100, 20, 15);
	put(event, REGION_ALLOCATOR, "class 64", 400, 100, 40);
	put(event, REGION_ALLOCATOR, "class 1024", 100, 60, 30);
	put(event, REGION_ANON, "bench", 100, 10, 5);
	put(event, REGION_FILE, "nothing", 0, 0, 0);
	misses_finish(misses);
	return misses;
}

/* Page faults: nothing is told of the TLB. */
static struct misses *sampled(void)
{
	struct misses *misses = misses_new();
	struct miss_event *event = misses_event(misses, "page-faults", "software/page-faults/", 1);

	misses_command(misses, command);
	figures_of(event, REGION_ANON, "")[MISS_ACCESSES] = 30;
	figures_of(event, REGION_ALLOCATOR, "class 64")[MISS_ACCESSES] = 10;
	event->unsure = 4;
	event->lost = 2;
	misses->exit_signal = 11;
	misses->exit_code = -1;
	misses_finish(misses);
	return misses;
}

static char *written(int (*write)(const struct misses *, FILE *), const struct misses *misses)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_int_equal(write(misses, file), 0);
	fclose(file);
	return text;
}

static int write_words(const struct misses *misses, FILE *file)
{
	miss_words_write(misses, file);
	return 0;
}

#define assert_contains(text, part)                                                                                    \
	do {                                                                                                           \
		if (!strstr(text, part))                                                                               \
			print_error("%s\nhas no '%s'\n", text, part);                                                  \
		assert_non_null(strstr(text, part));                                                                   \
	} while (0)

static void rows_are_ordered_and_added_up(void **state)
{
	struct misses *misses = modelled();
	struct miss_event *event = &misses->events[0];
	uint64_t figures[MISS_FIGURES];

	(void)state;
	assert_int_equal(event->row_count, 5); /* the empty one is gone */
	assert_string_equal(event->rows[0].detail, "class 64");
	assert_string_equal(event->rows[1].detail, "class 1024");
	assert_string_equal(event->rows[2].detail, "metadata");
	assert_int_equal(event->totals[MISS_ACCESSES], 1000);
	assert_int_equal(event->totals[MISS_TLB_FIRST], 200);
	assert_int_equal(event->totals[MISS_TLB_LAST], 100);
	assert_true(event->totals[MISS_CACHE_FIRST] == UNKNOWN);
	miss_event_sum(event, REGION_ALLOCATOR, false, figures);
	assert_int_equal(figures[MISS_TLB_LAST], 85);
	miss_event_sum(event, REGION_ALLOCATOR, true, figures);
	assert_int_equal(figures[MISS_TLB_LAST], 70);
	miss_event_sum(event, REGION_KERNEL, false, figures);
	assert_int_equal(figures[MISS_TLB_LAST], 0);
	misses_free(misses);
}

static void the_table_says_that_it_is_a_model(void **state)
{
	struct misses *misses = modelled();
	char *text = written(misses_table, misses);

	(void)state;
	assert_contains(text, "hakmem-trace misses: bench a?b    exit 0 in 1.50 ms\n");
	assert_contains(text, "MODEL, not a measurement: TLB l1=64/4\n");
	assert_contains(text, "limit: a model of one core\n");
	assert_contains(text, "tlb-model (MODEL): 1,000 accesses | lost 0 | unsure 0\n");
	assert_contains(text,
	    "\nallocator                              600   60.0          180  300.0           85   85.0  141.7\n");
	assert_contains(text,
	    "\n           class 64                    400   40.0          100  250.0           40   40.0  100.0\n");
	assert_contains(text,
	    "\nanon       bench                       100   10.0           10  100.0            5    5.0   50.0\n");
	assert_contains(text,
	    "\nall                                  1,000  100.0          200  200.0          100  100.0  100.0\n");
	assert_null(strstr(text, "L1D MISSES")); /* no cache was modelled */
	free(text);
	misses_free(misses);
}

static void what_is_not_told_is_not_available(void **state)
{
	struct misses *misses = sampled();
	char *text = written(misses_table, misses);

	(void)state;
	assert_contains(text, "signal 11 after");
	assert_contains(text, "sampled: software/page-faults/\n");
	assert_contains(text, "page-faults: 40 samples, one every 1 | no load or store 0 | lost 2 | unsure 4\n");
	assert_contains(text,
	    "\nanon                                    30   75.0          n/a    n/a          n/a    n/a    n/a\n");
	free(text);
	text = written(misses_csv, misses);
	assert_contains(text, "\nregion,page-faults,anon,,30,0,,0,,0,,0,,0,,,,,\n");
	assert_contains(text, "\ntotal,page-faults,,,40,0,,0,,0,,0,,0,,1,2,0,4\n");
	free(text);
	misses_free(misses);
}

static void csv_lines_have_all_columns(void **state)
{
	struct misses *misses = modelled();
	char *text = written(misses_csv, misses), *rest = text, *line;
	int lines = 0;

	(void)state;
	for (; (line = strsep(&rest, "\n")) && *line; lines++) {
		int commas = 0;

		for (char *at = line; *at; at++)
			commas += *at == ',';
		assert_int_equal(commas, 18);
	}
	assert_int_equal(lines, 1 + 5 + 1);
	free(text);
	misses_free(misses);
}

static void json_has_every_figure(void **state)
{
	struct misses *misses = modelled();
	char *text = written(misses_json, misses);
	json_t *object = json_loads(text, 0, NULL), *event, *row;

	(void)state;
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "schema")), "hakmem-misses/1");
	assert_true(json_is_true(json_object_get(object, "modelled")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "exit"), "code")), 0);
	event = json_array_get(json_object_get(object, "events"), 0);
	row = json_array_get(json_object_get(event, "regions"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "detail")), "class 64");
	assert_int_equal(json_integer_value(json_object_get(row, "page_walks")), 40);
	assert_true(json_is_null(json_object_get(row, "from_memory")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(event, "totals"), "accesses")), 1000);
	json_decref(object);
	free(text);
	misses_free(misses);
}

static void a_stopped_command_has_no_exit_code(void **state)
{
	struct misses *misses = modelled();
	json_t *object;
	char *text;

	(void)state;
	misses->stopped = true;
	text = written(misses_json, misses);
	object = json_loads(text, 0, NULL);
	assert_true(json_is_null(json_object_get(json_object_get(object, "exit"), "code")));
	assert_true(json_is_true(json_object_get(object, "stopped")));
	json_decref(object);
	free(text);
	text = written(misses_table, misses);
	assert_contains(text, "stopped after 1.50 ms\n");
	free(text);
	misses_free(misses);
}

/* On one line, to search in. */
static char *words(const struct misses *misses)
{
	char *text = written(write_words, misses);

	for (char *at = text; *at; at++)
		*at = *at == '\n' ? ' ' : *at;
	return text;
}

static void the_words_answer_the_claim(void **state)
{
	struct misses *misses = modelled();
	char *text = words(misses);

	(void)state;
	assert_contains(text, "In words (of the model): Of the 200 modelled first-level dTLB misses, 80.0 % are in "
	                      "libhakmem's SuperSlabs, 10.0 % in the allocator's other memory,");
	assert_contains(text,
	    "Of the 100 modelled page walks (no TLB had the page), 70.0 % are in libhakmem's SuperSlabs, "
	    "15.0 % in the allocator's other memory, 10.0 % in stacks, 5.0 % in other anonymous memory.");
	assert_null(strstr(text, "cache"));
	free(text);
	misses_free(misses);
	misses = sampled();
	text = words(misses);
	assert_contains(text,
	    "In words (page-faults): Of the 40 samples, 25.0 % are in libhakmem's SuperSlabs, 75.0 % in other "
	    "anonymous memory; so few mean little. The attribution of 10.0 % of the samples is unsure.");
	free(text);
	misses_free(misses);
}

static void nothing_at_all_is_no_answer(void **state)
{
	struct misses *misses = misses_new();
	char *text;

	(void)state;
	misses_event(misses, "page-faults", "software/page-faults/", 1);
	misses_finish(misses);
	text = words(misses);
	assert_string_equal(text, "");
	free(text);
	text = written(misses_table, misses);
	assert_contains(text, "page-faults: 0 samples");
	free(text);
	misses_free(misses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_ordered_and_added_up),
	    cmocka_unit_test(the_table_says_that_it_is_a_model),
	    cmocka_unit_test(what_is_not_told_is_not_available),
	    cmocka_unit_test(csv_lines_have_all_columns),
	    cmocka_unit_test(json_has_every_figure),
	    cmocka_unit_test(a_stopped_command_has_no_exit_code),
	    cmocka_unit_test(the_words_answer_the_claim),
	    cmocka_unit_test(nothing_at_all_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
