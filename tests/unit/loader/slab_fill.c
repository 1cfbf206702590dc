// SPDX-License-Identifier: MIT
/* How full slabs are, told by the memory of a process that may write there whatever it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "space/slab_fill.h"

#define CHUNK  7ULL
#define ROOT   0x10000ULL
#define LEAF   0x20000ULL
#define SELF   0x30000ULL /* the descriptor */
#define MEMORY 0x40000UL
#define SLABS  64
#define RECORD 64

/* What the process has from address 0 on, and its one SuperSlab. */
static char memory[MEMORY];
static char super_slab[SPACES_CHUNK];
static struct hakmem_map map;
static struct hakmem_map_slot slot;
static size_t reads;

static uint64_t absent; /* a page of the SuperSlab that isn't resident, and */
static bool swapped;    /* this is why */

static int read_it(void *context, uint64_t address, void *buffer, size_t size)
{
	uint64_t base = CHUNK << HAKMEM_CHUNK_SHIFT;

	(void)context;
	reads++;
	if (absent && address >> 12 == absent >> 12)
		return -1;
	if (address >= base && address < base + sizeof(super_slab) && size <= base + sizeof(super_slab) - address)
		memcpy(buffer, super_slab + (address - base), size);
	else if (address < MEMORY && size <= MEMORY - address)
		memcpy(buffer, memory + address, size);
	else
		return -1;
	return 0;
}

static bool is_untouched(void *context, uint64_t address)
{
	(void)context;
	return address == absent && !swapped;
}

static void put(uint64_t address, uint64_t value, size_t size)
{
	memcpy(memory + address, &value, size);
}

static void put_slab(size_t index, uint32_t countdown, uint16_t beyond, uint16_t carved, uint8_t slab_state)
{
	uint64_t at = SELF + SLABS + index * RECORD;

	put(at + 24, 0x1234567800000001ULL + index, 8);
	put(at + 48, countdown, 4);
	put(at + 52, carved, 2);
	put(at + 54, beyond, 2);
	put(at + 57, slab_state, 1);
}

static int begin(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	memset(super_slab, 0, sizeof(super_slab));
	memset(&map, 0, sizeof(map));
	map.class_size[3] = 64;
	map.class_size[4] = 16384;
	map.inside = (struct hakmem_inside){
	    .root = ROOT,
	    .root_bits = 13,
	    .leaf_bits = 14,
	    .slabs = SLABS,
	    .slab_size = RECORD,
	    .key = 24,
	    .countdown = 48,
	    .carved = 52,
	    .beyond = 54,
	    .state = 57,
	    .runs = 16,
	};
	put(ROOT, LEAF, 8);
	put(LEAF + 8 * CHUNK, SELF, 8);
	put(SELF, HAKMEM_INSIDE_SLABS, 4);
	put(SELF + 8, CHUNK << HAKMEM_CHUNK_SHIFT, 8);
	slot.tag = HAKMEM_TAG(CHUNK, HAKMEM_RANGE_SUPERSLAB);
	memset(slot.slab_class, HAKMEM_SLAB_FREE, sizeof(slot.slab_class));
	reads = 0;
	absent = 0;
	swapped = false;
	return 0;
}

static struct spaces_slab slabs[SPACES_SLABS];

static void look(void)
{
	struct slab_reader reader = {.map = &map, .read = read_it, .untouched = is_untouched, .looks = 4};

	memset(slabs, 0x5a, sizeof(slabs));
	slab_fill(&reader, &slot, slabs);
}

static void slabs_that_nobody_allocates_from_say_it_themselves(void **state)
{
	(void)state;
	slot.slab_class[0] = 3;
	slot.slab_class[1] = 3;
	put_slab(0, 1, 1023, 1024, 3);
	put_slab(1, 10, 0, 1000, 2);
	look();
	assert_int_equal(slabs[0].holds, SLAB_HOLDS_BLOCKS);
	assert_int_equal(slabs[0].block_bytes, 64);
	assert_int_equal(slabs[0].blocks, 1024);
	assert_int_equal(slabs[0].used, 1024);
	assert_int_equal(slabs[1].used, 10);
	assert_int_equal(slabs[2].holds, SLAB_HOLDS_NOTHING);
	assert_int_equal(slabs[2].used, 0);
}

static void of_a_current_slab_free_blocks_bear_its_key(void **state)
{
	uint64_t key = 0x1234567800000001ULL;

	(void)state;
	slot.slab_class[0] = 3;
	put_slab(0, UINT32_MAX, 0, 128, HAKMEM_SLAB_STATE_CURRENT);
	for (int i = 0; i < 28; i++)
		memcpy(super_slab + i * 64 + 8, &key, sizeof(key));
	look();
	assert_int_equal(slabs[0].used, 100);
}

