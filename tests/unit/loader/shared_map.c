// SPDX-License-Identifier: MIT
/* libhakmem's table: looked up in a copy, kept up to date by the stores that a stream tells, and read at moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "misses/readings.h"
#include "process/shared_map.h"

#define AT    0x600000000000ULL /* where the table lies in the program's memory */
#define CHUNK (2ULL << 20)
#define SLAB  (64ULL << 10)
#define HERE  (7 * CHUNK)

/* The program's memory has nothing but a table. */
static struct hakmem_map memory;
static bool ended;

static int read_it(void *context, uint64_t address, void *buffer, size_t size)
{
	(void)context;
	if (ended || address < AT || address + size > AT + sizeof(memory))
		return -1;
	memcpy(buffer, (char *)&memory + (address - AT), size);
	return 0;
}

static void publish(uint64_t address, enum hakmem_range_kind kind, int class)
{
	struct hakmem_map_slot *slot = &memory.slots[(address >> HAKMEM_CHUNK_SHIFT) % HAKMEM_MAP_SLOTS];

	memset(slot->slab_class, class, sizeof(slot->slab_class));
	slot->tag = HAKMEM_TAG(address >> HAKMEM_CHUNK_SHIFT, kind);
}

static uint64_t slot_address(uint64_t address)
{
	return AT +
	       (uint64_t)((char *)&memory.slots[(address >> HAKMEM_CHUNK_SHIFT) % HAKMEM_MAP_SLOTS] - (char *)&memory);
}

static int empty(void **state)
{
	(void)state;
	memset(&memory, 0, sizeof(memory));
	memory.magic = HAKMEM_MAP_MAGIC;
	memory.version = HAKMEM_MAP_VERSION;
	memory.size = sizeof(memory);
	memory.class_size[3] = 64;
	memory.class_size[4] = 128;
	memory.extent[0] = (struct hakmem_map_extent){100, 200};
	ended = false;
	return 0;
}

static void every_kind_is_found(void **state)
{
	struct published found;

	(void)state;
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 3);
	memory.slots[HERE / CHUNK].slab_class[1] = HAKMEM_SLAB_MEDIUM;
	memory.slots[HERE / CHUNK].slab_class[2] = HAKMEM_SLAB_FREE;
	publish(HERE + CHUNK, HAKMEM_RANGE_LARGE, 0);
	publish(HERE + 2 * CHUNK, HAKMEM_RANGE_METADATA, 0);
	memory.granules[9] = HAKMEM_TAG(9, HAKMEM_RANGE_LARGE);
	found = published_find(&memory, HERE + SLAB - 1);
	assert_int_equal(found.kind, OWNER_ALLOCATOR_CLASS);
	assert_int_equal(found.block_size, 64);
	assert_ptr_equal(found.source, &memory.slots[7].tag);
	assert_int_equal(published_find(&memory, HERE + SLAB).kind, OWNER_ALLOCATOR_MEDIUM);
	assert_int_equal(published_find(&memory, HERE + 2 * SLAB).kind, OWNER_ALLOCATOR_METADATA);
	assert_int_equal(published_find(&memory, HERE + CHUNK).kind, OWNER_ALLOCATOR_LARGE);
	assert_int_equal(published_find(&memory, HERE + 2 * CHUNK).kind, OWNER_ALLOCATOR_METADATA);
	assert_int_equal(published_find(&memory, 9ULL << HAKMEM_GRANULE_SHIFT).kind, OWNER_ALLOCATOR_LARGE);
	assert_int_equal(published_find(&memory, 100).kind, OWNER_ALLOCATOR_METADATA);
	assert_int_equal(published_find(&memory, 200).kind, OWNER_NONE);
	assert_int_equal(published_find(&memory, HERE - 1).kind, OWNER_NONE);
}

/* A retired slot is passed by, an empty one ends the search. */
static void searches_end_at_an_empty_slot(void **state)
{
	(void)state;
	memory.slots[7].tag = HAKMEM_TAG_RETIRED;
	memory.slots[8].tag = HAKMEM_TAG(7, HAKMEM_RANGE_LARGE);
	assert_int_equal(published_find(&memory, HERE).kind, OWNER_ALLOCATOR_LARGE);
	memory.slots[7].tag = 0;
	assert_int_equal(published_find(&memory, HERE).kind, OWNER_NONE);
}

