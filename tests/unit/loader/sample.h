/* SPDX-License-Identifier: MIT */
/*
 * What the loader's unit tests share: cmocka, a snapshot with some of everything, and an output's bytes as a string.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "output/output.h"
#include "snapshot/snapshot.h"

static inline char **sample_strings(const char *const *strings, size_t count)
{
	char **copy = calloc(count + 1, sizeof(*copy));

	assert_non_null(copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = strdup(strings[i]);
	return copy;
}

/* A row in which every fault was timed at about 1.5 us and every page cleared in 250 ns. */
static inline struct counts *sample_row(
    struct snapshot *snapshot, enum region region, const char *detail, uint64_t faults, uint64_t pages_zeroed)
{
	struct region_row *row = snapshot_region(snapshot, region, detail);

	assert_non_null(row);
	row->counts.faults = faults;
	row->counts.timeable = faults;
	row->counts.timed = faults;
	row->counts.timed_ns = faults * 1500;
	row->counts.histogram[10] = faults;
	row->counts.zeroed_bytes = pages_zeroed * 4096;
	row->counts.zero_events = pages_zeroed;
	row->counts.covered.faults = faults;
	row->counts.covered.ns = faults * 1500;
	row->counts.covered.zeroed_bytes = pages_zeroed * 4096;
	row->counts.covered.zero_ns = pages_zeroed * 250;
	row->counts.causes[FAULT_CAUSE_FIRST_TOUCH] = faults;
	return &row->counts;
}

static inline struct hook sample_hook(const char *name, enum method method)
{
	return (struct hook){.rung = strdup("full"), .name = strdup(name), .method = method};
}

/* A run of ./bench without rows yet; the caller adds them, then calls sample_finish(). */
static inline struct snapshot *sample_new(void)
{
	static const char *const command[] = {"./bench", "1000", "two words"};
	static const char *const cannot[] = {"which page of a huge one was touched first"};
	struct snapshot *snapshot = snapshot_new();

	assert_non_null(snapshot);
	snapshot->command = sample_strings(command, 3);
	snapshot->pid = 4312;
	snapshot->wall_ns = 12100000;
	snapshot->totals.traced_ns = 12132000;
	snapshot->totals.own_ns = 132000;
	snapshot->kernel.release = strdup("6.12.1");
	snapshot->kernel.lockdown = strdup("none");
	snapshot->kernel.hooks[SUBJECT_FAULT] = sample_hook("fentry:handle_mm_fault", METHOD_EXACT);
	snapshot->kernel.hooks[SUBJECT_FAULT_TIME] = sample_hook("fexit:handle_mm_fault", METHOD_EXACT);
	snapshot->kernel.hooks[SUBJECT_ZERO] = sample_hook("fexit:get_page_from_freelist", METHOD_EXACT);
	snapshot->kernel.hooks[SUBJECT_ZERO_TIME] = sample_hook("fexit:get_page_from_freelist", METHOD_UPPER_BOUND);
	snapshot->kernel.init_on_alloc = 1;
	snapshot->kernel.cannot = sample_strings(cannot, 1);
	return snapshot;
}

static inline struct snapshot *sample_finish(struct snapshot *snapshot)
{
	snapshot_finish(snapshot);
	snapshot->totals.charged_major = snapshot->totals.counts.major;
	snapshot->totals.charged_minor = snapshot->totals.counts.faults - snapshot->totals.counts.major;
	return snapshot;
}

/* Three quarters before main; one library made pages fault again. */
static inline void sample_phases(struct snapshot *snapshot)
{
	struct phase_row *phase = snapshot_phase(snapshot, "before main");
	struct purger_row *purger = snapshot_purger(snapshot, "libfoo.so", "madvise", REGION_ALLOCATOR);

	assert_non_null(phase);
	assert_non_null(purger);
	phase->regions[REGION_LIBC].faults = 110;
	phase = snapshot_phase(snapshot, "main");
	assert_non_null(phase);
	phase->regions[REGION_ALLOCATOR].faults = 38;
	purger->faults = 8;
	purger->zeroed_bytes = 8 * 4096;
}

/* 148 faults. */
static inline struct snapshot *sample_snapshot(void)
{
	struct snapshot *snapshot = sample_new();

	sample_row(snapshot, REGION_LIBC, "data", 62, 48)->major = 1;
	sample_row(snapshot, REGION_ALLOCATOR, "metadata", 3, 3);
	sample_row(snapshot, REGION_ALLOCATOR, "class 1040", 38, 38)->populated = 8;
	snapshot_region(snapshot, REGION_ALLOCATOR, "class 1040")->counts.causes[FAULT_CAUSE_FIRST_TOUCH] = 30;
	snapshot_region(snapshot, REGION_ALLOCATOR, "class 1040")->counts.causes[FAULT_CAUSE_PURGED] = 8;
	sample_row(snapshot, REGION_PROGRAM, "data", 30, 24);
	sample_row(snapshot, REGION_STACK, "main", 15, 15);
	sample_row(snapshot, REGION_KERNEL, "page-table", 0, 9);
	sample_phases(snapshot);
	return sample_finish(snapshot);
}

/* Two faults failed. Of 38 pages zeroed one in two was sampled; of those that were given back by now half held
 * something. */
static inline void sample_asides(struct snapshot *snapshot)
{
	struct counts *counts = &snapshot_region(snapshot, REGION_ALLOCATOR, "class 1040")->counts;

	counts->failed = 2;
	counts->waste = (struct waste){
	    .zeroed_bytes = counts->zeroed_bytes,
	    .sampled = 19,
	    .checked = 16,
	    .sampled_weight = 38,
	    .checked_weight = 32,
	    .checked_squares = 64,
	    .unused_weight = 16,
	};
	snapshot->totals.failed = 3;
	sample_finish(snapshot);
}

/* What an output's `write` writes; the caller frees it. */
typedef int sample_write(const struct snapshot *, const struct output_options *, FILE *);
/* noinline: gcc takes what lies in the bytes for what points to `bytes`. */
static __attribute__((noinline, unused)) char *sample_written_with(
    sample_write *write, const struct output_options *options, const struct snapshot *snapshot)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	assert_int_equal(write(snapshot, options, file), 0);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static inline char *sample_written(sample_write *write, const struct snapshot *snapshot)
{
	return sample_written_with(write, &(struct output_options){}, snapshot);
}

#define assert_contains(bytes, part)                                                                                   \
	do {                                                                                                           \
		if (!strstr(bytes, part))                                                                              \
			fail_msg("no \"%s\" in:\n%s", part, bytes);                                                    \
	} while (0)

#define assert_lacks(bytes, part)                                                                                      \
	do {                                                                                                           \
		if (strstr(bytes, part))                                                                               \
			fail_msg("\"%s\" in:\n%s", part, bytes);                                                       \
	} while (0)

#endif
