// SPDX-License-Identifier: MIT
/*
 * An hour of a made-up busy server, by the second: many size classes, processes that come and go, ever new call stacks.
 * The recording stays below what it may have, and its sums are exact.
 */
#include "stack_sample.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "recorded_file.h"

enum {
	SECONDS = 3600,
	CLASSES = 60,          /* regions and details that change in each second */
	WORKERS = 40,          /* processes at work in each second, ... */
	WORKER_SECONDS = 20,   /* each for so long */
	STACKS = 4000,         /* different ones, ... */
	STACKS_A_SECOND = 500, /* of which so many in each second */
	DEPTH = 30,
	FUNCTIONS = 3000,
	SIZE_MOST = 200 << 20, /* what an hour may have */
};

static uint32_t seed = 1;

static uint32_t draw(uint32_t most)
{
	seed = seed * 1664525 + 1013904223;
	return (uint64_t)seed * most >> 32;
}

static uint32_t function(struct stacks *stacks, uint32_t number)
{
	static uint32_t made[FUNCTIONS + DEPTH];
	char name[80], file[32];

	if (made[number])
		return made[number];
	snprintf(name, sizeof(name), "server::connection<%u>::handle_request(char const*, unsigned long)", number);
	snprintf(file, sizeof(file), "src/connection-%u.cc", number / 20);
	made[number] = sample_frame(stacks,
	    &(struct frame){
	        .function = name, .object = "server", .source = file, .line = number, .address = 0x1000 + 64 * number});
	return made[number];
}

/* Stacks have their outer frames in common, as those of programs do. */
static void take_stack(struct snapshot *snapshot, uint32_t number)
{
	uint32_t frames[DEPTH];
	char detail[32];
	struct stack_row *row;

	snprintf(detail, sizeof(detail), "class %u", number % CLASSES);
	for (uint32_t i = 0; i < DEPTH; i++)
		frames[DEPTH - 1 - i] =
		    function(snapshot->stacks, (number >> (i < 20 ? 20 - i : 0)) * 31 % FUNCTIONS + i % 5);
	row = sample_stack(snapshot->stacks,
	    &(struct stack_key){REGION_ALLOCATOR, FAULT_CAUSE_FIRST_TOUCH, detail, "server", 1000 + number % WORKERS,
	        {frames, DEPTH}, {}},
	    1);
	assert_non_null(row);
}

static void work(struct snapshot *snapshot, unsigned int second)
{
	char detail[32];

	for (uint32_t i = 0; i < CLASSES; i++) {
		uint64_t faults = 1000 + draw(1000);
		struct counts *counts;

		snprintf(detail, sizeof(detail), "class %u", i);
		counts = &snapshot_region(snapshot, REGION_ALLOCATOR, detail)->counts;
		counts->faults += faults;
		counts->timeable += faults;
		counts->timed += faults / 20;
		counts->timed_ns += faults / 20 * (1000 + draw(1000));
		counts->covered.faults += faults;
		counts->covered.ns += faults * (1000 + draw(1000));
		counts->covered.variance += draw(500);
		for (int bucket = 8; bucket < 16; bucket++)
			counts->histogram[bucket] += draw(50);
		counts->zeroed_bytes += 4096 * faults;
		counts->zero_events += faults;
		counts->covered.zeroed_bytes += 4096 * faults;
		counts->covered.zero_ns += faults * 300;
		counts->causes[FAULT_CAUSE_FIRST_TOUCH] += faults / 2;
		counts->causes[FAULT_CAUSE_PURGED] += faults - faults / 2;
		counts->waste.zeroed_bytes += 4096 * faults;
		counts->waste.sampled += draw(20);
		snapshot_phase(snapshot, "main")->regions[REGION_ALLOCATOR].faults += faults;
	}
	for (uint32_t i = 0; i < WORKERS; i++) {
		uint32_t number = second / WORKER_SECONDS * WORKERS + i;
		struct process_row *row;

		while (snapshot->process_count <= number) {
			row = &snapshot->processes[snapshot->process_count++];
			*row = (struct process_row){.pid = 1000 + snapshot->process_count, .comm = strdup("server")};
		}
		row = &snapshot->processes[number];
		row->counts.faults += 1000 + draw(1000);
		row->counts.zeroed_bytes += 4096 * draw(2000);
		row->counts.causes[FAULT_CAUSE_FIRST_TOUCH] = row->counts.faults;
	}
	for (uint32_t i = 0; i < STACKS_A_SECOND; i++)
		take_stack(snapshot, draw(draw(10) ? STACKS / 20 : STACKS)); /* most are the usual ones */
}

static void an_hour_of_a_busy_server_is_small(void **state)
{
	struct snapshot *snapshot = sample_new(), *found;
	struct run_period all = {.to_ns = UNKNOWN};
	struct recorded_file file;
	char error[DATABASE_ERROR];
	struct run_reader *reader;
	const struct recorded_run *runs;
	struct stat status;
	uint64_t faults = 0, samples = 0;
	size_t count;

	(void)state;
	snapshot->stacks = stacks_new();
	snapshot->processes = calloc((SECONDS / WORKER_SECONDS + 1) * WORKERS, sizeof(*snapshot->processes));
	recorded_file_open(&file);
	for (unsigned int second = 1; second <= SECONDS; second++) {
		work(snapshot, second);
		if (run_recording_add(file.recording, snapshot, second * 1000000000ULL, error))
			fail_msg("%s", error);
	}
	recorded_file_end(&file, snapshot);
	assert_int_equal(stat(file.path, &status), 0);
	reader = run_reader_open(file.path, error);
	assert_non_null(reader);
	runs = run_reader_runs(reader, &count);
	found = run_reader_read(reader, &runs[0], &all, error);
	if (!found)
		fail_msg("%s", error);
	print_message("%lld bytes, %zu slices, %lld bytes a slice\n", (long long)status.st_size, runs[0].slices,
	    (long long)status.st_size / (long long)runs[0].slices);
	assert_true(status.st_size < SIZE_MOST);
	for (uint32_t i = 0; i < snapshot->region_count; i++)
		faults += snapshot->regions[i].counts.faults;
	assert_int_equal(found->totals.counts.faults, faults);
	for (size_t i = 0; i < found->stacks->row_count; i++)
		samples += found->stacks->rows[i].samples;
	assert_int_equal(samples, (uint64_t)SECONDS * STACKS_A_SECOND);
	run_reader_close(reader);
	snapshot_free(found);
	snapshot_free(snapshot);
	recorded_file_remove(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_hour_of_a_busy_server_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
