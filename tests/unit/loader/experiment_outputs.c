// SPDX-License-Identifier: MIT
/* Tests of loader/output/experiment_*.c: what people and programs read of an experiment. */
#include "sample.h"

#include <jansson.h>

#include "analysis/verdict.h"
#include "output/experiment_output.h"
#include "output/experiment_text.h"

#define HOSTILE "<script>alert(\"1\")</script>&'\x1b[31m\xff"

static void add(struct experiment *experiment, size_t arm, uint32_t block, double wall)
{
	struct trial *trial = experiment_add_trial(experiment, arm, TRIAL_MEASURED, block);

	assert_non_null(trial);
	trial->start = 0.1 * experiment->trial_count;
	trial->others = 0.25;
	trial->values[MEASURE_WALL] = wall;
	trial->values[MEASURE_MINOR] = 12345678 + block % 2;
	trial->values[MEASURE_MAJOR] = 0;
	trial->values[MEASURE_PEAK] = 1572864;
}

static void add_traced(struct experiment *experiment, size_t arm, uint64_t heap)
{
	struct trial *trial = experiment_add_trial(experiment, arm, TRIAL_TRACED, 0);

	assert_non_null(trial);
	trial->start = 0.1 * experiment->trial_count;
	trial->snapshot = snapshot_new();
	sample_row(trial->snapshot, REGION_LIBRARY, HOSTILE, heap, heap);
	snapshot_finish(trial->snapshot);
	trial->values[MEASURE_FAULTS] = heap;
	trial->values[MEASURE_ZEROED] = heap * 4096.0;
}

/* Two arms; the second takes `factor` times as long. */
static struct experiment *sample_experiment(double factor, uint32_t blocks)
{
	static const char *const command[] = {"./bench", "two words"};
	char *environment[] = {(char *)"LIST=a,b", NULL};
	struct experiment *experiment = experiment_new();

	assert_non_null(experiment);
	experiment->command = sample_strings(command, 2);
	experiment_add_arm(experiment, &(struct arm){.name = (char *)"plain"});
	experiment_add_arm(experiment, &(struct arm){.name = (char *)"tuned \"x\"", .environment = environment});
	experiment->wanted_blocks = blocks;
	experiment->seed = 99;
	experiment->seconds = 12.5;
	experiment->machine.release = strdup("6.12.1");
	experiment->machine.processors = 2;
	experiment->not_counted = strdup("no cycles: this machine offers no such counter");
	for (uint32_t block = 0; block < blocks; block++) {
		double noise = 1 + 0.002 * (block * 7 % 5);

		add(experiment, block % 2, block, noise * (block % 2 ? factor : 1) * 0.0125);
		add(experiment, 1 - block % 2, block, (2.004 - noise) * (block % 2 ? 1 : factor) * 0.0125);
	}
	add_traced(experiment, 0, 10);
	add_traced(experiment, 1, 30);
	assert_int_equal(verdict_fill(experiment), 0);
	return experiment;
}

static char *written(int (*write)(const struct experiment *, FILE *), const struct experiment *experiment)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	assert_int_equal(write(experiment, file), 0);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void assert_fits(const char *bytes)
{
	for (const char *line = bytes; *line; line += strcspn(line, "\n") + 1) {
		char *copy = strndup(line, strcspn(line, "\n"));
		size_t columns = text_columns(copy);

		if (columns > 100)
			fail_msg("%zu columns: %s", columns, copy);
		free(copy);
	}
}

static void the_table_says_it_in_words(void **state)
{
	struct experiment *experiment = sample_experiment(0.8, 12);
	char *bytes = written(experiment_table, experiment);

	(void)state;
	assert_contains(bytes, "command   ./bench two words\n");
	assert_contains(bytes, "          tuned \"x\"        LIST=a,b\n");
	assert_contains(bytes, "runs      12 of each arm");
	assert_contains(bytes, "counters  no cycles: this machine offers no such counter\n");
	assert_contains(bytes, "wall time         plain               12.51 ms\n");
	assert_contains(bytes, "                  tuned \"x\"           10.03 ms   0.80");
	assert_contains(bytes, "faster\n");
	assert_contains(bytes, "always 0          major faults\n");
	assert_contains(bytes, "n/a               user time, system time, user + system, cycles, instructions,");
	assert_contains(bytes, "Verdict, from wall time:\n    tuned \"x\": faster, its wall time is 0.80");
	assert_contains(bytes, "library    <script>alert(\"1.. ");
	assert_contains(bytes, "+20");
	assert_lacks(bytes, "\x1b");
	assert_fits(bytes);
	free(bytes);
	experiment_free(experiment);
}

static void no_difference_says_how_many_runs_would_tell(void **state)
{
	struct experiment *experiment = sample_experiment(1, 12);
	char *bytes = written(experiment_table, experiment);

	(void)state;
	assert_contains(bytes, "tuned \"x\": no detectable difference from plain in wall time (ratio 1.00");
	assert_fits(bytes);
	free(bytes);
	bytes = experiment_sentence(experiment, 1, MEASURE_WALL);
	assert_contains(bytes, " It would need about ");
	assert_contains(bytes, " runs of each to tell 1 %, 8 to tell 5 %.");
	free(bytes);
	experiment_free(experiment);
	experiment = sample_experiment(0.5, 3);
	bytes = written(experiment_table, experiment);
	assert_contains(bytes, "too few runs to tell it from plain in wall time: 3 pairs can't");
	free(bytes);
	experiment_free(experiment);
}