static struct shared_map *found_map(void)
{
	struct shared_map *map = calloc(1, sizeof(*map));

	map->read = read_it;
	assert_int_equal(shared_map_found(map, AT, (struct stream_position){0, 1000}), 0);
	return map;
}

static struct stream_position at(uint64_t taken)
{
	return (struct stream_position){taken, taken + 1000};
}

static void what_is_no_table_is_refused(void **state)
{
	struct shared_map *map = calloc(1, sizeof(*map));

	(void)state;
	map->read = read_it;
	memory.version++;
	assert_int_equal(shared_map_found(map, AT, at(0)), -1);
	assert_int_equal(shared_map_find(map, 100, at(0)).kind, OWNER_NONE);
	free(map);
}

static void a_told_store_is_read(void **state)
{
	struct shared_map *map = found_map();

	(void)state;
	assert_int_equal(shared_map_find(map, HERE, at(2000)).kind, OWNER_NONE);
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 3);
	/* Not told yet: a store elsewhere says nothing of it. */
	shared_map_store(map, AT - 8, 8, at(2100));
	assert_int_equal(shared_map_find(map, HERE, at(2200)).kind, OWNER_NONE);
	shared_map_store(map, slot_address(HERE), 8, at(3000));
	assert_int_equal(shared_map_find(map, HERE, at(3010)).block_size, 64);
	assert_int_equal(map->unsure, 0);
	free(map);
}

/* The line of a store may come before the store: what is read at once is read again. */
static void a_store_that_comes_after_its_line_is_seen(void **state)
{
	struct shared_map *map = found_map();

	(void)state;
	shared_map_store(map, slot_address(HERE), 8, at(3000));
	assert_int_equal(shared_map_find(map, HERE, at(3010)).kind, OWNER_NONE);
	publish(HERE, HAKMEM_RANGE_LARGE, 0);
	assert_int_equal(shared_map_find(map, HERE, at(3030)).kind, OWNER_ALLOCATOR_LARGE);
	assert_int_equal(shared_map_find(map, HERE, at(9000)).kind, OWNER_ALLOCATOR_LARGE);
	free(map);
}

/*
 * The program is ahead: at the time when the first store's value is read it may have made the second one, which is told
 * only later. What was looked up between is counted.
 */
static void a_value_from_the_future_is_counted(void **state)
{
	struct shared_map *map = found_map();

	(void)state;
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 3);
	shared_map_store(map, slot_address(HERE), 8, at(3000));
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 4);
	for (int i = 0; i < 5; i++)
		assert_int_equal(shared_map_find(map, HERE, at(3600 + i)).block_size, 128);
	shared_map_store(map, slot_address(HERE) + 8, 1, at(4200)); /* before 3600 + 1000 */
	assert_int_equal(map->unsure, 5);
	/* One that the value can't be from. */
	assert_int_equal(shared_map_find(map, HERE, at(9000)).block_size, 128);
	shared_map_store(map, slot_address(HERE) + 8, 1, at(99000));
	assert_int_equal(map->unsure, 5);
	free(map);
}

/* A SuperSlab's slabs change one by one: what was looked up in another is sure. */
static void another_slab_is_another_matter(void **state)
{
	struct shared_map *map;

	(void)state;
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 3);
	map = found_map();
	for (int i = 0; i < 5; i++)
		shared_map_find(map, HERE + SLAB, at(100 + i));
	shared_map_store(map, slot_address(HERE) + 8, 1, at(200));
	assert_int_equal(map->unsure, 0);
	shared_map_store(map, slot_address(HERE) + 9, 1, at(300));
	assert_int_equal(map->unsure, 5);
	shared_map_find(map, HERE + SLAB, at(900));
	shared_map_store(map, slot_address(HERE), 8, at(950)); /* the tag: all slabs */
	assert_int_equal(map->unsure, 6);
	free(map);
}

