// SPDX-License-Identifier: MIT
/*
 * Samples of hardware that this machine need not have: bytes as the kernel writes them for IBS and PEBS, put together
 * by hand, through the decoder, the data source's reading and the classifier.
 */
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "misses/data_source.h"
#include "misses/miss_sampler.h"

#define PID       77
#define SUPERSLAB (21ULL << 21)
#define ANONYMOUS 0x7f0000000000ULL
#define ROOM      512

static const uint64_t identifiers[] = {1000, 1001, 1002};
static const struct perf_layout layout = {.identifiers = identifiers, .count = 3, .details = true};

/* Bytes of one record. */
static union {
	struct perf_event_header header;
	uint64_t words[ROOM / 8];
} bytes;
static size_t used;

static void begin(uint32_t type, uint16_t misc)
{
	memset(&bytes, 0, sizeof(bytes));
	bytes.header.type = type;
	bytes.header.misc = misc;
	used = 1;
}

static void word(uint64_t value)
{
	bytes.words[used++] = value;
}

static void two(uint32_t low, uint32_t high)
{
	word((uint64_t)high << 32 | low);
}

static void text(const char *value)
{
	strcpy((char *)&bytes.words[used], value);
	used += strlen(value) / 8 + 1;
}

static const struct perf_event_header *end(void)
{
	bytes.header.size = 8 * used;
	return &bytes.header;
}

/* What ends records that are no samples. */
static const struct perf_event_header *end_with_time(uint64_t time)
{
	two(PID, PID);
	word(time);
	word(identifiers[0]);
	return end();
}

static const struct perf_event_header *sample(
    uint64_t identifier, uint64_t time, uint64_t address, uint64_t weight, union perf_mem_data_src source)
{
	begin(PERF_RECORD_SAMPLE, 0);
	word(identifier);
	word(0x400000); /* instruction */
	two(PID, PID);
	word(time);
	word(address);
	word(weight);
	word(source.val);
	return end();
}

static const struct perf_event_header *map(
    uint64_t time, uint64_t start, uint64_t size, uint32_t protection, const char *name)
{
	begin(PERF_RECORD_MMAP2, 0);
	two(PID, PID);
	word(start);
	word(size);
	word(0); /* offset */
	two(8, 1);
	word(5); /* inode */
	word(0);
	two(protection, MAP_PRIVATE);
	text(name);
	return end_with_time(time);
}

