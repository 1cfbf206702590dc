// SPDX-License-Identifier: MIT
/* Tests of loader/analysis/diff*.c and welch.c, and of the outputs of a difference. */
#include "known_stacks.h"
#include "near.h"

#include <math.h>

#include "analysis/diff.h"
#include "analysis/welch.h"
#include "output/diff_output.h"
#include "recording/json_in.h"

/* A run of so many faults in the allocator besides those of sample_snapshot(). */
static struct snapshot *run_with(uint64_t faults)
{
	struct snapshot *snapshot = sample_snapshot();

	sample_row(snapshot, REGION_ALLOCATOR, "class 64", faults, faults);
	return sample_finish(snapshot);
}

struct runs {
	struct snapshot *list[8];
	size_t count;
};

static struct diff *compared(struct runs *before, struct runs *after)
{
	char *names[] = {(char *)"one.json", (char *)"two.json", NULL};
	struct diff_input sides[2] = {{before->list, before->count, names}, {after->list, after->count, names + 1}};
	struct diff *diff = diff_make(sides, STACK_VALUE_FAULTS);

	assert_non_null(diff);
	return diff;
}

static void free_runs(struct runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		snapshot_free(runs->list[i]);
}

static const struct diff_row *row_of(const struct diff *diff, enum diff_kind kind, const char *name)
{
	for (size_t i = 0; i < diff->tables[kind].count; i++)
		if (!strcmp(diff->tables[kind].rows[i].name, name))
			return &diff->tables[kind].rows[i];
	fail_msg("no row %s", name);
	return NULL;
}

static char *written(const struct diff_output *output, const struct diff *diff)
{
	struct diff_output_options options = {.kinds = {true, true, true, true}};
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	assert_int_equal(output->write(diff, &options, file), 0);
	fclose(file);
	return bytes;
}

/* The figures are R's: t.test(c(1, 2, 4, 5), c(4, 6, 7, 9)), but for whole degrees of freedom: 5 for 5.937. */
static void welch_is_the_textbooks(void **state)
{
	const double left[] = {1, 2, 4, 5}, right[] = {4, 6, 7, 9};
	struct welch result = welch(left, 4, right, 4, 0.95);

	(void)state;
	assert_near(result.change, 3.5, 1e-12);
	/* error sqrt(10/3/4 + 13/3/4) = 1.38444; t = 2.52810 */
	assert_near(result.interval.low, 3.5 - 2.570582 * 1.384437, 1e-4);
	assert_near(result.interval.high, 3.5 + 2.570582 * 1.384437, 1e-4);
	assert_true(result.p > 0.05 && result.p < 0.055); /* 0.0527 */
}

static void few_runs_span_at_least_what_they_are(void **state)
{
	const double left[] = {10, 10.001}, right[] = {10.0005, 20};
	struct welch result = welch(left, 2, right, 2, 0.5);

	(void)state;
	assert_true(result.interval.low <= 10.0005 - 10.001);
	assert_true(result.interval.high >= 20 - 10);
	assert_true(isnan(welch(left, 1, right, 2, 0.95).p));
	assert_true(isnan(welch(left, 2, right, 1, 0.95).interval.low));
}

static void steady_runs_are_believed_from_four_on(void **state)
{
	const double left[] = {3, 3, 3, 3}, right[] = {4, 4, 4, 4};
	struct welch result = welch(left, 4, right, 4, 0.95);

	(void)state;
	assert_true(result.p == 0); /* not assert_near(), to which NAN equals everything */
	assert_true(result.interval.low == 1);
	assert_true(result.interval.high == 1);
	assert_true(isnan(welch(left, 3, right, 3, 0.95).p));
	assert_true(isnan(welch(left, 3, right, 3, 0.95).interval.low));
	assert_near(welch(left, 2, left, 2, 0.95).p, 1, 0);
}

static void a_run_does_not_differ_from_itself(void **state)
{
	struct runs one = {{known_stacks()}, 1}, other = {{known_stacks()}, 1};
	struct diff *diff = compared(&one, &other);
	char *bytes = written(&diff_outputs[0], diff);

	(void)state;
	assert_true(diff->same);
	assert_null(diff->cautions[0]);
	assert_contains(bytes, "\nno difference: every count of A and B is the same\n");
	assert_lacks(bytes, "REGION");
	free(bytes);
	diff_free(diff);
	free_runs(&one);
	free_runs(&other);
}