static void what_was_never_written_is_not_free_and_what_is_swapped_out_not_known(void **state)
{
	(void)state;
	slot.slab_class[0] = 4;
	put_slab(0, UINT32_MAX, 0, 2, HAKMEM_SLAB_STATE_CURRENT);
	absent = (CHUNK << HAKMEM_CHUNK_SHIFT) + 5 * 4096;
	look();
	assert_int_equal(slabs[0].used, 2);
	swapped = true;
	look();
	assert_true(slabs[0].used == UNKNOWN);
}

static void each_part_of_a_long_slab_says_what_the_whole_has(void **state)
{
	(void)state;
	map.class_size[5] = 80000;
	for (int i = 4; i < 8; i++)
		slot.slab_class[i] = 5;
	put_slab(4, 2, 0, 3, 2);
	for (uint16_t i = 1; i < 4; i++)
		put_slab(4 + i, 0, i, 0, HAKMEM_SLAB_STATE_REST);
	look();
	for (int i = 4; i < 8; i++) {
		assert_int_equal(slabs[i].holds, SLAB_HOLDS_BLOCKS);
		assert_int_equal(slabs[i].block_bytes, 80000);
		assert_int_equal(slabs[i].blocks, 3);
		assert_int_equal(slabs[i].used, 2);
	}
}

static void of_a_long_current_slab_only_keys_are_read(void **state)
{
	uint64_t key = 0x1234567800000001ULL;

	(void)state;
	map.class_size[5] = 20000;
	slot.slab_class[0] = slot.slab_class[1] = 5;
	put_slab(0, UINT32_MAX, 0, 6, HAKMEM_SLAB_STATE_CURRENT);
	put_slab(1, 0, 1, 0, HAKMEM_SLAB_STATE_REST);
	memcpy(super_slab + 20000 + 8, &key, sizeof(key));
	memcpy(super_slab + 5 * 20000 + 8, &key, sizeof(key));
	look();
	assert_int_equal(slabs[0].blocks, 6);
	assert_int_equal(slabs[1].used, 4);
}

static void only_so_many_current_slabs_are_looked_at(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		slot.slab_class[i] = 3;
		put_slab(i, UINT32_MAX, 0, 1, HAKMEM_SLAB_STATE_CURRENT);
	}
	look();
	assert_int_equal(slabs[3].used, 1);
	assert_true(slabs[4].used == UNKNOWN);
}

static void pages_of_live_runs_are_in_use_and_of_kept_ones_not(void **state)
{
	(void)state;
	memset(slot.slab_class, HAKMEM_SLAB_MEDIUM, sizeof(slot.slab_class));
	memset(memory + SELF, 0, 4096);
	put(SELF, HAKMEM_INSIDE_RUNS, 4);
	put(SELF + 8, CHUNK << HAKMEM_CHUNK_SHIFT, 8);
	put(SELF + 16, 20, 4);
	put(SELF + 16 + 4 * 20, 5 | HAKMEM_RUN_KEPT, 4);
	put(SELF + 16 + 4 * 25, 1, 4);
	look();
	assert_int_equal(slabs[0].holds, SLAB_HOLDS_PAGES);
	assert_int_equal(slabs[0].used, 16);
	assert_int_equal(slabs[1].used, 4 + 1);
	assert_int_equal(slabs[2].used, 0);
}

static void a_run_that_claims_to_go_beyond_the_chunk_is_cut(void **state)
{
	(void)state;
	memset(slot.slab_class, HAKMEM_SLAB_MEDIUM, sizeof(slot.slab_class));
	memset(memory + SELF + 16, 0xff, 2048);
	put(SELF, HAKMEM_INSIDE_RUNS, 4);
	for (int page = 0; page < 512; page++)
		put(SELF + 16 + 4 * page, HAKMEM_RUN_PAGES, 4);
	look();
	for (size_t i = 0; i < SPACES_SLABS; i++)
		assert_int_equal(slabs[i].used, 16);
}

static void counts_that_do_not_fit_are_unknown(void **state)
{
	(void)state;
	memset(slot.slab_class, 3, sizeof(slot.slab_class));
	put_slab(0, 2000, 0, 1024, 3);                   /* more in use than carved */
	put_slab(1, 0, 0, 1025, 2);                      /* more carved than fit */
	put_slab(2, UINT32_MAX, UINT16_MAX, 1024, 2);    /* a sum that must not wrap */
	put_slab(3, 0, 0, 10, HAKMEM_SLAB_STATE_UNUSED); /* published, and not begun */
	put_slab(4, 0, 0, UINT16_MAX, HAKMEM_SLAB_STATE_CURRENT);
	look();
	for (int i = 0; i < 5; i++)
		assert_true(slabs[i].used == UNKNOWN);
}