static const struct perf_event_header *executed(uint64_t time)
{
	begin(PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
	two(PID, PID);
	text("bench");
	return end_with_time(time);
}

/* As arch/x86/events/amd/ibs.c tells it. */
static union perf_mem_data_src ibs(uint64_t operation, uint64_t tlb, uint64_t level_number)
{
	return (union perf_mem_data_src){.mem_op = operation, .mem_dtlb = tlb, .mem_lvl_num = level_number};
}

#define IBS_L1_HIT  (PERF_MEM_TLB_L1 | PERF_MEM_TLB_HIT)
#define IBS_L2_HIT  (PERF_MEM_TLB_L2 | PERF_MEM_TLB_HIT)
#define IBS_L2_MISS (PERF_MEM_TLB_L2 | PERF_MEM_TLB_MISS)

static struct miss_event_chosen chosen[2];
static struct miss_sampler sampler;
static struct misses *misses;

static void feed(const struct perf_event_header *header)
{
	struct perf_record record;

	assert_int_equal(perf_decode(header, &layout, &record), 1);
	miss_sampler_take(&sampler, &record);
	free(record.name);
}

/* An IBS event and one of page walks; a process that has executed, and published one SuperSlab. */
static int start(void **state)
{
	static struct reading reading = {.since = 100, .until = 1000};

	(void)state;
	chosen[0].kind = miss_event_find("ibs-op");
	chosen[1].kind = miss_event_find("stlb-miss-loads");
	misses = misses_new();
	misses_event(misses, "ibs-op", "ibs_op/cnt_ctl=1/", 262144);
	misses_event(misses, "stlb-miss-loads", "cpu/event=0xd0,umask=0x11/P", 1009);
	sampler = (struct miss_sampler){.chosen = chosen, .misses = misses};
	for (size_t i = 0; i < PERF_SOURCES; i++)
		sampler.event_of_source[i] = SIZE_MAX;
	sampler.event_of_source[1] = 0;
	sampler.event_of_source[2] = 1;
	assert_int_equal(perf_spaces_start(&sampler.spaces, PID, 1), 0);
	sampler.processes = calloc(1, sizeof(*sampler.processes));
	sampler.processes[0].memory = (struct memory){.contents = -1, .pages = -1};
	sampler.process_count = 1;
	reading.map.class_size[2] = 64;
	reading.map.slots[21].tag = HAKMEM_TAG(21, HAKMEM_RANGE_SUPERSLAB);
	memset(reading.map.slots[21].slab_class, 2, HAKMEM_CHUNK_SLABS);
	reading.map.slots[21].slab_class[1] = HAKMEM_SLAB_MEDIUM;
	readings_add(&sampler.processes[0].readings, &reading);
	feed(executed(100));
	feed(map(101, ANONYMOUS, 8 << 20, PROT_READ | PROT_WRITE, "//anon"));
	feed(map(102, 0x400000, 1 << 20, PROT_READ | PROT_EXEC, "/bin/bench"));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	miss_sampler_close(&sampler);
	misses_free(misses);
	return 0;
}

static void conclude(void)
{
	assert_int_equal(miss_sampler_stop(&sampler), 0);
	misses_finish(misses);
}

static const uint64_t *row(int event, enum region region, const char *detail)
{
	size_t number = miss_event_row(&misses->events[event], region, detail);

	return misses->events[event].rows[number].figures;
}

static void ibs_tells_levels(void **state)
{
	const uint64_t *figures;

	(void)state;
	feed(sample(1001, 200, SUPERSLAB + 8, 0, ibs(PERF_MEM_OP_LOAD, IBS_L1_HIT, PERF_MEM_LVLNUM_L1)));
	feed(sample(1001, 201, SUPERSLAB + 8, 200, ibs(PERF_MEM_OP_LOAD, IBS_L2_HIT, PERF_MEM_LVLNUM_L2)));
	feed(sample(1001, 202, SUPERSLAB + 8, 400, ibs(PERF_MEM_OP_LOAD, IBS_L2_MISS, PERF_MEM_LVLNUM_RAM)));
	feed(sample(1001, 203, SUPERSLAB + 65536, 0, ibs(PERF_MEM_OP_STORE, IBS_L1_HIT, PERF_MEM_LVLNUM_NA)));
	feed(sample(1001, 204, ANONYMOUS + 5, 0, ibs(PERF_MEM_OP_LOAD, IBS_L1_HIT, PERF_MEM_LVLNUM_L1)));
	conclude();
	figures = row(0, REGION_ALLOCATOR, "class 64");
	assert_int_equal(figures[MISS_ACCESSES], 3);
	assert_int_equal(figures[MISS_TLB_FIRST], 2);
	assert_int_equal(figures[MISS_TLB_LAST], 1);
	assert_int_equal(figures[MISS_CACHE_FIRST], 2);
	assert_int_equal(figures[MISS_CACHE_LAST], 1);
	assert_int_equal(figures[MISS_LATENCY_TOLD], 2);
	assert_int_equal(figures[MISS_LATENCY], 600);
	assert_int_equal(row(0, REGION_ALLOCATOR, "medium")[MISS_ACCESSES], 1);
	assert_true(row(0, REGION_ALLOCATOR, "medium")[MISS_CACHE_FIRST] == UNKNOWN);
	assert_int_equal(row(0, REGION_ANON, "")[MISS_ACCESSES], 1);
	assert_int_equal(misses->events[0].totals[MISS_ACCESSES], 5);
	assert_int_equal(misses->events[0].unsure, 0);
}

/* IBS samples every operation: those that are neither load nor store, or have no address, are in no row. */
static void other_operations_are_put_aside(void **state)
{
	(void)state;
	feed(sample(1001, 200, 0, 0, ibs(PERF_MEM_OP_NA, 0, 0)));
	feed(sample(1001, 201, SUPERSLAB, 0, ibs(PERF_MEM_OP_PFETCH, IBS_L1_HIT, 0)));
	feed(sample(1001, 202, 0, 0, ibs(PERF_MEM_OP_LOAD, IBS_L1_HIT, 0)));
	feed(sample(1001, 203, SUPERSLAB, 0, ibs(PERF_MEM_OP_LOAD, IBS_L1_HIT, 0)));
	conclude();
	assert_int_equal(misses->events[0].aside, 3);
	assert_int_equal(misses->events[0].totals[MISS_ACCESSES], 1);
}

/* Each sample of the event is a walk, though PEBS says nothing of the TLB there. */
static void a_sample_of_walks_is_a_walk(void **state)
{
	union perf_mem_data_src source = {
	    .mem_op = PERF_MEM_OP_LOAD, .mem_lvl = PERF_MEM_LVL_L3 | PERF_MEM_LVL_HIT, .mem_dtlb = PERF_MEM_TLB_NA};

	(void)state;
	feed(sample(1002, 200, ANONYMOUS, 0, source));
	feed(sample(1002, 201, 0x400010, 0, source));
	feed(sample(1002, 202, 0xffff888000000000, 0, source));
	conclude();
	assert_int_equal(row(1, REGION_ANON, "")[MISS_TLB_LAST], 1);
	assert_int_equal(row(1, REGION_PROGRAM, "text")[MISS_TLB_LAST], 1);
	assert_int_equal(row(1, REGION_KERNEL, "other")[MISS_TLB_LAST], 1);
	assert_int_equal(misses->events[1].totals[MISS_CACHE_FIRST], 3);
	assert_int_equal(misses->events[1].totals[MISS_CACHE_LAST], 0);
	assert_int_equal(misses->events[0].totals[MISS_ACCESSES], 0);
}

/* Intel: "in L1 or L2" says that the page was not walked for, not that the first level had it. */
static void intel_does_not_tell_the_first_level(void **state)
{
	union perf_mem_data_src hit = {.mem_op = PERF_MEM_OP_LOAD,
	    .mem_lvl = PERF_MEM_LVL_L1 | PERF_MEM_LVL_HIT,
	    .mem_dtlb = PERF_MEM_TLB_HIT | PERF_MEM_TLB_L1 | PERF_MEM_TLB_L2};
	union perf_mem_data_src store = {.mem_op = PERF_MEM_OP_STORE,
	    .mem_lvl = PERF_MEM_LVL_L1 | PERF_MEM_LVL_MISS,
	    .mem_dtlb = PERF_MEM_TLB_MISS | PERF_MEM_TLB_L2};
	uint64_t figures[MISS_FIGURES] = {};

	(void)state;
	data_source_count(hit.val, 5, figures);
	assert_int_equal(figures[MISS_TLB_FIRST_TOLD], 0);
	assert_int_equal(figures[MISS_TLB_LAST_TOLD], 1);
	assert_int_equal(figures[MISS_TLB_LAST], 0);
	assert_int_equal(figures[MISS_CACHE_FIRST_TOLD], 1);
	assert_int_equal(figures[MISS_CACHE_FIRST], 0);
	data_source_count(store.val, 0, figures);
	assert_int_equal(figures[MISS_TLB_FIRST], 1);
	assert_int_equal(figures[MISS_TLB_LAST], 1);
	assert_int_equal(figures[MISS_CACHE_FIRST], 1);
	assert_int_equal(figures[MISS_CACHE_LAST_TOLD], 1); /* only of the hit */
	assert_int_equal(figures[MISS_LATENCY], 5);
}

static void nothing_is_told_of_a_page_fault(void **state)
{
	union perf_mem_data_src nothing = {.mem_op = PERF_MEM_OP_NA,
	    .mem_lvl = PERF_MEM_LVL_NA,
	    .mem_dtlb = PERF_MEM_TLB_NA,
	    .mem_lvl_num = PERF_MEM_LVLNUM_NA};
	uint64_t figures[MISS_FIGURES] = {};

	(void)state;
	data_source_count(nothing.val, 0, figures);
	assert_int_equal(figures[MISS_ACCESSES], 1);
	for (enum miss_figure figure = MISS_ACCESSES + 1; figure < MISS_FIGURES; figure++)
		assert_int_equal(figures[figure], 0);
}

static void times_outside_of_the_readings_are_unsure(void **state)
{
	(void)state;
	feed(sample(1002, 50, SUPERSLAB, 0, ibs(PERF_MEM_OP_LOAD, 0, 0)));
	feed(sample(1002, 5000, SUPERSLAB, 0, ibs(PERF_MEM_OP_LOAD, 0, 0)));
	feed(sample(1002, 5000, 0x400010, 0, ibs(PERF_MEM_OP_LOAD, 0, 0))); /* libhakmem's can't be there */
	conclude();
	assert_int_equal(row(1, REGION_ALLOCATOR, "class 64")[MISS_ACCESSES], 2);
	assert_int_equal(misses->events[1].unsure, 2);
}

static void other_processes_are_left_out(void **state)
{
	struct perf_record record;

	(void)state;
	assert_int_equal(
	    perf_decode(sample(1002, 200, ANONYMOUS, 0, ibs(PERF_MEM_OP_LOAD, 0, 0)), &layout, &record), 1);
	record.pid = PID + 1;
	miss_sampler_take(&sampler, &record);
	conclude();
	assert_int_equal(misses->events[1].totals[MISS_ACCESSES], 0);
}

static void losses_are_counted(void **state)
{
	(void)state;
	begin(PERF_RECORD_LOST, 0);
	word(1002);
	word(13);
	feed(end_with_time(300));
	begin(PERF_RECORD_THROTTLE, 0);
	word(300);
	word(1002);
	word(1002);
	feed(end_with_time(300));
	conclude();
	assert_int_equal(misses->events[1].lost, 13);
	assert_int_equal(sampler.throttled, 1);
	assert_non_null(misses->limits[2]);
	assert_non_null(strstr(misses->limits[2], "1 times"));
}

static void short_and_strange_records_are_left_out(void **state)
{
	struct perf_record record;

	(void)state;
	sample(1001, 200, ANONYMOUS, 0, ibs(PERF_MEM_OP_LOAD, 0, 0));
	bytes.header.size -= 8;
	assert_int_equal(perf_decode(&bytes.header, &layout, &record), 0);
	assert_int_equal(perf_decode(sample(4, 200, ANONYMOUS, 0, ibs(0, 0, 0)), &layout, &record), 0);
	begin(PERF_RECORD_MMAP2, 0);
	assert_int_equal(perf_decode(end(), &layout, &record), 0);
	begin(PERF_RECORD_KSYMBOL, 0);
	assert_int_equal(perf_decode(end_with_time(1), &layout, &record), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(ibs_tells_levels, start, stop),
	    cmocka_unit_test_setup_teardown(other_operations_are_put_aside, start, stop),
	    cmocka_unit_test_setup_teardown(a_sample_of_walks_is_a_walk, start, stop),
	    cmocka_unit_test(intel_does_not_tell_the_first_level),
	    cmocka_unit_test(nothing_is_told_of_a_page_fault),
	    cmocka_unit_test_setup_teardown(times_outside_of_the_readings_are_unsure, start, stop),
	    cmocka_unit_test_setup_teardown(other_processes_are_left_out, start, stop),
	    cmocka_unit_test_setup_teardown(losses_are_counted, start, stop),
	    cmocka_unit_test(short_and_strange_records_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
