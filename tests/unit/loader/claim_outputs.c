/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/output/claim_table.c, claim_json.c and claim_html.c: what a judged claim looks like, and that nothing
 * of what somebody wrote into it steers a terminal.
 */
#include "trials.h"

#include <jansson.h>

#include "analysis/claim.h"
#include "output/claim_output.h"
#include "output/columns.h"
#include "output/text.h"

static struct claim *judged(const struct experiment *experiment)
{
	struct claim *claim = claim_new();
	struct claim_part *part;

	assert_non_null(claim);
	claim->name = strdup("a.claim");
	claim->text = strdup("It \033[2Jmatters.");
	part = claim_add_part(claim);
	part->text = strdup("on is faster");
	part->sense = SENSE_FASTER;
	part->measure = MEASURE_WALL;
	part->arm = 1;
	part->expected = (struct interval){1.1, INFINITY};
	part = claim_add_part(claim);
	part->text = strdup("on has fewer cycles");
	part->measure = MEASURE_CYCLES;
	part->arm = 1;
	part->expected = (struct interval){0, 0.9};
	assert_int_equal(claim_judge(claim, experiment), 0);
	return claim;
}

static struct experiment *experiment_of(double on)
{
	static const char *const names[] = {"off", "on", NULL};
	struct experiment *experiment = trials_new(names);

	trials_fill(experiment, MEASURE_WALL, (double[]){1, on}, 12, 0.01);
	experiment->not_counted = strdup("no cycles: no PMU");
	assert_int_equal(verdict_fill(experiment), 0);
	return experiment;
}

static char *written(int (*write)(const struct claim *, const struct experiment *, FILE *), const struct claim *claim,
    const struct experiment *experiment)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	assert_int_equal(write(claim, experiment, file), 0);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void the_table_says_each_verdict(void **state)
{
	struct experiment *experiment = experiment_of(0.8);
	struct claim *claim = judged(experiment);
	char *bytes = written(claim_table, claim, experiment);

	(void)state;
	assert_contains(bytes, "\nclaim     It ?[2Jmatters.\n");
	assert_contains(bytes, "\n(a) on is faster\n    CONFIRMED\n    In wall time, on is 1.2");
	assert_contains(bytes, "\n(b) on has fewer cycles\n    INCONCLUSIVE\n    Not measured: cycles, for no cycles");
	assert_contains(bytes, "\nClaim INCONCLUSIVE: no part of it is refuted, and not every one is confirmed.\n");
	assert_contains(bytes, "all of them hold together at 95 %.");
	assert_lacks(bytes, "In words");
	for (char *line = bytes, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		if (text_columns(line) > COLUMNS)
			fail_msg("%zu columns: %s", text_columns(line), line);
	}
	free(bytes);
	claim_free(claim);
	experiment_free(experiment);
}

static void words_follow_where_there_are_any(void **state)
{
	struct experiment *experiment = experiment_of(1.2);
	struct claim *claim = judged(experiment);
	char *bytes;

	(void)state;
	assert_int_equal(claim_say(&claim->words, "This is what follows."), 0);
	bytes = written(claim_table, claim, experiment);
	assert_contains(bytes, "\nClaim REFUTED: a part of it at least is not so.\n");
	assert_contains(bytes, "\nIn words: This is what follows.\n");
	free(bytes);
	claim_free(claim);
	experiment_free(experiment);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "(null)";
}

static void the_json_has_what_each_verdict_is_from(void **state)
{
	struct experiment *experiment = experiment_of(0.8);
	struct claim *claim = judged(experiment);
	char *bytes = written(claim_json, claim, experiment);
	json_t *object = json_loads(bytes, 0, NULL), *part, *interval;

	(void)state;
	assert_non_null(object);
	assert_string_equal(text_of(object, "schema"), "hakmem-claim/1");
	assert_string_equal(text_of(object, "name"), "a.claim");
	assert_string_equal(text_of(object, "verdict"), "inconclusive");
	assert_int_equal(json_integer_value(json_object_get(object, "corrected_for")), 2);
	assert_string_equal(text_of(json_object_get(object, "experiment"), "schema"), "hakmem-experiment/1");
	part = json_array_get(json_object_get(object, "parts"), 0);
	assert_string_equal(text_of(part, "claim"), "on is faster");
	assert_string_equal(text_of(part, "kind"), "effect");
	assert_string_equal(text_of(part, "of"), "wall_s");
	assert_string_equal(text_of(part, "sense"), "faster");
	assert_string_equal(text_of(part, "arm"), "on");
	assert_string_equal(text_of(part, "baseline"), "off");
	assert_string_equal(text_of(part, "verdict"), "confirmed");
	assert_true(fabs(json_number_value(json_object_get(part, "measured")) - 1.25) < 0.02);
	interval = json_object_get(part, "expected");
	assert_true(json_number_value(json_array_get(interval, 0)) == 1.1);
	assert_true(json_is_null(json_array_get(interval, 1)));
	part = json_array_get(json_object_get(object, "parts"), 1);
	assert_true(json_is_null(json_object_get(part, "measured")));
	assert_true(json_is_null(json_object_get(part, "method")));
	assert_string_equal(text_of(part, "verdict"), "inconclusive");
	json_decref(object);
	free(bytes);
	claim_free(claim);
	experiment_free(experiment);
}

static void the_page_has_the_verdicts_in_place_of_the_experiments(void **state)
{
	struct experiment *experiment = experiment_of(0.8);
	struct claim *claim = judged(experiment);
	char *bytes;

	(void)state;
	free(claim->parts[0].text);
	claim->parts[0].text = strdup("on is <b>faster</b>");
	experiment->command = sample_strings((const char *const[]){"./bench"}, 1);
	bytes = written(claim_html, claim, experiment);
	assert_contains(bytes, "<h1>It ");
	assert_contains(bytes, "The claim is <strong>inconclusive</strong>.");
	assert_contains(bytes, "<td>on is &lt;b&gt;faster&lt;/b&gt;</td><td><strong>confirmed</strong></td>");
	assert_contains(bytes, "The intervals of 2 figures hold together at 95 %;");
	assert_contains(bytes, "</html>");
	assert_lacks(bytes, "\033");
	free(bytes);
	claim_free(claim);
	experiment_free(experiment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_says_each_verdict),
	    cmocka_unit_test(words_follow_where_there_are_any),
	    cmocka_unit_test(the_json_has_what_each_verdict_is_from),
	    cmocka_unit_test(the_page_has_the_verdicts_in_place_of_the_experiments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
