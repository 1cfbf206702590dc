// SPDX-License-Identifier: MIT
/* Runs on their way into a recording and back: what comes out is what went in, whatever was merged on the way. */
#include "stack_sample.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "recorded_file.h"

static char *json_of(const struct snapshot *snapshot)
{
	return sample_written(output_json, snapshot);
}

static void assert_same(const struct snapshot *snapshot, const struct snapshot *expected)
{
	char *one = json_of(snapshot), *other = json_of(expected);

	assert_string_equal(one, other);
	free(one);
	free(other);
}

static struct snapshot *read_all(struct recorded_file *file)
{
	return recorded_file_read(file, 0, 0, UNKNOWN);
}

static void assert_comes_back(struct snapshot *snapshot)
{
	struct recorded_file file;
	struct snapshot *copy;

	recorded_file_open(&file);
	recorded_file_add(&file, snapshot, 5);
	recorded_file_end(&file, snapshot);
	copy = read_all(&file);
	assert_same(copy, snapshot);
	snapshot_free(copy);
	snapshot_free(snapshot);
	recorded_file_remove(&file);
}

static void a_run_comes_back(void **state)
{
	(void)state;
	assert_comes_back(sample_snapshot());
}

static void stacks_come_back(void **state)
{
	(void)state;
	assert_comes_back(sample_with_stacks());
}

static void failures_waste_and_losses_come_back(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	sample_asides(snapshot);
	snapshot_lose(snapshot, LOST_FILES, 3);
	snapshot_lose(snapshot, LOST_EVENTS, 1);
	snapshot->totals.skipped = 7;
	snapshot->totals.unallocated = 12;
	assert_comes_back(snapshot);
}

static void what_is_unknown_comes_back_so(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	for (size_t i = 0; i < snapshot->region_count; i++) {
		snapshot->regions[i].counts.zeroed_bytes = snapshot->regions[i].counts.zero_events = UNKNOWN;
		snapshot->regions[i].counts.waste.sampled = UNKNOWN;
		snapshot->regions[i].counts.failed = UNKNOWN;
	}
	snapshot->purgers[0].zeroed_bytes = UNKNOWN;
	snapshot->totals.own_ns = snapshot->totals.max_rss_bytes = UNKNOWN;
	sample_finish(snapshot);
	assert_comes_back(snapshot);
}

static void what_was_attached_to_comes_back(void **state)
{
	static const char *const names[] = {"redis-server", "\xff\xfe no UTF-8"};
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	for (char **word = snapshot->command; *word; word++)
		free(*word);
	free(snapshot->command);
	snapshot->command = NULL;
	snapshot->attachment.names = sample_strings(names, 2);
	snapshot->attachment.cgroups = sample_strings(NULL, 0);
	snapshot->attachment.pids = calloc(2, sizeof(uint32_t));
	snapshot->attachment.pids[0] = 4312;
	snapshot->attachment.pid_count = 1;
	snapshot->attachment.tasks = 12;
	snapshot->totals.user_ns = snapshot->totals.system_ns = UNKNOWN;
	assert_comes_back(snapshot);
}

static void a_signal_comes_back(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	snapshot->exit_code = -1;
	snapshot->exit_signal = 11;
	assert_comes_back(snapshot);
}

/* More every second, in ever other rows; halfway a row turns out to be another's. */
static struct snapshot *after(unsigned int seconds)
{
	struct snapshot *snapshot = sample_with_stacks();
	char name[32];

	for (unsigned int i = 0; i < seconds; i++) {
		struct region_row *row;

		snprintf(name, sizeof(name), "lib%u.so", i % 7);
		row = snapshot_region(snapshot, i % 2 ? REGION_LIBRARY : REGION_ANON, name);
		row->counts.faults += i;
		row->counts.timeable += i;
		row->counts.timed += i / 2;
		row->counts.timed_ns += i / 2 * 700;
		row->counts.covered.faults += i / 2 * 2;
		row->counts.covered.ns += i / 2 * 1400;
		row->counts.histogram[9] += i / 2;
		row->counts.causes[FAULT_CAUSE_FILE] += i;
		row->counts.zeroed_bytes += 4096;
		snapshot_phase(snapshot, "main")->regions[REGION_ANON].faults += i;
	}
	if (seconds < 50)
		sample_row(snapshot, REGION_ANON, "libjemalloc.so.2", 10 + seconds, 10);
	else
		sample_row(snapshot, REGION_ALLOCATOR, "libjemalloc.so.2", 10 + seconds, 10);
	snapshot->wall_ns = seconds * 1000000000ULL;
	snapshot->totals.failed = seconds;
	snapshot->processes = calloc(2, sizeof(*snapshot->processes));
	snapshot->process_count = 2;
	snapshot->processes[0] =
	    (struct process_row){.pid = 7, .comm = strdup(seconds < 30 ? "sh" : "bench"), .counts.faults = 3 * seconds};
	snapshot->processes[1] = (struct process_row){.pid = 8, .comm = strdup("idle"), .counts.faults = 1};
	return sample_finish(snapshot);
}

static void record_seconds(struct recorded_file *file, unsigned int from, unsigned int to)
{
	for (unsigned int second = from; second <= to; second++) {
		struct snapshot *snapshot = after(second);

		recorded_file_add(file, snapshot, second * 1000000000ULL);
		snapshot_free(snapshot);
	}
}