static void after_the_end_the_last_value_holds_and_is_unsure(void **state)
{
	struct shared_map *map;

	(void)state;
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 3);
	map = found_map();
	ended = true;
	assert_int_equal(shared_map_find(map, HERE, at(5000)).block_size, 64);
	assert_int_equal(map->unsure, 0);
	shared_map_store(map, slot_address(HERE), 8, at(6000));
	assert_int_equal(shared_map_find(map, HERE, at(7000)).block_size, 64);
	assert_int_equal(map->unsure, 1);
	free(map);
}

static void more_changes_than_are_remembered(void **state)
{
	struct shared_map *map = found_map();

	(void)state;
	for (uint64_t i = 0; i < 3 * MAP_CHANGED; i++) {
		publish(HERE + i * CHUNK, HAKMEM_RANGE_LARGE, 0);
		shared_map_store(map, slot_address(HERE + i * CHUNK), 8, at(3000 + i));
	}
	for (uint64_t i = 0; i < 3 * MAP_CHANGED; i++)
		assert_int_equal(shared_map_find(map, HERE + i * CHUNK, at(9000)).kind, OWNER_ALLOCATOR_LARGE);
	assert_int_equal(map->changed_count, 0);
	free(map);
}

static void add_reading(struct readings *readings, uint64_t since, uint64_t until)
{
	static struct reading reading;

	reading.since = since;
	reading.until = until;
	reading.map = memory;
	assert_int_equal(readings_add(readings, &reading), 0);
}

static void readings_answer_as_of_a_moment(void **state)
{
	struct readings readings = {};
	bool sure;

	(void)state;
	assert_int_equal(readings_find(&readings, HERE, 5, &sure).kind, OWNER_NONE);
	assert_false(sure);
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 3);
	add_reading(&readings, 100, 200);
	publish(HERE, HAKMEM_RANGE_SUPERSLAB, 4);
	publish(HERE + CHUNK, HAKMEM_RANGE_LARGE, 0);
	add_reading(&readings, 300, 400);
	assert_int_equal(readings_find(&readings, HERE, 150, &sure).block_size, 64);
	assert_true(sure);
	assert_int_equal(readings_find(&readings, HERE, 350, &sure).block_size, 128);
	assert_true(sure);
	/* Between, the nearer one. */
	assert_int_equal(readings_find(&readings, HERE, 220, &sure).block_size, 64);
	assert_false(sure);
	assert_int_equal(readings_find(&readings, HERE, 280, &sure).block_size, 128);
	assert_false(sure);
	/* Published between: it was touched only then. */
	assert_int_equal(readings_find(&readings, HERE + CHUNK, 210, &sure).kind, OWNER_ALLOCATOR_LARGE);
	assert_false(sure);
	/* The same in both. */
	assert_int_equal(readings_find(&readings, 150, 250, &sure).kind, OWNER_ALLOCATOR_METADATA);
	assert_true(sure);
	/* Before the first and after the last. */
	assert_int_equal(readings_find(&readings, HERE, 50, &sure).block_size, 64);
	assert_false(sure);
	assert_int_equal(readings_find(&readings, HERE, 500, &sure).block_size, 128);
	assert_false(sure);
	readings_free(&readings);
}

static void old_readings_go(void **state)
{
	struct readings readings = {};

	(void)state;
	for (uint64_t i = 0; i < 3 * READINGS_MOST; i++)
		add_reading(&readings, i, i);
	assert_int_equal(readings.count, READINGS_MOST);
	assert_int_equal(readings.list[0]->since, 2 * READINGS_MOST);
	readings_free(&readings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(every_kind_is_found, empty),
	    cmocka_unit_test_setup(searches_end_at_an_empty_slot, empty),
	    cmocka_unit_test_setup(what_is_no_table_is_refused, empty),
	    cmocka_unit_test_setup(a_told_store_is_read, empty),
	    cmocka_unit_test_setup(a_store_that_comes_after_its_line_is_seen, empty),
	    cmocka_unit_test_setup(a_value_from_the_future_is_counted, empty),
	    cmocka_unit_test_setup(another_slab_is_another_matter, empty),
	    cmocka_unit_test_setup(after_the_end_the_last_value_holds_and_is_unsure, empty),
	    cmocka_unit_test_setup(more_changes_than_are_remembered, empty),
	    cmocka_unit_test_setup(readings_answer_as_of_a_moment, empty),
	    cmocka_unit_test_setup(old_readings_go, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
