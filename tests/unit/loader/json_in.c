// SPDX-License-Identifier: MIT
/* Tests of loader/recording/json_in.c: what output/json.c writes comes back, and writes the same again. */
#include "sample.h"

#include "recording/json_in.h"

static struct snapshot *read_text(const char *text, char error[JSON_IN_ERROR])
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct snapshot *snapshot;

	assert_non_null(file);
	snapshot = json_in_read(file, error);
	fclose(file);
	return snapshot;
}

static struct snapshot *read_back(const struct snapshot *snapshot)
{
	char *text = sample_written(output_json, snapshot), error[JSON_IN_ERROR];
	struct snapshot *copy = read_text(text, error);

	if (!copy)
		fail_msg("%s, in:\n%s", error, text);
	free(text);
	return copy;
}

static void assert_same_again(struct snapshot *snapshot)
{
	struct snapshot *copy = read_back(snapshot);
	char *first = sample_written(output_json, snapshot), *second = sample_written(output_json, copy);

	assert_string_equal(first, second);
	free(first);
	free(second);
	snapshot_free(copy);
	snapshot_free(snapshot);
}

static void a_report_comes_back(void **state)
{
	(void)state;
	assert_same_again(sample_snapshot());
}

static void failures_and_waste_come_back(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	sample_asides(snapshot);
	assert_same_again(snapshot);
}

static void what_a_signal_ended_comes_back(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	snapshot->exit_code = -1;
	snapshot->exit_signal = 11;
	assert_same_again(snapshot);
}

static void what_was_attached_to_comes_back(void **state)
{
	static const char *const names[] = {"redis-server", "a \"b\""};
	struct snapshot *snapshot = sample_snapshot();
	char **command = snapshot->command;

	(void)state;
	snapshot->command = NULL;
	snapshot->attachment.pids = calloc(2, sizeof(uint32_t));
	snapshot->attachment.pids[0] = 12;
	snapshot->attachment.pids[1] = 4000000;
	snapshot->attachment.pid_count = 2;
	snapshot->attachment.names = sample_strings(names, 2);
	snapshot->attachment.tasks = 3;
	snapshot->totals.user_ns = snapshot->totals.system_ns = UNKNOWN;
	for (char **word = command; *word; word++)
		free(*word);
	free(command);
	assert_same_again(snapshot);
}

static void the_unknown_stays_unknown(void **state)
{
	struct snapshot *snapshot = sample_new(), *copy;
	struct counts *counts = sample_row(snapshot, REGION_ANON, "bench", 3, 3);

	(void)state;
	counts->timeable = counts->timed = counts->timed_ns = UNKNOWN;
	counts->covered.zero_ns = counts->failed = counts->waste.sampled = UNKNOWN;
	snapshot->kernel.init_on_alloc = -1;
	free(snapshot->kernel.hooks[SUBJECT_ZERO_TIME].name);
	free(snapshot->kernel.hooks[SUBJECT_ZERO_TIME].rung);
	snapshot->kernel.hooks[SUBJECT_ZERO_TIME] = (struct hook){};
	snapshot->kernel.hooks[SUBJECT_ZERO].method = METHOD_EXACT_BUT;
	snapshot->kernel.hooks[SUBJECT_ZERO].detail = strdup("for shared memory");
	snapshot->totals.failed = snapshot->totals.max_rss_bytes = UNKNOWN;
	sample_finish(snapshot);
	copy = read_back(snapshot);
	assert_true(copy->regions[0].counts.fault_ns == UNKNOWN);
	assert_true(snapshot_region_sum(copy, REGION_ANON).fault_ns == UNKNOWN);
	assert_true(snapshot_region_sum(copy, REGION_ANON).zero_ns == UNKNOWN);
	assert_int_equal(copy->kernel.hooks[SUBJECT_ZERO].method, METHOD_EXACT_BUT);
	assert_string_equal(copy->kernel.hooks[SUBJECT_ZERO].detail, "for shared memory");
	snapshot_free(copy);
	assert_same_again(snapshot);
}

/* Regions' sums are what the reports' readers ask for most. */
static void sums_of_what_came_back_are_the_same(void **state)
{
	struct snapshot *snapshot = sample_snapshot(), *copy;
	struct counts sum, again;

	(void)state;
	sample_asides(snapshot);
	copy = read_back(snapshot);
	sum = snapshot_region_sum(snapshot, REGION_ALLOCATOR);
	again = snapshot_region_sum(copy, REGION_ALLOCATOR);
	assert_int_equal(again.faults, sum.faults);
	assert_int_equal(again.fault_ns, sum.fault_ns);
	assert_int_equal(again.zero_ns, sum.zero_ns);
	assert_int_equal(again.failed, sum.failed);
	assert_int_equal(again.causes[FAULT_CAUSE_PURGED], 8);
	assert_int_equal(again.histogram[10], sum.histogram[10]);
	assert_int_equal(again.waste.bytes, sum.waste.bytes);
	assert_in_range(again.waste.low, sum.waste.low * 0.8, sum.waste.low * 1.2);
	assert_int_equal(copy->totals.counts.causes[FAULT_CAUSE_PURGED], 8);
	assert_string_equal(copy->purgers[0].call, "madvise");
	snapshot_free(copy);
	snapshot_free(snapshot);
}

