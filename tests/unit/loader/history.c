// SPDX-License-Identifier: MIT
/* What happened when, in bounded memory. */
#include "live/history.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>

#include "sample.h"
#include "snapshot/copy.h"
#include "snapshot/stacks.h"

#define SECOND 1000000000ULL

/* All that was counted after so many intervals: 10 faults in each, 3 of them in one of `details` rows by turns. */
static struct snapshot *whole_after(uint64_t intervals, unsigned int details)
{
	struct snapshot *whole = sample_new();
	char name[32];

	sample_row(whole, REGION_ALLOCATOR, "class 64", 7 * intervals, 5 * intervals);
	for (unsigned int i = 0; i < details; i++) {
		snprintf(name, sizeof(name), "library %u.so", i);
		sample_row(whole, REGION_LIBRARY, name, 3 * (intervals / details + (i < intervals % details)), 0);
	}
	whole->totals.traced_ns = intervals * 1000;
	whole->totals.own_ns = intervals * 10;
	return sample_finish(whole);
}

static struct history *after(uint64_t intervals, unsigned int details, size_t bytes)
{
	struct history *history = history_new(SECOND, bytes);

	assert_non_null(history);
	for (uint64_t i = 1; i <= intervals; i++)
		assert_int_equal(history_add(history, whole_after(i, details), i * SECOND), 0);
	return history;
}

static void a_slice_has_what_came_since_the_one_before(void **state)
{
	struct history *history = after(3, 2, HISTORY_BYTES);
	struct history_slice slices[HISTORY_MOST_SLICES];
	size_t count = history_slices(history, 0, slices, HISTORY_MOST_SLICES);

	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(slices[i].first, i + 1);
		assert_int_equal(slices[i].number, i + 1);
		assert_int_equal(slices[i].start_ns, i * SECOND);
		assert_int_equal(slices[i].end_ns, (i + 1) * SECOND);
		assert_int_equal(slices[i].counts->totals.counts.faults, 10);
		assert_int_equal(slices[i].counts->totals.traced_ns, 1000);
		assert_true(slices[i].counts->totals.user_ns == UNKNOWN);
	}
	history_release(slices, count);
	assert_int_equal(history_slices(history, 2, slices, HISTORY_MOST_SLICES), 1);
	assert_int_equal(slices[0].number, 3);
	history_release(slices, 1);
	assert_int_equal(history_slices(history, 0, slices, 2), 2);
	history_release(slices, 2);
	history_free(history);
	(void)state;
}

static void nothing_is_there_before_the_first_slice(void **state)
{
	struct history *history = history_new(SECOND, HISTORY_BYTES);
	struct history_slice whole;

	assert_int_equal(history_state(history).number, 0);
	assert_int_equal(history_whole(history, &whole), -1);
	errno = 0;
	assert_null(history_between(history, 0, UNKNOWN));
	assert_int_equal(errno, ENOENT);
	assert_false(history_state(history).ended);
	history_end(history);
	assert_true(history_state(history).ended);
	history_free(history);
	(void)state;
}

/* Each interval lies in exactly one slice, in order. */
static void check_seamless(struct history *history, uint64_t intervals)
{
	struct history_slice slices[HISTORY_MOST_SLICES];
	size_t count = history_slices(history, 0, slices, HISTORY_MOST_SLICES);
	uint64_t next = 1, faults = 0;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(slices[i].first, next);
		assert_int_equal(slices[i].start_ns, (next - 1) * SECOND);
		assert_int_equal(slices[i].counts->totals.counts.faults, 10 * (slices[i].number - next + 1));
		next = slices[i].number + 1;
		faults += slices[i].counts->totals.counts.faults;
	}
	assert_int_equal(next, intervals + 1);
	assert_int_equal(faults, 10 * intervals);
	history_release(slices, count);
}

static void an_hour_is_about_300_slices_that_add_up_to_all(void **state)
{
	struct history *history = after(3600, 3, HISTORY_BYTES);
	struct history_state now = history_state(history);
	struct history_slice slices[HISTORY_MOST_SLICES];
	size_t count;

	assert_int_equal(now.number, 3600);
	assert_int_equal(now.forgotten, 0);
	assert_in_range(now.slices, 200, 300);
	assert_true(now.bytes < HISTORY_BYTES);
	check_seamless(history, 3600);
	count = history_slices(history, 3600 - 120, slices, HISTORY_MOST_SLICES);
	assert_int_equal(count, 120); /* the last two minutes, second by second */
	history_release(slices, count);
	history_free(history);
	(void)state;
}

static void a_day_stays_bounded(void **state)
{
	struct history *history = after(86400, 1, HISTORY_BYTES);

	assert_in_range(history_state(history).slices, 200, HISTORY_MOST_SLICES);
	assert_true(history_state(history).bytes < HISTORY_BYTES);
	check_seamless(history, 86400);
	history_free(history);
	(void)state;
}

