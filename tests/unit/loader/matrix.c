/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/analysis/matrix.c and of its outputs: cells, and which lever is said to matter.
 */
#include "trials.h"

#include <jansson.h>

#include "analysis/matrix.h"
#include "output/columns.h"
#include "output/matrix_output.h"
#include "output/text.h"

static const char *const rows[] = {"off/off", "off/populate", "off/touch", "auto/off", "auto/populate", "auto/touch",
    "on/off", "on/populate", "on/touch", NULL};

/* Nine wall times; faults that don't vary. */
static struct experiment *experiment_of(const double *seconds, uint32_t blocks)
{
	static const double faults[] = {1000, 500, 600, 1000, 500, 600, 100, 90, 95};
	static const double zeroed[] = {4e6, 4e6, 4e6, 4e6, 4e6, 4e6, 8e6, 8e6, 8e6};
	struct experiment *experiment = trials_new(rows);

	trials_fill(experiment, MEASURE_WALL, seconds, blocks, 0.01);
	trials_fill(experiment, MEASURE_MINOR, faults, blocks, 0);
	trials_fill(experiment, MEASURE_FAULTS, faults, 3, 0);
	trials_fill(experiment, MEASURE_ZEROED, zeroed, 3, 0);
	experiment->not_counted = strdup("no cycles: this machine offers no such counter");
	experiment->machine.release = strdup("6.12.1");
	experiment->command = sample_strings((const char *const[]){"./bench"}, 1);
	assert_int_equal(verdict_fill(experiment), 0);
	return experiment;
}

static struct matrix matrix_of(const struct experiment *experiment)
{
	struct matrix matrix;

	assert_int_equal(matrix_fill(&matrix, experiment), 0);
	return matrix;
}