static void without_a_descriptor_classes_are_known_and_no_more(void **state)
{
	(void)state;
	memset(slot.slab_class, 3, sizeof(slot.slab_class));
	put(LEAF + 8 * CHUNK, 0, 8);
	look();
	assert_int_equal(slabs[0].block_bytes, 64);
	assert_true(slabs[0].used == UNKNOWN);
	put(LEAF + 8 * CHUNK, UINT64_MAX - 3, 8); /* wraps around */
	look();
	assert_true(slabs[0].used == UNKNOWN);
	put(LEAF + 8 * CHUNK, SELF, 8);
	put(SELF + 8, 12345, 8); /* another chunk's */
	look();
	assert_true(slabs[0].used == UNKNOWN);
	put(SELF + 8, CHUNK << HAKMEM_CHUNK_SHIFT, 8);
	put(SELF, 4, 4); /* a kind that nobody knows here */
	look();
	assert_true(slabs[0].used == UNKNOWN);
}

static void a_record_that_says_it_is_elsewhere_is_not_followed(void **state)
{
	struct hakmem_inside right = map.inside;

	(void)state;
	memset(slot.slab_class, 3, sizeof(slot.slab_class));
	for (int wrong = 0; wrong < 6; wrong++) {
		map.inside = right;
		*(hakmem_u16 *[]){&map.inside.key, &map.inside.countdown, &map.inside.beyond, &map.inside.carved,
		    &map.inside.state, &map.inside.slab_size}[wrong] = wrong == 5 ? 257 : RECORD - (wrong < 1);
		put_slab(0, 1, 0, 1024, 3);
		look();
		assert_true(slabs[0].used == UNKNOWN);
	}
	map.inside = right;
	map.inside.root_bits = map.inside.leaf_bits = 64;
	look();
	assert_true(slabs[0].used == UNKNOWN);
	map.inside = (struct hakmem_inside){};
	look();
	assert_true(slabs[0].used == UNKNOWN);
}

static void whatever_a_process_writes_reads_stay_bounded_and_figures_possible(void **state)
{
	unsigned int seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		for (size_t i = 0; i < 40; i++)
			((char *)&map.inside)[rand_r(&seed) % sizeof(map.inside)] = rand_r(&seed);
		if (round % 2)
			begin(state);
		for (size_t i = 0; i < 32; i++)
			slot.slab_class[i] = rand_r(&seed);
		for (size_t i = 0; i < HAKMEM_MAP_CLASSES; i++)
			map.class_size[i] = rand_r(&seed) % 3 ? rand_r(&seed) : 1 + rand_r(&seed) % 64;
		for (size_t i = 0; i < 3000; i++)
			memory[SELF + rand_r(&seed) % 4096] = rand_r(&seed);
		if (round % 4 == 1) {
			put(SELF, 1 + rand_r(&seed) % 2, 4);
			put(SELF + 8, CHUNK << HAKMEM_CHUNK_SHIFT, 8);
		}
		reads = 0;
		look();
		assert_in_range(reads, 0, 5 + 4 * 16);
		for (size_t i = 0; i < SPACES_SLABS; i++)
			assert_true(slabs[i].used == UNKNOWN || slabs[i].used <= slabs[i].blocks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(slabs_that_nobody_allocates_from_say_it_themselves, begin),
	    cmocka_unit_test_setup(of_a_current_slab_free_blocks_bear_its_key, begin),
	    cmocka_unit_test_setup(what_was_never_written_is_not_free_and_what_is_swapped_out_not_known, begin),
	    cmocka_unit_test_setup(each_part_of_a_long_slab_says_what_the_whole_has, begin),
	    cmocka_unit_test_setup(of_a_long_current_slab_only_keys_are_read, begin),
	    cmocka_unit_test_setup(only_so_many_current_slabs_are_looked_at, begin),
	    cmocka_unit_test_setup(pages_of_live_runs_are_in_use_and_of_kept_ones_not, begin),
	    cmocka_unit_test_setup(a_run_that_claims_to_go_beyond_the_chunk_is_cut, begin),
	    cmocka_unit_test_setup(counts_that_do_not_fit_are_unknown, begin),
	    cmocka_unit_test_setup(without_a_descriptor_classes_are_known_and_no_more, begin),
	    cmocka_unit_test_setup(a_record_that_says_it_is_elsewhere_is_not_followed, begin),
	    cmocka_unit_test_setup(whatever_a_process_writes_reads_stay_bounded_and_figures_possible, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