static void a_single_run_knows_no_noise(void **state)
{
	struct runs one = {{run_with(10)}, 1}, other = {{run_with(30)}, 1};
	struct diff *diff = compared(&one, &other);
	const struct diff_change *change = &row_of(diff, DIFF_DETAILS, "class 64")->changes[STACK_VALUE_FAULTS];
	char *bytes = written(&diff_outputs[0], diff);

	(void)state;
	assert_false(diff->same);
	assert_false(diff->noise_known);
	assert_int_equal(change->verdict, DIFF_UNKNOWN);
	assert_near(change->change, 20, 1e-9);
	assert_true(isnan(change->p));
	assert_string_equal(diff->tables[DIFF_DETAILS].rows[0].name, "class 64"); /* the largest change first */
	assert_int_equal(diff->tables[DIFF_DETAILS].rows[1].changes[0].verdict, DIFF_EQUAL);
	assert_false(diff->tables[DIFF_STACKS].known);
	assert_contains(bytes, "noise: unknown, for a side has one run");
	assert_contains(
	    bytes, "\nallocator  class 64                         10        30        +20  +200.0     +80 KiB");
	assert_lacks(bytes, "class 1040"); /* it did not change */
	assert_lacks(bytes, "~");
	free(bytes);
	diff_free(diff);
	free_runs(&one);
	free_runs(&other);
}

static void noise_is_told_from_change(void **state)
{
	struct runs one = {{run_with(10), run_with(12), run_with(11)}, 3};
	struct runs near = {{run_with(11), run_with(10), run_with(13)}, 3};
	struct runs far = {{run_with(40), run_with(43), run_with(41)}, 3};
	struct diff *diff = compared(&one, &near);
	char *bytes = written(&diff_outputs[0], diff);

	(void)state;
	assert_true(diff->noise_known);
	assert_int_equal(row_of(diff, DIFF_DETAILS, "class 64")->changes[STACK_VALUE_FAULTS].verdict, DIFF_NOISE);
	assert_int_equal(diff->totals[0].change.verdict, DIFF_NOISE);
	assert_contains(bytes, "     +0.3~    +3.0"); /* a third of a fault, in the mean */
	free(bytes);
	diff_free(diff);
	diff = compared(&one, &far);
	assert_int_equal(row_of(diff, DIFF_DETAILS, "class 64")->changes[STACK_VALUE_FAULTS].verdict, DIFF_MORE);
	assert_int_equal(row_of(diff, DIFF_DETAILS, "class 1040")->changes[STACK_VALUE_FAULTS].verdict, DIFF_EQUAL);
	assert_true(row_of(diff, DIFF_DETAILS, "class 64")->changes[STACK_VALUE_FAULTS].interval.low > 20);
	diff_free(diff);
	diff = compared(&far, &one);
	assert_int_equal(row_of(diff, DIFF_DETAILS, "class 64")->changes[STACK_VALUE_FAULTS].verdict, DIFF_LESS);
	diff_free(diff);
	free_runs(&one);
	free_runs(&near);
	free_runs(&far);
}

static void many_rows_need_more_evidence(void **state)
{
	struct diff_change changes[20];
	const double values[] = {10, 11, 12, 13, 14.5, 15.5, 16.5, 17.5};

	(void)state;
	for (size_t i = 0; i < 20; i++)
		changes[i] = diff_change_of(values, 4, 4);
	assert_int_equal(diff_judge(changes, 1, sizeof(changes[0])), 0);
	assert_int_equal(changes[0].verdict, DIFF_MORE);
	changes[0] = diff_change_of(values, 4, 4);
	assert_int_equal(diff_judge(changes, 20, sizeof(changes[0])), 0);
	assert_int_equal(changes[0].verdict, DIFF_NOISE);
	assert_near(changes[0].p, 20 * (1 - 0) * diff_change_of(values, 4, 4).p, 1e-9);
}