static sqlite3_int64 ask(struct recorded_file *file, const char *question)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;
	sqlite3_int64 answer;

	assert_int_equal(sqlite3_open(file->path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, question, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	return answer;
}

static void slices_add_up_however_many_are_merged(void **state)
{
	struct recorded_file file;
	struct snapshot *expected = after(1000), *found;

	(void)state;
	recorded_file_open(&file);
	record_seconds(&file, 1, 1000);
	recorded_file_end(&file, expected);
	found = read_all(&file);
	assert_same(found, expected);
	assert_in_range(ask(&file, "SELECT count(*) FROM slice"), 300, 400);
	assert_int_equal(ask(&file, "SELECT max(merged) FROM slice"), 10);
	assert_int_equal(ask(&file, "SELECT sum(merged) FROM slice"), 1000);
	/* No time is missing, and none is there twice. */
	assert_int_equal(ask(&file, "SELECT count(*) FROM slice AS one WHERE start_ns > 0 AND NOT EXISTS"
	                            " (SELECT 1 FROM slice AS other WHERE other.end_ns = one.start_ns)"),
	    0);
	assert_int_equal(ask(&file, "SELECT sum(end_ns - start_ns) FROM slice"), 1000000000000);
	snapshot_free(expected);
	snapshot_free(found);
	recorded_file_remove(&file);
}

static void a_period_is_what_happened_in_it(void **state)
{
	const uint64_t second = 1000000000;
	struct recorded_file file;
	struct snapshot *before = after(40), *later = after(60), *found;

	(void)state;
	recorded_file_open(&file);
	record_seconds(&file, 1, 80);
	recorded_file_end(&file, later);
	snapshot_subtract(later, before);
	found = recorded_file_read(&file, 0, 40 * second, 60 * second);
	assert_true(found->in_parts);
	assert_int_equal(found->part.start_ns, 40 * second);
	assert_int_equal(found->part.end_ns, 60 * second);
	assert_int_equal(found->wall_ns, 20 * second);
	assert_int_equal(found->totals.failed, 20);
	for (enum region region = 0; region < REGION_COUNT; region++)
		assert_int_equal(snapshot_region_sum(found, region).faults, snapshot_region_sum(later, region).faults);
	assert_int_equal(found->process_count, 1);
	assert_int_equal(found->processes[0].counts.faults, 60);
	snapshot_free(before);
	snapshot_free(later);
	snapshot_free(found);
	recorded_file_remove(&file);
}

static void what_has_no_end_is_read_up_to_its_last_slice(void **state)
{
	struct recorded_file file;
	struct snapshot *expected = after(5), *found;

	(void)state;
	recorded_file_open(&file);
	record_seconds(&file, 1, 5);
	found = read_all(&file); /* while it is being written */
	assert_int_equal(found->totals.counts.faults, expected->totals.counts.faults);
	assert_int_equal(found->wall_ns, 5000000000);
	assert_true(found->running);
	assert_true(found->totals.user_ns == UNKNOWN);
	snapshot_free(found);
	run_recording_drop(file.recording);
	found = read_all(&file);
	assert_int_equal(found->totals.counts.faults, expected->totals.counts.faults);
	snapshot_free(found);
	snapshot_free(expected);
	recorded_file_remove(&file);
}

static void several_runs_have_a_file_together(void **state)
{
	struct recorded_file file;
	struct snapshot *first = after(3), *second = after(9), *found;

	(void)state;
	recorded_file_open(&file);
	record_seconds(&file, 1, 3);
	recorded_file_end(&file, first);
	recorded_file_again(&file);
	record_seconds(&file, 1, 9);
	recorded_file_end(&file, second);
	found = recorded_file_read(&file, 0, 0, UNKNOWN);
	assert_same(found, first);
	snapshot_free(found);
	found = recorded_file_read(&file, 1, 0, UNKNOWN);
	assert_same(found, second);
	snapshot_free(found);
	snapshot_free(first);
	snapshot_free(second);
	recorded_file_remove(&file);
}

static void what_is_said_of_a_run_may_change(void **state)
{
	struct recorded_file file;
	struct snapshot *snapshot = sample_snapshot(), *found;

	(void)state;
	recorded_file_open(&file);
	recorded_file_add(&file, snapshot, 1);
	snapshot->kernel.hooks[SUBJECT_FAULT_TIME].method = METHOD_SAMPLED;
	free(snapshot->kernel.cannot[0]);
	snapshot->kernel.cannot[0] = strdup("something else");
	recorded_file_add(&file, snapshot, 2);
	recorded_file_end(&file, snapshot);
	found = read_all(&file);
	assert_same(found, snapshot);
	snapshot_free(found);
	snapshot_free(snapshot);
	recorded_file_remove(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_run_comes_back),
	    cmocka_unit_test(stacks_come_back),
	    cmocka_unit_test(failures_waste_and_losses_come_back),
	    cmocka_unit_test(what_is_unknown_comes_back_so),
	    cmocka_unit_test(what_was_attached_to_comes_back),
	    cmocka_unit_test(a_signal_comes_back),
	    cmocka_unit_test(slices_add_up_however_many_are_merged),
	    cmocka_unit_test(a_period_is_what_happened_in_it),
	    cmocka_unit_test(what_has_no_end_is_read_up_to_its_last_slice),
	    cmocka_unit_test(several_runs_have_a_file_together),
	    cmocka_unit_test(what_is_said_of_a_run_may_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