/* With --interval the last object is the whole. */
static void of_several_reports_the_last_is_read(void **state)
{
	struct snapshot *snapshot = sample_snapshot(), *copy;
	char *part, *whole, *both, error[JSON_IN_ERROR];

	(void)state;
	snapshot->in_parts = true;
	snapshot->part = (struct part){1, true, 0, 500};
	part = sample_written(output_json, snapshot);
	snapshot->part = (struct part){0};
	snapshot->pid = 77;
	whole = sample_written(output_json, snapshot);
	assert_true(asprintf(&both, "%s%s", part, whole) > 0);
	copy = read_text(both, error);
	assert_non_null(copy);
	assert_int_equal(copy->pid, 77);
	snapshot_free(copy);
	copy = read_text(part, error);
	assert_int_equal(copy->part.end_ns, 500);
	snapshot_free(copy);
	snapshot_free(snapshot);
	free(part);
	free(whole);
	free(both);
}

static void newer_members_are_passed_over(void **state)
{
	char *text = sample_written(output_json, sample_snapshot()), *more, error[JSON_IN_ERROR];
	struct snapshot *copy;

	(void)state;
	assert_true(asprintf(&more, "{\"news\": [1, {}], %s", text + 1) > 0);
	copy = read_text(more, error);
	assert_non_null(copy);
	assert_int_equal(copy->totals.counts.faults, 148);
	snapshot_free(copy);
	free(text);
	free(more);
}

/* The text with the first such place changed; NULL when there is none. */
static char *changed(const char *text, const char *from, const char *to)
{
	size_t place = 0, size = strlen(text) + strlen(to) + 1;
	char *result = NULL;

	while (text[place] && strncmp(text + place, from, strlen(from)) != 0)
		place++;
	if (text[place]) {
		result = malloc(size);
		assert_non_null(result);
		snprintf(result, size, "%.*s%s%s", (int)place, text, to, text + place + strlen(from));
	}
	return result;
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} wrongs[] = {
	    {"\"hakmem-trace/1\"", "\"hakmem-trace/2\"", "its schema is hakmem-trace/2"},
	    {"\"hakmem-trace/1\"", "\"hakmem-experiment/1\"", "no report of hakmem-trace"},
	    {"\"schema\"", "\"scheme\"", "no report of hakmem-trace"},
	    {"\"wall_ns\": 12100000", "\"wall_ns\": \"long\"", "'wall_ns' is no whole number"},
	    {"\"wall_ns\": 12100000", "\"wall_ns\": -5", "'wall_ns' is no whole number"},
	    {"\"totals\"", "\"total\"", "no 'totals'"},
	    {"\"region\": \"allocator\"", "\"region\": \"moon\"", "no region 'moon'"},
	    {"\"exact\"", "\"roughly\"", "no method 'roughly'"},
	    {"\"cannot\": [", "\"cannot\": [7, ", "'cannot' is no list of strings"},
	    {"\"stacks\": null\n}\n", "\"stacks\": null\n", "damaged"},
	    {"\"pid\"", "\"pid\x1b[2J", "damaged"},
	};
	char *text = sample_written(output_json, sample_snapshot());

	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		char *wrong = changed(text, wrongs[i].from, wrongs[i].to), error[JSON_IN_ERROR];

		if (!wrong)
			fail_msg("no %s in:\n%s", wrongs[i].from, text);
		assert_null(read_text(wrong, error));
		assert_contains(error, wrongs[i].words);
		assert_null(strchr(error, '\x1b'));
		free(wrong);
	}
	free(text);
}

static void nothing_is_no_report(void **state)
{
	char error[JSON_IN_ERROR];

	(void)state;
	assert_null(read_text(" \n", error));
	assert_contains(error, "it is empty");
	assert_null(read_text("[1, 2]", error));
	assert_contains(error, "no report of hakmem-trace");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_report_comes_back),
	    cmocka_unit_test(failures_and_waste_come_back),
	    cmocka_unit_test(what_a_signal_ended_comes_back),
	    cmocka_unit_test(what_was_attached_to_comes_back),
	    cmocka_unit_test(the_unknown_stays_unknown),
	    cmocka_unit_test(sums_of_what_came_back_are_the_same),
	    cmocka_unit_test(of_several_reports_the_last_is_read),
	    cmocka_unit_test(newer_members_are_passed_over),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(nothing_is_no_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
