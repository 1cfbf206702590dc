// SPDX-License-Identifier: MIT
/* The shared map, read as a tracer reads it: bounded probes, retired and busy slots, granules, and being full. */
#include "test.h"

#include "classes.h"
#include "publish.h"
#include "trim.h"

/* The look-up of include/hakmem_map.h, as BPF does it. Returns the kind, and the slab's class for a SuperSlab. */
static unsigned int look_up(const void *address, int *slab_class)
{
	uint64_t number = (uintptr_t)address >> HAKMEM_CHUNK_SHIFT;

	*slab_class = -1;
	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		const struct hakmem_map_slot *slot = &hakmem_map.slots[(number + probe) % HAKMEM_MAP_SLOTS];

		if (slot->tag == 0)
			break;
		if (HAKMEM_TAG_NUMBER(slot->tag) == number && HAKMEM_TAG_KIND(slot->tag) < 0xf0) {
			*slab_class = slot->slab_class[(uintptr_t)address >> HAKMEM_SLAB_SHIFT & 31];
			return HAKMEM_TAG_KIND(slot->tag);
		}
	}
	number = (uintptr_t)address >> HAKMEM_GRANULE_SHIFT;
	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		uint64_t tag = hakmem_map.granules[(number + probe) % HAKMEM_MAP_GRANULES];

		if (tag == 0)
			break;
		if (HAKMEM_TAG_NUMBER(tag) == number && HAKMEM_TAG_KIND(tag) < 0xf0)
			return HAKMEM_TAG_KIND(tag);
	}
	return HAKMEM_RANGE_NONE;
}

static unsigned int kind_of(const void *address)
{
	int slab_class;

	return look_up(address, &slab_class);
}

static void header_is_filled_in(void **state)
{
	(void)state;
	assert_int_equal((uintptr_t)&hakmem_map % 4096, 0);
	assert_true(hakmem_map.magic == HAKMEM_MAP_MAGIC);
	assert_int_equal(hakmem_map.version, HAKMEM_MAP_VERSION);
	assert_int_equal(hakmem_map.size, sizeof(struct hakmem_map));
	assert_int_equal(hakmem_map.class_size[0], 16);
	assert_int_equal(hakmem_map.class_size[63], 16384);
	assert_int_equal(hakmem_map.class_size[CLASS_COUNT - 1], SMALL_SIZE_MAX);
	assert_int_equal(hakmem_map.class_size[CLASS_COUNT], 0);
	assert_true(hakmem_map.extent[0].start == (uintptr_t)&hakmem_map);
	assert_true(hakmem_map.extent[2].end > hakmem_map.extent[2].start);
	assert_true(hakmem_map.extent[3].end == 0);
}

static void blocks_are_found_under_their_class(void **state)
{
	(void)state;
	for (size_t size = 1; size <= SMALL_SIZE_MAX; size = size * 5 / 4 + 1) {
		char *block = opaque(malloc(size));
		int slab_class, at_end;

		assert_int_equal(look_up(block, &slab_class), HAKMEM_RANGE_SUPERSLAB);
		assert_int_equal(hakmem_map.class_size[slab_class], malloc_usable_size(block));
		assert_int_equal(look_up(block + size - 1, &at_end), HAKMEM_RANGE_SUPERSLAB);
		assert_int_equal(at_end, slab_class);
		free(block);
	}
}

