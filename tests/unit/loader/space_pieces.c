// SPDX-License-Identifier: MIT
/* Whose each range of an address space is: by its mappings, the request table, and what libhakmem publishes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "space/space_pieces.h"

#define CHUNK (2ULL << 20)
#define HERE  (1000 * CHUNK)

static struct hakmem_map map;

static int begin(void **state)
{
	(void)state;
	memset(&map, 0, sizeof(map));
	map.class_size[3] = 64;
	return 0;
}

static struct hakmem_map_slot *publish(uint64_t address, enum hakmem_range_kind kind)
{
	struct hakmem_map_slot *slot = &map.slots[address / CHUNK % HAKMEM_MAP_SLOTS];

	memset(slot->slab_class, 3, sizeof(slot->slab_class));
	slot->tag = HAKMEM_TAG(address / CHUNK, kind);
	return slot;
}

/* The request table has two owners: of the first half of each GiB, and of the rest nobody. */
static uint64_t owner(void *context, uint64_t start, uint64_t end, uint32_t *owner)
{
	uint64_t half = 1ULL << 29, stop = (start / half + 1) * half;

	(void)context;
	*owner = start / half % 2 ? OWNER_NONE : OWNER(OWNER_ANON, 1);
	return stop < end ? stop : end;
}

static const char *name(void *context, uint32_t object)
{
	(void)context;
	return object == 1 ? "libjemalloc.so.2" : "";
}

static struct space_pieces pieces;

static void make(const char *text, bool with_table)
{
	struct space_maps maps;
	struct space_source source = {.maps = &maps, .name = name, .owner = with_table ? owner : NULL};

	source.published = space_published_list(&map, NULL, &source.published_count);
	assert_int_equal(space_maps_parse(&maps, strdup(text), "/bin/program"), 0);
	free(pieces.pieces);
	assert_int_equal(space_pieces_make(&pieces, &source), 0);
	space_maps_free(&maps);
	free((void *)source.published);
}

static void is_piece(size_t number, uint64_t start, uint64_t end, enum region region, const char *detail)
{
	assert_true(number < pieces.count);
	assert_int_equal(pieces.pieces[number].start, start);
	assert_int_equal(pieces.pieces[number].end, end);
	assert_int_equal(pieces.pieces[number].region, region);
	assert_string_equal(pieces.pieces[number].detail, detail);
}

static void mappings_alone_tell_what_the_kernel_laid_out(void **state)
{
	(void)state;
	make("1000-2000 r--p 0 08:01 1   /bin/program\n"
	     "2000-3000 r-xp 0 08:01 1   /bin/program\n"
	     "3000-4000 rw-p 0 08:01 1   /bin/program\n"
	     "8000-9000 rw-p 0 00:00 0   [heap]\n"
	     "a000-b000 r-xp 0 08:01 2   /lib/libother.so.1 (deleted)\n"
	     "c000-d000 rw-s 0 08:01 3   /tmp/with blanks \\012 in it\n"
	     "e000-f000 rw-p 0 00:00 0 \n"
	     "10000-11000 rw-s 0 00:01 3   /dev/zero (deleted)\n"
	     "20000-21000 rw-p 0 00:00 0   [stack]\n"
	     "ffffffffff600000-ffffffffff601000 --xp 0 00:00 0   [vsyscall]\n",
	    false);
	assert_int_equal(pieces.count, 8);
	is_piece(0, 0x1000, 0x3000, REGION_PROGRAM, "text");
	is_piece(1, 0x3000, 0x4000, REGION_PROGRAM, "data");
	is_piece(2, 0x8000, 0x9000, REGION_LIBC, "heap");
	is_piece(3, 0xa000, 0xb000, REGION_LIBRARY, "libother.so.1");
	is_piece(4, 0xc000, 0xd000, REGION_FILE, "with blanks \\012 in it");
	is_piece(5, 0xe000, 0xf000, REGION_ANON, "");
	is_piece(6, 0x10000, 0x11000, REGION_FILE, "shared memory");
	is_piece(7, 0x20000, 0x21000, REGION_STACK, "main");
}

static void lines_that_are_none_or_cut_off_are_left_out(void **state)
{
	(void)state;
	make("nonsense\n"
	     "2000-1000 rw-p 0 00:00 0 \n"
	     "3000-4000 rw\n"
	     "5000-6000 rw-p 0 00:00 0 \n"
	     "7000-80",
	    false);
	assert_int_equal(pieces.count, 1);
	is_piece(0, 0x5000, 0x6000, REGION_ANON, "");
}

static void who_asked_comes_before_what_the_mapping_says(void **state)
{
	(void)state;
	make("10000000-50000000 rw-p 0 00:00 0 \n", true);
	assert_int_equal(pieces.count, 3);
	is_piece(0, 0x10000000, 0x20000000, REGION_ALLOCATOR, "libjemalloc.so.2");
	is_piece(1, 0x20000000, 0x40000000, REGION_ANON, "");
	is_piece(2, 0x40000000, 0x50000000, REGION_ALLOCATOR, "libjemalloc.so.2");
}

static void text_of_anonymous_memory(char text[128], uint64_t start, uint64_t end)
{
	snprintf(text, 128, "%llx-%llx rw-p 0 00:00 0 \n", (unsigned long long)start, (unsigned long long)end);
}

