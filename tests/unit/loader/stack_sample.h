/* SPDX-License-Identifier: MIT */
/* For unit tests of what shows call stacks: sample_snapshot() with stacks of some of its faults. */
#ifndef STACK_SAMPLE_H
#define STACK_SAMPLE_H

#include "sample.h"
#include "snapshot/stacks.h"

static inline uint32_t sample_frame(struct stacks *stacks, const struct frame *frame)
{
	struct frame whole = *frame;
	uint32_t number;

	whole.function = frame->function ? frame->function : "";
	whole.object = frame->object ? frame->object : "";
	whole.source = frame->source ? frame->source : "";
	number = stacks_frame(stacks, &whole);
	assert_int_not_equal(number, 0);
	return number;
}

/* So many samples, each of which stands for two faults of 1 us that zeroed a page each. */
static inline struct stack_row *sample_stack(struct stacks *stacks, const struct stack_key *key, uint64_t samples)
{
	struct stack_row *row = stacks_row(stacks, key);

	assert_non_null(row);
	row->samples += samples;
	row->faults += 2 * samples;
	row->zeroed_bytes += 2 * 4096 * samples;
	row->timed += 2 * samples;
	row->timed_ns += 2 * 1000 * samples;
	return row;
}

/*
 * Of the 148 faults: the allocator's class 1040 (38) by two stacks, of which one says who allocated; libc's data (62)
 * by two without symbols; the stack's (15) by one with kernel frames, and by one that is not known. Of the other
 * regions there are none.
 */
static inline struct snapshot *sample_with_stacks(void)
{
	struct snapshot *snapshot = sample_snapshot();
	struct stacks *stacks = snapshot->stacks = stacks_new();
	uint32_t start, main_frame, memset_frame, fill[5], load[3], plain[3], kernel[5];

	assert_non_null(stacks);
	stacks->unwinding = UNWINDING_DWARF;
	stacks->sampled = stacks->kernel_frames = stacks->allocation_sites = true;
	stacks->lost = 3;
	stacks->cut = 2;
	stacks->stale = 1;
	start = sample_frame(
	    stacks, &(struct frame){.function = "__libc_start_main", .object = "libc.so.6", .address = 0x271ca});
	main_frame = sample_frame(stacks,
	    &(struct frame){.function = "main", .object = "bench", .source = "bench.c", .line = 60, .address = 0x1200});
	memset_frame =
	    sample_frame(stacks, &(struct frame){.function = "memset", .object = "libc.so.6", .address = 0x9f000});

	/* memset <- fill, inlined into work() <- main */
	fill[0] = memset_frame;
	fill[1] = sample_frame(stacks, &(struct frame){.function = "fill",
	                                   .object = "bench",
	                                   .source = "bench.c",
	                                   .line = 12,
	                                   .inlined = true,
	                                   .address = 0x1180});
	fill[2] = sample_frame(stacks, &(struct frame){.function = "work(int; char const*)",
	                                   .object = "bench",
	                                   .source = "bench.c",
	                                   .line = 40,
	                                   .address = 0x1180});
	fill[3] = main_frame;
	fill[4] = start;
	sample_stack(stacks,
	    &(struct stack_key){REGION_ALLOCATOR, FAULT_CAUSE_FIRST_TOUCH, "class 1040", "bench", 4312, {fill, 5}, {}},
	    6);
	sample_stack(stacks,
	    &(struct stack_key){
	        REGION_ALLOCATOR, FAULT_CAUSE_PURGED, "class 1040", "bench", 4312, {fill + 2, 3}, {fill + 3, 2}},
	    3);

	load[0] = sample_frame(stacks, &(struct frame){.object = "ld-linux-x86-64.so.2", .address = 0x1f0a4});
	load[1] = sample_frame(stacks, &(struct frame){.address = 0x7fff12345678});
	load[2] = sample_frame(stacks, &(struct frame){.function = "?", .object = "[jit]", .address = 1});
	sample_stack(
	    stacks, &(struct stack_key){REGION_LIBC, FAULT_CAUSE_FILE, "data", "bench", 4312, {load, 1}, {}}, 10);
	sample_stack(stacks,
	    &(struct stack_key){REGION_LIBC, FAULT_CAUSE_FILE, "data", "bench \"2\"\n", 4313, {load, 3}, {}}, 11);

	kernel[0] = sample_frame(stacks,
	    &(struct frame){
	        .function = "clear_page_erms", .object = "[kernel]", .kernel = true, .address = UINT64_MAX - 0xfff});
	kernel[1] = sample_frame(stacks,
	    &(struct frame){
	        .function = "asm_exc_page_fault", .object = "[kernel]", .kernel = true, .address = UINT64_MAX - 0xff});
	plain[0] = sample_frame(
	    stacks, &(struct frame){.function = "deep", .object = "bench", .source = "src/a:7.c", .address = 0x1300});
	kernel[2] = plain[0];
	kernel[3] = main_frame;
	kernel[4] = start;
	sample_stack(stacks,
	    &(struct stack_key){REGION_STACK, FAULT_CAUSE_FIRST_TOUCH, "main", "bench", 4312, {kernel, 5}, {}}, 4);
	sample_stack(stacks, &(struct stack_key){REGION_STACK, FAULT_CAUSE_UNKNOWN, "main", "bench", 4312, {}, {}}, 1);
	return sample_finish(snapshot);
}

#endif