static void medium_and_large_blocks_are_found(void **state)
{
	char *medium = opaque(malloc(150000)), *large = opaque(malloc(5 * MIB)), *moved;
	int slab_class;

	(void)state;
	assert_int_equal(look_up(medium + 50000, &slab_class), HAKMEM_RANGE_SUPERSLAB);
	assert_int_equal(slab_class, HAKMEM_SLAB_MEDIUM);
	assert_int_equal(kind_of(large), HAKMEM_RANGE_LARGE);
	assert_int_equal(kind_of(large + 5 * MIB - 1), HAKMEM_RANGE_LARGE);
	moved = opaque(realloc(large, 300 * MIB));
	for (size_t at = 0; at < 300 * MIB; at += MIB)
		assert_int_equal(kind_of(moved + at), HAKMEM_RANGE_LARGE);
	moved = opaque(realloc(moved, 70 * MIB));
	for (size_t at = 0; at < 70 * MIB; at += MIB)
		assert_int_equal(kind_of(moved + at), HAKMEM_RANGE_LARGE);
	assert_int_equal(kind_of(moved + 72 * MIB), HAKMEM_RANGE_NONE);
	free(medium);
	free(moved);
	trim_everything();
	assert_int_equal(kind_of(moved), HAKMEM_RANGE_NONE);
	assert_int_equal(kind_of(&state), HAKMEM_RANGE_NONE);
	assert_int_equal(hakmem_map.unpublished, 0);
}

/* Addresses that nothing of ours has: only numbers here. */
static char *chunk_at(uint64_t number)
{
	return (char *)(number << HAKMEM_CHUNK_SHIFT);
}

static void generation_grows(void **state)
{
	uint64_t before = hakmem_map.generation;

	(void)state;
	publish_range(chunk_at(1 << 20), CHUNK_SIZE, HAKMEM_RANGE_LARGE);
	assert_true(hakmem_map.generation == before + 1);
	publish_retire_range(chunk_at(1 << 20), CHUNK_SIZE, HAKMEM_RANGE_LARGE);
	assert_true(hakmem_map.generation == before + 2);
}

/* The library's own chunks lie anywhere: a number whose slots nobody has used. */
static uint64_t number_with_free_slots(void)
{
	uint64_t number = (1 << 20) + 1000;

	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		if (hakmem_map.slots[(number + probe) % HAKMEM_MAP_SLOTS].tag != 0) {
			number += probe + 1;
			probe = (unsigned int)-1;
		}
	}
	return number;
}

static void colliding_chunks_probe_on_and_past_retired_ones(void **state)
{
	uint64_t first = number_with_free_slots();

	(void)state;
	for (uint64_t i = 0; i < HAKMEM_MAP_PROBES; i++)
		publish_range(chunk_at(first + i * HAKMEM_MAP_SLOTS), CHUNK_SIZE, HAKMEM_RANGE_LARGE);
	for (uint64_t i = 0; i < HAKMEM_MAP_PROBES; i++)
		assert_int_equal(kind_of(chunk_at(first + i * HAKMEM_MAP_SLOTS)), HAKMEM_RANGE_LARGE);
	/* One too many for the probes: counted, and not found. */
	publish_range(chunk_at(first + 100 * HAKMEM_MAP_SLOTS), CHUNK_SIZE, HAKMEM_RANGE_LARGE);
	assert_int_equal(hakmem_map.unpublished, 1);
	assert_int_equal(kind_of(chunk_at(first + 100 * HAKMEM_MAP_SLOTS)), HAKMEM_RANGE_NONE);
	/* The last is still found when all before it are retired, and their slots are taken again. */
	for (uint64_t i = 0; i + 1 < HAKMEM_MAP_PROBES; i++)
		publish_retire_range(chunk_at(first + i * HAKMEM_MAP_SLOTS), CHUNK_SIZE, HAKMEM_RANGE_LARGE);
	assert_int_equal(kind_of(chunk_at(first + 7 * HAKMEM_MAP_SLOTS)), HAKMEM_RANGE_LARGE);
	assert_int_equal(kind_of(chunk_at(first)), HAKMEM_RANGE_NONE);
	publish_range(chunk_at(first + 200 * HAKMEM_MAP_SLOTS), CHUNK_SIZE, HAKMEM_RANGE_METADATA);
	assert_int_equal(kind_of(chunk_at(first + 200 * HAKMEM_MAP_SLOTS)), HAKMEM_RANGE_METADATA);
	publish_retire_range(chunk_at(first + 200 * HAKMEM_MAP_SLOTS), CHUNK_SIZE, HAKMEM_RANGE_METADATA);
	publish_retire_range(chunk_at(first + 7 * HAKMEM_MAP_SLOTS), CHUNK_SIZE, HAKMEM_RANGE_LARGE);
}

