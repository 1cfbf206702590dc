// SPDX-License-Identifier: MIT
/* Address spaces: which ranges are kept, how they are cut, and the strip that is made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/spaces_strip.h"
#include "snapshot/spaces.h"

#define MIB  (1ULL << 20)
#define BASE 0x7f0000000000ULL

static struct spaces_range *add(struct spaces_process *process, uint64_t start, uint64_t bytes, uint64_t resident)
{
	struct spaces_range *range = &process->ranges[process->range_count++];

	*range = (struct spaces_range){.start = start, .bytes = bytes, .region = REGION_ANON, .detail = strdup("")};
	spaces_range_cut(range);
	if (resident == UNKNOWN) {
		range->resident_bytes = UNKNOWN;
		for (size_t i = 0; i < SPACES_PARTS; i++)
			range->parts[i] = UNKNOWN;
	} else if (resident) {
		spaces_range_resident(range, start, start + resident);
	}
	return range;
}

static struct spaces_process room_for(size_t count)
{
	return (struct spaces_process){.ranges = calloc(count, sizeof(struct spaces_range))};
}

static void the_largest_are_kept_and_the_rest_is_summed(void **state)
{
	struct spaces_process process = room_for(5);

	(void)state;
	add(&process, BASE + 4 * MIB, MIB, 4096);
	add(&process, BASE, MIB, 8192);
	add(&process, BASE + 8 * MIB, 64 * MIB, 0);
	add(&process, BASE + 100 * MIB, MIB, 0);
	assert_int_equal(spaces_bound(&process, 2, 9), 0);
	assert_int_equal(process.range_count, 2);
	assert_true(process.ranges[0].start == BASE);
	assert_true(process.ranges[1].start == BASE + 4 * MIB);
	assert_int_equal(process.others.ranges, 2);
	assert_int_equal(process.others.bytes, 65 * MIB);
	assert_int_equal(process.others.resident_bytes, 0);
	spaces_process_free(&process);
}

static void what_is_unknown_of_the_rest_makes_their_sum_unknown(void **state)
{
	struct spaces_process process = room_for(2);

	(void)state;
	add(&process, BASE, MIB, UNKNOWN);
	add(&process, BASE + MIB, 2 * MIB, 2 * MIB);
	spaces_bound(&process, 1, 9);
	assert_true(process.ranges[0].start == BASE + MIB);
	assert_true(process.others.resident_bytes == UNKNOWN);
	spaces_process_free(&process);
}

static void superslabs_have_a_bound_of_their_own(void **state)
{
	struct spaces_process process = room_for(4);

	(void)state;
	for (int i = 0; i < 3; i++)
		add(&process, BASE + i * SPACES_CHUNK, SPACES_CHUNK, (i + 1) * 4096)->slabs =
		    calloc(SPACES_SLABS, sizeof(struct spaces_slab));
	add(&process, BASE + 100 * MIB, MIB, 4096);
	assert_int_equal(spaces_bound(&process, 9, 2), 2);
	assert_int_equal(process.range_count, 3);
	assert_true(process.ranges[0].start == BASE + SPACES_CHUNK);
	assert_int_equal(process.others.ranges, 1);
	spaces_process_free(&process);
}

static void a_range_is_cut_into_whole_pages_that_cover_it(void **state)
{
	static const uint64_t sizes[] = {
	    4096, 3 * 4096, 31 * 4096, 32 * 4096, 33 * 4096, 5 * MIB, SPACES_CHUNK, 1ULL << 46};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct spaces_range range = {.start = BASE, .bytes = sizes[i]};
		size_t parts = spaces_range_cut(&range);

		assert_in_range(parts, 1, SPACES_PARTS);
		assert_int_equal(range.part_bytes % 4096, 0);
		assert_true(parts * range.part_bytes >= sizes[i] && (parts - 1) * range.part_bytes < sizes[i]);
	}
}

static void resident_runs_are_told_part_by_part(void **state)
{
	struct spaces_range range = {.start = BASE, .bytes = SPACES_CHUNK};

	(void)state;
	spaces_range_cut(&range);
	spaces_range_resident(&range, BASE + 60 * 1024, BASE + 3 * 64 * 1024);
	spaces_range_resident(&range, BASE + SPACES_CHUNK - 4096, BASE + SPACES_CHUNK);
	assert_int_equal(range.parts[0], 4096);
	assert_int_equal(range.parts[1], 65536);
	assert_int_equal(range.parts[2], 65536);
	assert_int_equal(range.parts[3], 0);
	assert_int_equal(range.parts[31], 4096);
	assert_int_equal(range.resident_bytes, 4096 + 2 * 65536 + 4096);
}

static void a_strip_has_a_cell_for_each_chunk_and_one_for_what_is_untouched(void **state)
{
	struct spaces_process process = room_for(3);
	struct strip_cell cells[16];

	(void)state;
	add(&process, BASE, 2 * SPACES_CHUNK, 2 * SPACES_CHUNK);
	add(&process, BASE + 2 * SPACES_CHUNK, 1000 * SPACES_CHUNK, 0);
	add(&process, BASE + 5000 * SPACES_CHUNK, SPACES_CHUNK, MIB);
	assert_int_equal(spaces_strip(&process, SPACES_CHUNK, cells, 16), 4);
	assert_true(cells[0].resident_bytes == SPACES_CHUNK && !cells[0].apart);
	assert_true(cells[1].start == BASE + SPACES_CHUNK && cells[1].range == &process.ranges[0]);
	assert_true(cells[2].bytes == 1000 * SPACES_CHUNK && !cells[2].resident_bytes);
	assert_true(cells[3].apart && cells[3].resident_bytes == MIB);
	spaces_process_free(&process);
}

static void small_neighbours_share_a_cell_and_the_most_resident_one_names_it(void **state)
{
	struct spaces_process process = room_for(3);
	struct strip_cell cells[4];

	(void)state;
	add(&process, BASE, 8192, 4096);
	add(&process, BASE + 8192, 16384, 12288);
	add(&process, BASE + 65536, 4096, 4096);
	assert_int_equal(spaces_strip(&process, SPACES_CHUNK, cells, 4), 1);
	assert_true(cells[0].range == &process.ranges[1]);
	assert_int_equal(cells[0].bytes, 8192 + 16384 + 4096);
	assert_int_equal(cells[0].resident_bytes, 4096 + 12288 + 4096);
	spaces_process_free(&process);
}

static void cells_grow_until_the_strip_fits(void **state)
{
	struct spaces_process process = room_for(1);
	struct strip_cell cells[40];
	uint64_t bytes;

	(void)state;
	add(&process, BASE, 512 * SPACES_CHUNK, 512 * SPACES_CHUNK);
	process.resident_bytes = 512 * SPACES_CHUNK;
	bytes = spaces_strip_cell_bytes(&process, 40);
	assert_int_equal(bytes, 16 * SPACES_CHUNK);
	assert_int_equal(spaces_strip(&process, bytes, cells, 40), 32);
	assert_int_equal(cells[31].resident_bytes, 16 * SPACES_CHUNK);
	spaces_process_free(&process);
}

static void more_cells_than_there_is_room_for_are_counted_and_not_written(void **state)
{
	struct spaces_process process = room_for(1);
	struct strip_cell cells[3] = {{.bytes = 1}, {.bytes = 1}, {.bytes = 77}};

	(void)state;
	add(&process, BASE, 5 * SPACES_CHUNK, 5 * SPACES_CHUNK);
	assert_int_equal(spaces_strip(&process, SPACES_CHUNK, cells, 2), 5);
	assert_int_equal(cells[1].bytes, SPACES_CHUNK);
	assert_int_equal(cells[2].bytes, 77);
	spaces_process_free(&process);
}

static void what_is_not_known_is_not_shown_as_nothing(void **state)
{
	struct spaces_process process = room_for(1);
	struct strip_cell cell;

	(void)state;
	add(&process, BASE, SPACES_CHUNK, UNKNOWN);
	assert_int_equal(spaces_strip(&process, SPACES_CHUNK, &cell, 1), 1);
	assert_true(cell.resident_bytes == UNKNOWN);
	assert_string_equal(strip_level(cell.resident_bytes, cell.bytes), "?");
	spaces_process_free(&process);
}

static void a_level_is_full_only_when_all_is_there(void **state)
{
	(void)state;
	assert_string_equal(strip_level(0, 100), "·");
	assert_string_equal(strip_level(1, 1000), "▁");
	assert_string_equal(strip_level(999, 1000), "▇");
	assert_string_equal(strip_level(1000, 1000), "█");
	assert_string_equal(strip_level(UNKNOWN, 1000), "?");
	assert_string_equal(strip_level(0, 0), "·");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_largest_are_kept_and_the_rest_is_summed),
	    cmocka_unit_test(what_is_unknown_of_the_rest_makes_their_sum_unknown),
	    cmocka_unit_test(superslabs_have_a_bound_of_their_own),
	    cmocka_unit_test(a_range_is_cut_into_whole_pages_that_cover_it),
	    cmocka_unit_test(resident_runs_are_told_part_by_part),
	    cmocka_unit_test(a_strip_has_a_cell_for_each_chunk_and_one_for_what_is_untouched),
	    cmocka_unit_test(small_neighbours_share_a_cell_and_the_most_resident_one_names_it),
	    cmocka_unit_test(cells_grow_until_the_strip_fits),
	    cmocka_unit_test(more_cells_than_there_is_room_for_are_counted_and_not_written),
	    cmocka_unit_test(what_is_not_known_is_not_shown_as_nothing),
	    cmocka_unit_test(a_level_is_full_only_when_all_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