static void superslabs_are_cut_out_of_their_mapping_one_by_one(void **state)
{
	char text[128];

	(void)state;
	publish(HERE + CHUNK, HAKMEM_RANGE_SUPERSLAB);
	publish(HERE + 2 * CHUNK, HAKMEM_RANGE_SUPERSLAB);
	publish(HERE + 3 * CHUNK, HAKMEM_RANGE_LARGE);
	publish(HERE + 4 * CHUNK, HAKMEM_RANGE_LARGE);
	text_of_anonymous_memory(text, HERE, HERE + 6 * CHUNK);
	make(text, false);
	assert_int_equal(pieces.count, 5);
	is_piece(0, HERE, HERE + CHUNK, REGION_ANON, "");
	is_piece(1, HERE + CHUNK, HERE + 2 * CHUNK, REGION_ALLOCATOR, "SuperSlab");
	is_piece(2, HERE + 2 * CHUNK, HERE + 3 * CHUNK, REGION_ALLOCATOR, "SuperSlab");
	is_piece(3, HERE + 3 * CHUNK, HERE + 5 * CHUNK, REGION_ALLOCATOR, "large");
	is_piece(4, HERE + 5 * CHUNK, HERE + 6 * CHUNK, REGION_ANON, "");
	assert_int_equal(pieces.pieces[1].slot, (HERE / CHUNK + 1) % HAKMEM_MAP_SLOTS);
	assert_int_equal(pieces.pieces[3].slot, NO_SLOT);
}

static void a_table_does_not_claim_what_is_somebody_elses(void **state)
{
	(void)state;
	publish(HERE, HAKMEM_RANGE_SUPERSLAB);
	map.extent[0] = (struct hakmem_map_extent){0x1000, 0x9000};
	make("1000-9000 rw-p 0 00:00 0   [stack]\n"
	     "7d000000-7d200000 rw-s 0 08:01 3   /tmp/shared\n",
	    false);
	assert_int_equal(pieces.count, 2);
	is_piece(0, 0x1000, 0x9000, REGION_STACK, "main");
	is_piece(1, 0x7d000000, 0x7d200000, REGION_FILE, "shared");
}

static void what_is_published_and_not_mapped_is_not_there(void **state)
{
	char text[128];

	(void)state;
	publish(HERE, HAKMEM_RANGE_SUPERSLAB);
	publish(HERE + CHUNK, HAKMEM_RANGE_SUPERSLAB);
	text_of_anonymous_memory(text, HERE + CHUNK / 2, HERE + CHUNK);
	make(text, false);
	assert_int_equal(pieces.count, 1);
	is_piece(0, HERE + CHUNK / 2, HERE + CHUNK, REGION_ALLOCATOR, "SuperSlab");
}

static void a_slot_that_no_look_up_finds_counts_for_nothing(void **state)
{
	char text[128];

	(void)state;
	map.slots[5].tag = HAKMEM_TAG(HERE / CHUNK, HAKMEM_RANGE_SUPERSLAB); /* far from where it would be looked for */
	text_of_anonymous_memory(text, HERE, HERE + CHUNK);
	make(text, false);
	assert_int_equal(pieces.count, 1);
	is_piece(0, HERE, HERE + CHUNK, REGION_ANON, "");
}

static void whatever_is_published_pieces_lie_in_order_within_the_mappings(void **state)
{
	unsigned int seed = 3;
	char text[128];

	text_of_anonymous_memory(text, HERE, HERE + 64 * CHUNK);
	for (int round = 0; round < 200; round++) {
		uint64_t at = HERE;

		begin(state);
		for (int i = 0; i < 200; i++) {
			uint64_t chunk = HERE / CHUNK - 2 + rand_r(&seed) % 70;

			map.slots[(chunk + rand_r(&seed) % 9) % HAKMEM_MAP_SLOTS].tag =
			    HAKMEM_TAG(chunk, rand_r(&seed) % 5);
			map.granules[rand_r(&seed) % HAKMEM_MAP_GRANULES] = rand_r(&seed);
			map.granules[(HERE >> 26) % HAKMEM_MAP_GRANULES] = HAKMEM_TAG(HERE >> 26, rand_r(&seed) % 256);
		}
		for (int i = 0; i < HAKMEM_MAP_EXTENTS; i++)
			map.extent[i] = (struct hakmem_map_extent){
			    HERE + rand_r(&seed) % (64 * CHUNK), HERE + rand_r(&seed) % (64 * CHUNK)};
		map.extent[3].end = UINT64_MAX - rand_r(&seed) % 5000;
		make(text, round % 2);
		for (size_t i = 0; i < pieces.count; i++) {
			assert_true(pieces.pieces[i].start == at && pieces.pieces[i].end > at);
			at = pieces.pieces[i].end;
		}
		assert_true(at == HERE + 64 * CHUNK);
	}
}

static int end(void **state)
{
	(void)state;
	free(pieces.pieces);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(mappings_alone_tell_what_the_kernel_laid_out, begin),
	    cmocka_unit_test_setup(lines_that_are_none_or_cut_off_are_left_out, begin),
	    cmocka_unit_test_setup(who_asked_comes_before_what_the_mapping_says, begin),
	    cmocka_unit_test_setup(superslabs_are_cut_out_of_their_mapping_one_by_one, begin),
	    cmocka_unit_test_setup(a_table_does_not_claim_what_is_somebody_elses, begin),
	    cmocka_unit_test_setup(what_is_published_and_not_mapped_is_not_there, begin),
	    cmocka_unit_test_setup(a_slot_that_no_look_up_finds_counts_for_nothing, begin),
	    cmocka_unit_test_setup(whatever_is_published_pieces_lie_in_order_within_the_mappings, begin),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