static size_t used_slots(void)
{
	size_t count = 0;

	for (size_t i = 0; i < HAKMEM_MAP_SLOTS; i++)
		count += HAKMEM_TAG_NUMBER(hakmem_map.slots[i].tag) != 0;
	return count;
}

static void long_ranges_take_granules(void **state)
{
	/* Half a granule, 100 whole ones, half a granule. */
	char *start = chunk_at((1 << 21) + 16);
	size_t size = 101 * ((size_t)1 << HAKMEM_GRANULE_SHIFT);
	size_t before = used_slots();

	(void)state;
	publish_range(start, size, HAKMEM_RANGE_LARGE);
	assert_int_equal(used_slots() - before, 32);
	for (size_t at = 0; at < size; at += CHUNK_SIZE)
		assert_int_equal(kind_of(start + at), HAKMEM_RANGE_LARGE);
	assert_int_equal(kind_of(start - 1), HAKMEM_RANGE_NONE);
	assert_int_equal(kind_of(start + size), HAKMEM_RANGE_NONE);
	publish_retire_range(start, size, HAKMEM_RANGE_LARGE);
	for (size_t at = 0; at < size; at += CHUNK_SIZE)
		assert_int_equal(kind_of(start + at), HAKMEM_RANGE_NONE);
	assert_int_equal(used_slots(), before);
}

static void parts_of_a_long_range_are_found_when_it_was_cut(void **state)
{
	char *base = (char *)((uintptr_t)1 << 45);
	size_t size = 3ul << HAKMEM_GRANULE_SHIFT, first = 5ul << HAKMEM_CHUNK_SHIFT;

	(void)state;
	publish_range(base, size, HAKMEM_RANGE_LARGE);
	publish_split_range(base, size, first, HAKMEM_RANGE_LARGE);
	for (size_t at = 0; at < size; at += CHUNK_SIZE)
		assert_int_equal(kind_of(base + at), HAKMEM_RANGE_LARGE);
	publish_retire_range(base, first, HAKMEM_RANGE_LARGE);
	for (size_t at = 0; at < size; at += CHUNK_SIZE)
		assert_int_equal(kind_of(base + at), at < first ? HAKMEM_RANGE_NONE : HAKMEM_RANGE_LARGE);
	publish_retire_range(base + first, size - first, HAKMEM_RANGE_LARGE);
	for (size_t at = 0; at < size; at += CHUNK_SIZE)
		assert_int_equal(kind_of(base + at), HAKMEM_RANGE_NONE);
}

static void cost_index_follows_the_slot(void **state)
{
	char *block = opaque(malloc(10));
	long index = publish_cost_index(block);

	(void)state;
	assert_true(index >= 0 && index < HAKMEM_MAP_SLOTS);
	assert_true(HAKMEM_TAG_NUMBER(hakmem_map.slots[index].tag) == (uintptr_t)block >> HAKMEM_CHUNK_SHIFT);
	assert_int_equal(publish_cost_index(&state), -1);
	free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(header_is_filled_in),
	    cmocka_unit_test(blocks_are_found_under_their_class),
	    cmocka_unit_test(medium_and_large_blocks_are_found),
	    cmocka_unit_test(generation_grows),
	    cmocka_unit_test(colliding_chunks_probe_on_and_past_retired_ones),
	    cmocka_unit_test(long_ranges_take_granules),
	    cmocka_unit_test(parts_of_a_long_range_are_found_when_it_was_cut),
	    cmocka_unit_test(cost_index_follows_the_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
