/* SPDX-License-Identifier: MIT */
/*
 * What tests of stacks share: sample_snapshot() with the stacks of all its faults but the 15 of the stack.
 *
 *   main (bench.c:10) -> parse (bench.c:20) -> malloc (libc)     38 faults in allocator, class 1040
 *   main (bench.c:11) -> walk (bench.c:30) -> walk -> walk       30 faults in program, data
 *   _start -> main -> no source                                  62 faults in libc, data; another process
 *   parse (bench.c:20), inlined into main                         3 faults in allocator, metadata
 */
#ifndef KNOWN_STACKS_H
#define KNOWN_STACKS_H

#include "sample.h"

#include "snapshot/stacks.h"

static inline uint32_t known_frame(
    struct stacks *stacks, const char *function, const char *object, const char *source, uint32_t line)
{
	struct frame frame = {.function = function, .object = object, .source = source, .line = line, .address = line};
	uint32_t number = stacks_frame(stacks, &frame);

	assert_int_not_equal(number, 0);
	return number;
}

/* So many faults, a page zeroed and 1.5 us each. */
static inline struct stack_row *known_stack(
    struct stacks *stacks, struct stack_key key, uint64_t faults, const uint32_t *frames, size_t count)
{
	struct stack_row *row;

	key.touched = (struct frames){frames, count};
	row = stacks_row(stacks, &key);
	assert_non_null(row);
	row->samples += faults;
	row->faults += faults;
	row->zeroed_bytes += 4096.0 * faults;
	row->timed += faults;
	row->timed_ns += 1500.0 * faults;
	return row;
}

static inline struct snapshot *known_stacks(void)
{
	struct snapshot *snapshot = sample_snapshot();
	struct stacks *stacks = snapshot->stacks = stacks_new();
	uint32_t at_10, at_11, at_20, at_30, at_31, in_malloc, start, unnamed, inlined;
	struct frame frame = {
	    .function = "parse", .object = "bench", .source = "src/bench.c", .line = 21, .inlined = true};

	assert_non_null(stacks);
	at_10 = known_frame(stacks, "main", "bench", "src/bench.c", 10);
	at_11 = known_frame(stacks, "main", "bench", "src/bench.c", 11);
	at_20 = known_frame(stacks, "parse", "bench", "src/bench.c", 20);
	at_30 = known_frame(stacks, "walk", "bench", "src/bench.c", 30);
	at_31 = known_frame(stacks, "walk", "bench", "src/bench.c", 31);
	in_malloc = known_frame(stacks, "malloc", "libc.so.6", "", 0);
	start = known_frame(stacks, "_start", "ld.so", "", 0);
	unnamed = known_frame(stacks, "", "ld.so", "", 77);
	inlined = stacks_frame(stacks, &frame);
	known_stack(stacks,
	    (struct stack_key){.region = REGION_ALLOCATOR,
	        .detail = "class 1040",
	        .comm = "bench",
	        .pid = 7,
	        .cause = FAULT_CAUSE_FIRST_TOUCH},
	    38, (uint32_t[]){in_malloc, at_20, at_10}, 3);
	known_stack(stacks,
	    (struct stack_key){
	        .region = REGION_PROGRAM, .detail = "data", .comm = "bench", .pid = 7, .cause = FAULT_CAUSE_FILE},
	    30, (uint32_t[]){at_31, at_30, at_30, at_11}, 4);
	known_stack(stacks,
	    (struct stack_key){
	        .region = REGION_LIBC, .detail = "data", .comm = "other", .pid = 8, .cause = FAULT_CAUSE_COPY_ON_WRITE},
	    62, (uint32_t[]){unnamed, start}, 2);
	known_stack(stacks,
	    (struct stack_key){.region = REGION_ALLOCATOR,
	        .detail = "metadata",
	        .comm = "bench",
	        .pid = 7,
	        .cause = FAULT_CAUSE_FIRST_TOUCH},
	    3, (uint32_t[]){inlined, at_10}, 2);
	return sample_finish(snapshot);
}

/* Two processes; none is known of three faults. */
static inline void sample_processes(struct snapshot *snapshot)
{
	snapshot->processes = calloc(2, sizeof(*snapshot->processes));
	assert_non_null(snapshot->processes);
	snapshot->process_count = 2;
	snapshot->processes[0] = (struct process_row){.pid = 7, .comm = strdup("bench")};
	snapshot->processes[0].counts.faults = 83;
	snapshot->processes[1] = (struct process_row){.pid = 8, .comm = strdup("other")};
	snapshot->processes[1].counts.faults = 62;
	snapshot->processes[1].counts.zeroed_bytes = 8192;
}

#endif