static void too_many_bytes_make_fewer_slices_that_still_add_up(void **state)
{
	const size_t bound = 1 << 20;
	struct history *history = after(400, 60, bound);
	struct history_state now = history_state(history);

	assert_true(now.bytes <= bound);
	assert_true(now.slices < 150);
	assert_int_equal(now.forgotten, 0);
	check_seamless(history, 400);
	history_free(history);
	(void)state;
}

/* A slice that is itself nearly as large as the bound: nothing helps but to forget, and that is told. */
static void what_never_fits_is_forgotten_oldest_first(void **state)
{
	struct history *history = history_new(SECOND, 40000);
	struct history_slice slices[HISTORY_MOST_SLICES];
	size_t count;
	struct history_state now;

	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(history_add(history, whole_after(i * 50, 50), i * SECOND), 0);
	now = history_state(history);
	assert_int_equal(now.number, 100);
	assert_int_equal(now.slices, 2);
	assert_int_equal(now.forgotten, 98);
	count = history_slices(history, 0, slices, HISTORY_MOST_SLICES);
	assert_int_equal(slices[count - 1].number, 100);
	history_release(slices, count);
	history_free(history);
	(void)state;
}

static struct snapshot *whole_with_stacks(uint64_t intervals)
{
	struct snapshot *whole = whole_after(intervals, 1);

	whole->stacks = stacks_new();
	for (uint64_t i = 0; i < 200 * intervals; i++) {
		char name[64];
		uint32_t frame;
		struct stack_key key = {.region = REGION_ALLOCATOR, .detail = "class 64", .comm = "bench", .pid = 7};
		struct stack_row *row;

		snprintf(name, sizeof(name), "function_%u_of_the_program", (unsigned int)i);
		frame = stacks_frame(whole->stacks, &(struct frame){.function = name, .object = "bench", .source = ""});
		key.touched = (struct frames){&frame, 1};
		row = stacks_row(whole->stacks, &key);
		assert_non_null(row);
		row->samples = 1;
		row->faults = 1;
	}
	return sample_finish(whole);
}

static void old_slices_lose_their_stacks_before_anything_is_forgotten(void **state)
{
	struct history *history = history_new(SECOND, 400000);
	struct history_slice slices[HISTORY_MOST_SLICES];
	size_t count;

	for (uint64_t i = 1; i <= 30; i++)
		assert_int_equal(history_add(history, whole_with_stacks(i), i * SECOND), 0);
	assert_true(history_state(history).bytes <= 400000);
	assert_int_equal(history_state(history).forgotten, 0);
	check_seamless(history, 30);
	count = history_slices(history, 0, slices, HISTORY_MOST_SLICES);
	assert_int_equal(slices[0].lacks, HISTORY_LACKS_STACKS);
	assert_null(slices[0].counts->stacks);
	assert_int_equal(slices[count - 1].lacks, 0);
	assert_in_range(slices[count - 1].counts->stacks->frame_count, 200, 202); /* those of its own */
	history_release(slices, count);
	history_free(history);
	(void)state;
}

static void a_time_is_the_sum_of_its_slices_and_says_what_was_run(void **state)
{
	struct history *history = after(500, 2, HISTORY_BYTES);
	struct snapshot *part = history_between(history, 490 * SECOND, 495 * SECOND);

	assert_non_null(part);
	assert_int_equal(part->totals.counts.faults, 50);
	assert_int_equal(part->totals.charged_minor, 50);
	assert_int_equal(part->part.start_ns, 490 * SECOND);
	assert_int_equal(part->part.end_ns, 495 * SECOND);
	assert_int_equal(part->wall_ns, 5 * SECOND);
	assert_string_equal(part->command[0], "./bench");
	assert_string_equal(part->kernel.hooks[SUBJECT_FAULT].name, "fentry:handle_mm_fault");
	snapshot_free(part);
	part = history_between(history, 0, UNKNOWN);
	assert_int_equal(part->totals.counts.faults, 5000);
	snapshot_free(part);
	assert_null(history_between(history, 600 * SECOND, UNKNOWN));
	assert_int_equal(errno, ENOENT);
	history_free(history);
	(void)state;
}

static void what_a_reader_holds_stays_when_the_history_goes_on(void **state)
{
	struct history *history = after(5, 1, HISTORY_BYTES);
	struct history_slice slices[HISTORY_MOST_SLICES], whole;
	size_t count = history_slices(history, 0, slices, HISTORY_MOST_SLICES);
	struct snapshot *part;

	assert_int_equal(history_whole(history, &whole), 0);
	for (uint64_t i = 6; i <= 300; i++)
		assert_int_equal(history_add(history, whole_after(i, 1), i * SECOND), 0);
	assert_int_equal(whole.counts->totals.counts.faults, 50);
	assert_int_equal(whole.number, 5);
	assert_int_equal(slices[0].counts->totals.counts.faults, 10);
	part = history_part(history, slices, 1);
	assert_int_equal(part->totals.counts.faults, 10);
	assert_int_equal(part->part.end_ns, SECOND);
	snapshot_free(part);
	history_release(slices, count);
	history_release(&whole, 1);
	history_free(history);
	(void)state;
}