static const double equal[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
static const double huge_helps[] = {1, 1, 1, 1, 1, 1, 0.8, 0.8, 0.8};
static const double prefault_hurts[] = {1, 1.3, 1, 1, 1, 1, 1, 1, 1};
static const double both_help[] = {1, 1, 1, 1, 1, 1, 1, 0.7, 1};
static const double each_helps[] = {1, 0.8, 1, 1, 1, 1, 0.8, 0.7, 1};

static void assert_words(const double *seconds, uint32_t blocks, const char *first, const char *second)
{
	struct experiment *experiment = experiment_of(seconds, blocks);
	struct matrix matrix = matrix_of(experiment);

	assert_contains(matrix.words, first);
	assert_contains(matrix.words, second);
	free(matrix.words);
	experiment_free(experiment);
}

static void names_the_lever_that_matters(void **state)
{
	(void)state;
	assert_words(equal, 16, "No lever made a detectable difference in wall time, corrected for 8 rows.",
	    "THP alone: no detectable difference; prefault alone: no detectable difference; both together: no "
	    "detectable difference.");
	assert_words(huge_helps, 16, "THP, and not prefault by itself, made a detectable difference in wall time",
	    "THP alone: on/off faster (0.8");
	assert_words(
	    prefault_hurts, 16, "Prefault, and not THP by itself, made", "prefault alone: off/populate slower (1.2");
	assert_words(
	    both_help, 16, "Neither lever by itself, but both together made", "both together: on/populate faster");
	assert_words(each_helps, 16, "Each lever by itself made", "THP alone: on/off faster");
}

static void faults_and_what_is_not_measured_have_their_sentence(void **state)
{
	(void)state;
	assert_words(equal, 16,
	    "In minor faults, as ratios to off/off: THP alone: on/off fewer (0.100); prefault alone: "
	    "off/populate fewer (0.500), off/touch fewer (0.600); both together:",
	    "In dTLB load misses nothing can be said: no cycles: this machine offers no such counter.");
}

static void too_few_runs_are_said_so(void **state)
{
	(void)state;
	assert_words(huge_helps, 10,
	    "There are too few runs to tell whether a lever makes a difference in wall time: with "
	    "8 rows to correct for, 11 of each are the least.",
	    "THP alone: too few runs to tell");
}

static void cells_have_their_interval(void **state)
{
	struct experiment *experiment = experiment_of(huge_helps, 16);
	struct matrix matrix = matrix_of(experiment);
	const struct matrix_cell *first = matrix.cells[0], *on = matrix.cells[6];

	(void)state;
	assert_true(isnan(first[MATRIX_CYCLES].middle) && isnan(first[MATRIX_CYCLES].interval.low));
	assert_true(first[MATRIX_FAULTS].middle == 1000 && first[MATRIX_FAULTS].interval.high == 1000);
	assert_true(first[MATRIX_SPEEDUP].middle == 1);
	assert_true(on[MATRIX_SPEEDUP].interval.low > 1.2 && on[MATRIX_SPEEDUP].interval.high < 1.3);
	assert_true(on[MATRIX_TIME].interval.low > 0.78 && on[MATRIX_TIME].interval.high < 0.82);
	assert_true(on[MATRIX_ZEROED].middle == 8e6);
	free(matrix.words);
	experiment_free(experiment);
}

static char *written(
    int (*write)(const struct matrix *, const struct experiment *, FILE *), const struct experiment *experiment)
{
	struct matrix matrix = matrix_of(experiment);
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	assert_int_equal(write(&matrix, experiment, file), 0);
	assert_int_equal(fclose(file), 0);
	free(matrix.words);
	return bytes;
}

static void assert_fits(char *bytes)
{
	for (char *line = bytes, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		if (text_columns(line) > COLUMNS + 12)
			fail_msg("%zu columns: %s", text_columns(line), line);
		if (*line && line[strlen(line) - 1] == ' ')
			fail_msg("ends with a blank: '%s'", line);
		*end = '\n';
	}
}

static void the_table_has_nine_rows(void **state)
{
	struct experiment *experiment = experiment_of(huge_helps, 16);
	char *bytes = written(matrix_table, experiment);

	(void)state;
	assert_contains(bytes, "THP  PREFAULT");
	assert_contains(bytes, "\noff  off                n/a           n/a          1,000          3.815 MiB");
	assert_contains(bytes, "\nauto populate");
	assert_contains(bytes, "\non   touch");
	assert_contains(bytes, "no cycles: this machine offers no such counter");
	assert_contains(bytes, "Speedup is against the first row, in wall time.");
	assert_fits(bytes);
	free(bytes);
	experiment_free(experiment);
}

static void the_json_has_the_matrix_in_the_experiment(void **state)
{
	struct experiment *experiment = experiment_of(huge_helps, 16);
	char *bytes = written(matrix_json, experiment);
	json_t *object = json_loads(bytes, 0, NULL), *row;

	(void)state;
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "schema")), "hakmem-experiment/1");
	row = json_array_get(json_object_get(json_object_get(object, "matrix"), "rows"), 7);
	assert_string_equal(json_string_value(json_object_get(row, "thp")), "on");
	assert_string_equal(json_string_value(json_object_get(row, "prefault")), "populate");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(row, "faults"), "value")), 90);
	assert_true(json_is_null(json_object_get(json_object_get(row, "cycles"), "value")));
	json_decref(object);
	free(bytes);
	experiment_free(experiment);
}

static void the_page_has_the_matrix(void **state)
{
	struct experiment *experiment = experiment_of(huge_helps, 16);
	char *bytes = written(matrix_html, experiment);

	(void)state;
	assert_contains(bytes, "THP, and not prefault by itself, made a detectable difference");
	assert_contains(bytes, "<tr><td>on</td><td>touch</td><td class=\"n\">n/a<br>");
	assert_contains(bytes, "</html>");
	free(bytes);
	experiment_free(experiment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_lever_that_matters),
	    cmocka_unit_test(faults_and_what_is_not_measured_have_their_sentence),
	    cmocka_unit_test(too_few_runs_are_said_so),
	    cmocka_unit_test(cells_have_their_interval),
	    cmocka_unit_test(the_table_has_nine_rows),
	    cmocka_unit_test(the_page_has_the_matrix),
	    cmocka_unit_test(the_json_has_the_matrix_in_the_experiment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