static void warnings_come_first(void **state)
{
	struct experiment *experiment = sample_experiment(1, 8);
	char *bytes;

	(void)state;
	experiment->interrupted = true;
	experiment->machine.others = 0.4;
	experiment->machine.load = 1.9;
	experiment->failures = 2;
	experiment->trials[3].counted = 0.31;
	free(experiment->not_traced);
	experiment->not_traced = strdup("tracing needs CAP_BPF");
	bytes = written(experiment_table, experiment);
	assert_contains(bytes, "WARNING   cut short");
	assert_contains(bytes, "other processes took 40 % of its processors' time");
	assert_contains(bytes, "load average 1.9 on 2 processors");
	assert_contains(bytes, "2 runs failed and count for nothing");
	assert_contains(bytes, "one counted for only 31 % of a run");
	assert_contains(bytes, "traces    none, so faults and zeroing by region are n/a: tracing needs CAP_BPF\n");
	assert_fits(bytes);
	free(bytes);
	experiment_free(experiment);
}

/* Nothing at all was measured: an interrupt in the first run. */
static void an_empty_experiment_has_a_report(void **state)
{
	struct experiment *experiment = sample_experiment(1, 0);

	(void)state;
	experiment->trial_count = 0;
	experiment->interrupted = true;
	assert_int_equal(verdict_fill(experiment), 0);
	for (const struct experiment_output *output = experiment_outputs; output->name; output++) {
		char *bytes = written(output->write, experiment);

		assert_lacks(bytes, "nan");
		assert_lacks(bytes, "inf");
		free(bytes);
	}
	experiment->trial_count = 2;
	experiment_free(experiment);
}

static void json_has_the_schema(void **state)
{
	struct experiment *experiment = sample_experiment(0.8, 12);
	char *bytes = written(experiment_json, experiment);
	json_error_t error;
	json_t *object = json_loads(bytes, JSON_REJECT_DUPLICATES, &error), *wall, *beside, *run;

	(void)state;
	if (!object)
		fail_msg("%s in:\n%s", error.text, bytes);
	assert_string_equal(json_string_value(json_object_get(object, "schema")), "hakmem-experiment/1");
	assert_int_equal(json_array_size(json_object_get(object, "runs")), 26);
	run = json_array_get(json_object_get(object, "runs"), 0);
	assert_true(json_real_value(json_object_get(run, "others")) == 0.25);
	assert_true(json_is_null(json_object_get(json_object_get(run, "values"), "cycles")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(run, "values"), "minor_faults")), 12345678);
	wall =
	    json_object_get(json_object_get(json_array_get(json_object_get(object, "arms"), 1), "figures"), "wall_s");
	beside = json_object_get(wall, "beside_first");
	assert_string_equal(json_string_value(json_object_get(beside, "verdict")), "less");
	assert_true(fabs(json_real_value(json_object_get(beside, "ratio")) - 0.8) < 0.01);
	assert_int_equal(json_array_size(json_object_get(beside, "interval")), 2);
	json_decref(object);
	free(bytes);
	experiment_free(experiment);
}

static void csv_has_a_line_a_run(void **state)
{
	struct experiment *experiment = sample_experiment(0.8, 8);
	char *bytes = written(experiment_csv, experiment);
	size_t lines = 0;

	(void)state;
	for (const char *at = bytes; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 1 + 16 + 2);
	assert_contains(bytes, "arm,kind,block,start_s,exit_code,exit_signal,others,counted,metric,wall_s,");
	assert_contains(bytes, "\"tuned \"\"x\"\"\",measured,0,0.200000,0,0,0.25,,,0.01");
	free(bytes);
	experiment_free(experiment);
}

static void the_page_asks_nobody_and_runs_nothing(void **state)
{
	struct experiment *experiment = sample_experiment(0.8, 12);
	char *bytes;

	(void)state;
	free(experiment->arms[1].name);
	experiment->arms[1].name = strdup(HOSTILE);
	free(experiment->command[1]);
	experiment->command[1] = strdup(HOSTILE);
	free(experiment->not_counted);
	experiment->not_counted = strdup(HOSTILE);
	bytes = written(experiment_html, experiment);
	assert_lacks(bytes, "<script");
	assert_lacks(bytes, "\x1b");
	assert_lacks(bytes, "\xff");
	assert_lacks(bytes, "http:");
	assert_lacks(bytes, "https:");
	assert_lacks(bytes, "url(");
	assert_lacks(bytes, "src=\"");
	assert_lacks(bytes, "nan\"");
	assert_contains(bytes, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;?[31m\xef\xbf\xbd");
	assert_contains(bytes, "prefers-color-scheme:dark");
	free(bytes);
	experiment_free(experiment);
}

/* A dot each, in the plot by arm and in that by time. */
static void every_run_is_a_dot(void **state)
{
	struct experiment *experiment = sample_experiment(0.8, 12);
	char *bytes = written(experiment_html, experiment);
	size_t dots = 0;

	(void)state;
	for (const char *at = bytes; (at = strstr(at, "ms</title></circle>")); at++)
		dots++;
	assert_int_equal(dots, 2 * 24);
	free(bytes);
	experiment_free(experiment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_says_it_in_words),
	    cmocka_unit_test(no_difference_says_how_many_runs_would_tell),
	    cmocka_unit_test(warnings_come_first),
	    cmocka_unit_test(an_empty_experiment_has_a_report),
	    cmocka_unit_test(json_has_the_schema),
	    cmocka_unit_test(csv_has_a_line_a_run),
	    cmocka_unit_test(the_page_asks_nobody_and_runs_nothing),
	    cmocka_unit_test(every_run_is_a_dot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