static void *read_on(void *context)
{
	struct history *history = context;
	struct history_slice whole;

	while (!history_state(history).ended) {
		struct snapshot *part = history_between(history, 0, UNKNOWN);

		if (part)
			assert_int_equal(part->totals.counts.faults % 10, 0);
		snapshot_free(part);
		if (!history_whole(history, &whole)) {
			assert_int_equal(whole.counts->totals.counts.faults, 10 * whole.number);
			history_release(&whole, 1);
		}
	}
	return NULL;
}

static void readers_see_whole_slices_while_one_adds(void **state)
{
	struct history *history = history_new(SECOND, HISTORY_BYTES);
	pthread_t readers[2];

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, history), 0);
	for (uint64_t i = 1; i <= 1000; i++)
		assert_int_equal(history_add(history, whole_after(i, 2), i * SECOND), 0);
	history_end(history);
	for (size_t i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	history_free(history);
	(void)state;
}

/* Each interval another process, and all that was counted has them all. */
static struct snapshot *whole_of_processes(uint64_t intervals)
{
	struct snapshot *whole = whole_after(intervals, 1);

	whole->processes = calloc(intervals, sizeof(*whole->processes));
	whole->process_count = intervals;
	for (uint64_t i = 0; i < intervals; i++)
		whole->processes[i] =
		    (struct process_row){.pid = 100 + i, .comm = strdup("bench"), .counts.faults = 10};
	return sample_finish(whole);
}

static size_t allocated(void)
{
	return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void it_takes_about_as_much_memory_as_it_says(void **state)
{
	struct history *history = history_new(SECOND, HISTORY_BYTES);
	struct history_slice whole;
	size_t before = allocated(), after, said;

	for (uint64_t i = 1; i <= 1000; i++)
		assert_int_equal(history_add(history, whole_of_processes(i), i * SECOND), 0);
	after = allocated();
	assert_int_equal(history_whole(history, &whole), 0);
	said = history_state(history).bytes + snapshot_bytes(whole.counts);
	history_release(&whole, 1);
	assert_in_range(after - before, said / 2, said + said / 4);
	history_free(history);
	(void)state;
}

/* Of processes in cgroups, whose names are all that is large. */
static void what_old_slices_lose_is_given_back(void **state)
{
	struct history *history = history_new(SECOND, 1 << 20);
	struct history_slice slices[HISTORY_MOST_SLICES];
	size_t before = allocated();

	for (uint64_t i = 1; i <= 100; i++) {
		struct snapshot *whole = whole_of_processes(i);

		for (size_t process = 0; process < whole->process_count; process++) {
			whole->processes[process].cgroup = calloc(1, 20000);
			memset(whole->processes[process].cgroup, 'c', 19999);
		}
		assert_int_equal(history_add(history, whole, i * SECOND), 0);
	}
	assert_int_equal(history_slices(history, 0, slices, 1), 1);
	assert_int_equal(slices[0].lacks, HISTORY_LACKS_PROCESSES);
	history_release(slices, 1);
	history_free(history);
	assert_true(allocated() < before + 100000);
	(void)state;
}

static void a_copy_has_everything(void **state)
{
	struct snapshot *snapshot = sample_snapshot(), *copy;
	char *one, *other;

	sample_asides(snapshot);
	snapshot->totals.user_ns = 5;
	copy = snapshot_copy(snapshot);
	assert_non_null(copy);
	one = sample_written(output_json, snapshot);
	other = sample_written(output_json, copy);
	assert_string_equal(one, other);
	free(one);
	free(other);
	assert_true(snapshot_bytes(snapshot) > sizeof(*snapshot) + 6 * sizeof(struct region_row));
	snapshot_free(snapshot);
	snapshot_free(copy);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slice_has_what_came_since_the_one_before),
	    cmocka_unit_test(nothing_is_there_before_the_first_slice),
	    cmocka_unit_test(an_hour_is_about_300_slices_that_add_up_to_all),
	    cmocka_unit_test(a_day_stays_bounded),
	    cmocka_unit_test(too_many_bytes_make_fewer_slices_that_still_add_up),
	    cmocka_unit_test(what_never_fits_is_forgotten_oldest_first),
	    cmocka_unit_test(old_slices_lose_their_stacks_before_anything_is_forgotten),
	    cmocka_unit_test(a_time_is_the_sum_of_its_slices_and_says_what_was_run),
	    cmocka_unit_test(what_a_reader_holds_stays_when_the_history_goes_on),
	    cmocka_unit_test(readers_see_whole_slices_while_one_adds),
	    cmocka_unit_test(it_takes_about_as_much_memory_as_it_says),
	    cmocka_unit_test(what_old_slices_lose_is_given_back),
	    cmocka_unit_test(a_copy_has_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