static void functions_and_stacks_are_told_by_names(void **state)
{
	struct runs one = {{known_stacks()}, 1}, other = {{known_stacks()}, 1};
	struct stacks *stacks = other.list[0]->stacks;
	struct stack_key key = {.region = REGION_STACK, .detail = "main", .comm = "bench", .pid = 7};
	uint32_t frames[] = {known_frame(stacks, "deep", "bench", "src/bench.c", 90),
	    known_frame(stacks, "main", "bench", "src/bench.c", 12)};
	struct diff *diff;
	char *bytes;

	(void)state;
	known_stack(stacks, key, 15, frames, 2);
	/* Lines that moved are no change. */
	for (size_t i = 1; i < stacks->frame_count; i++)
		stacks->frames[i].line += 100;
	snapshot_finish(other.list[0]);
	diff = compared(&one, &other);
	assert_true(diff->tables[DIFF_STACKS].known);
	assert_string_equal(diff->tables[DIFF_FUNCTIONS].rows[0].name, "deep");
	assert_near(diff->tables[DIFF_FUNCTIONS].rows[0].changes[0].after, 15, 1e-9);
	assert_int_equal(diff->tables[DIFF_FUNCTIONS].rows[1].changes[0].verdict, DIFF_EQUAL);
	assert_string_equal(diff->tables[DIFF_STACKS].rows[0].frames[1], "main");
	assert_int_equal(diff->tables[DIFF_STACKS].rows[1].changes[0].verdict, DIFF_EQUAL);
	bytes = written(&diff_outputs[0], diff);
	assert_contains(bytes, "\ndeep (bench)                                 -        15        +15     new");
	assert_contains(bytes, "\nstack      main                              -        15        +15     new");
	assert_contains(bytes, "\n        deep\n        main\n");
	free(bytes);
	bytes = written(diff_output_find("csv"), diff);
	assert_contains(bytes, "\nstack,stack,main,,main;deep,faults,0,15,15,,,,unknown\n");
	assert_contains(bytes, "\ntotal,,,,,faults,148,148,0,,,,equal\n");
	free(bytes);
	diff_free(diff);
	free_runs(&one);
	free_runs(&other);
}

static void what_may_mislead_is_said(void **state)
{
	struct runs one = {{known_stacks()}, 1}, other = {{known_stacks()}, 1};
	struct snapshot *run = other.list[0];
	struct diff *diff;
	char *bytes;

	(void)state;
	free(run->kernel.release);
	run->kernel.release = strdup("6.1.0\033[2J");
	run->kernel.init_on_alloc = 0;
	free(run->kernel.hooks[SUBJECT_ZERO].rung);
	run->kernel.hooks[SUBJECT_ZERO].rung = strdup("tracepoint");
	run->stacks->sampled = true;
	one.list[0]->stacks->sampled = true;
	snapshot_lose(run, LOST_EVENTS, 3);
	snapshot_lose(one.list[0], LOST_ROWS, 3);
	diff = compared(&one, &other);
	bytes = written(&diff_outputs[0], diff);
	assert_contains(bytes, "careful: the kernel differs: A 6.12.1, B 6.1.0?[2J\n");
	assert_contains(bytes, "careful: init_on_alloc differs: A on, B off\n");
	assert_contains(bytes, "careful: how zeroing was measured differs: A full (exact), B tracepoint (exact)\n");
	assert_contains(bytes, "careful: B lost events");
	assert_contains(bytes, "careful: A lost some detail");
	assert_contains(bytes, "careful: call stacks are a sample in A and B");
	assert_lacks(bytes, "command differs");
	free(bytes);
	diff_free(diff);
	free_runs(&one);
	free_runs(&other);
}

static void unmeasured_is_no_change(void **state)
{
	struct runs one = {{run_with(1)}, 1}, other = {{run_with(2)}, 1};
	struct diff *diff;
	char *bytes;

	(void)state;
	snapshot_region(other.list[0], REGION_ALLOCATOR, "class 64")->counts.zeroed_bytes = UNKNOWN;
	sample_finish(other.list[0]);
	diff = compared(&one, &other);
	assert_int_equal(
	    row_of(diff, DIFF_DETAILS, "class 64")->changes[STACK_VALUE_ZEROED].verdict, DIFF_NOT_MEASURED);
	bytes = written(diff_output_find("json"), diff);
	assert_contains(bytes, "\"verdict\": \"not-measured\"");
	assert_contains(bytes, "\"schema\": \"hakmem-diff/1\"");
	assert_contains(bytes, "\"stacks\": null");
	free(bytes);
	diff_free(diff);
	free_runs(&one);
	free_runs(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(welch_is_the_textbooks),
	    cmocka_unit_test(few_runs_span_at_least_what_they_are),
	    cmocka_unit_test(steady_runs_are_believed_from_four_on),
	    cmocka_unit_test(a_run_does_not_differ_from_itself),
	    cmocka_unit_test(a_single_run_knows_no_noise),
	    cmocka_unit_test(noise_is_told_from_change),
	    cmocka_unit_test(many_rows_need_more_evidence),
	    cmocka_unit_test(functions_and_stacks_are_told_by_names),
	    cmocka_unit_test(what_may_mislead_is_said),
	    cmocka_unit_test(unmeasured_is_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
