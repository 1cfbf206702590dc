// SPDX-License-Identifier: MIT
/* The class table: every size has a class, waste is bounded, and a pointer is known for a block or not. */
#include "test.h"

#include "classes.h"

static void every_size_fits_its_class(void **state)
{
	(void)state;
	for (size_t size = 0; size <= SMALL_SIZE_MAX; size++) {
		unsigned int class = class_of_size(size);

		assert_true(class < CLASS_COUNT);
		assert_true(class_table[class].size >= size);
		assert_true(class == 0 || class_table[class - 1].size < size);
	}
}

static void waste_is_at_most_an_eighth(void **state)
{
	(void)state;
	for (size_t size = 113; size <= SMALL_SIZE_MAX; size++) {
		size_t block = class_table[class_of_size(size)].size;

		assert_true((block - size) * 8 <= block);
	}
	/* Below, alignment alone decides. */
	for (size_t size = 1; size <= 113; size++)
		assert_true(class_table[class_of_size(size)].size - size < BLOCK_ALIGNMENT);
}

static void sizes_rise_and_are_aligned(void **state)
{
	(void)state;
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		assert_int_equal(class_table[class].size % BLOCK_ALIGNMENT, 0);
		assert_int_equal(class_table[class].capacity, class_slab_size(class) / class_table[class].size);
		assert_in_range(class_pages(class), 1, UINT8_MAX);
		assert_int_equal(class_is_single(class), class_slab_size(class) == SLAB_SIZE);
		assert_int_equal(class_is_single(class), class_table[class].size <= SINGLE_SIZE_MAX);
		assert_true(class_table[class].size <= TABLE_SIZE_MAX || class_table[class].size % CLASS_STEP == 0);
		assert_true(class == 0 || class_table[class].size > class_table[class - 1].size);
	}
	assert_int_equal(class_table[CLASS_COUNT - 1].size, SMALL_SIZE_MAX);
	assert_true(CLASS_COUNT <= 126);
}

static bool is_block(unsigned int class, uintptr_t distance, unsigned int count)
{
	return class_is_block(distance, class_table[class].reciprocal, class_limit(class, count));
}

static void only_the_first_blocks_starts_are_blocks(void **state)
{
	(void)state;
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		unsigned int capacity = class_table[class].capacity;
		size_t size = class_table[class].size;
		const unsigned int counts[] = {0, 1, 2, capacity / 2, capacity - 1, capacity};

		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			for (size_t offset = 0; offset < class_slab_size(class); offset++)
				if (is_block(class, offset, counts[i]) !=
				    (offset % size == 0 && offset / size < counts[i]))
					fail_msg("offset %zu, size %zu, %u blocks", offset, size, counts[i]);
	}
}

/* Multiples of the size, their neighbours, and others, up to as far as two addresses can be apart, both ways. */
static void nothing_far_away_is_a_block(void **state)
{
	const uintptr_t farthest = ((uintptr_t)1 << 48) - CHUNK_SIZE;
	uint64_t random = 1;

	(void)state;
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		unsigned int capacity = class_table[class].capacity;
		size_t size = class_table[class].size;

		for (uintptr_t distance = class_slab_size(class); distance < farthest; distance += distance / 64) {
			uintptr_t multiple = distance / size * size;

			random = random * 6364136223846793005u + 1442695040888963407u;
			assert_false(is_block(class, distance + random % (farthest - distance), capacity));
			assert_false(is_block(class, -(random % distance) - 1, capacity));
			for (uintptr_t near = multiple - 1; near != multiple + 2; near++) {
				assert_false(near >= capacity * size && is_block(class, near, capacity));
				assert_false(is_block(class, -near, capacity));
			}
		}
		assert_false(is_block(class, -(uintptr_t)1, capacity));
		assert_false(is_block(class, -size, capacity));
	}
}

static void aligned_classes(void **state)
{
	(void)state;
	for (size_t alignment = 1; alignment <= SMALL_SIZE_MAX; alignment *= 2) {
		for (size_t size = 0; size <= SMALL_SIZE_MAX; size += 7) {
			unsigned int class = class_of_aligned(size, alignment);

			/* Larger ones may be no class's. */
			assert_true(class < CLASS_COUNT || (size > alignment && size > SINGLE_SIZE_MAX) ||
			            alignment > SINGLE_SIZE_MAX);
			if (class == CLASS_COUNT)
				continue;
			assert_true(class_table[class].size >= size);
			assert_int_equal(class_table[class].size % alignment, 0);
		}
	}
	assert_int_equal(class_of_aligned(SMALL_SIZE_MAX + 1, 16), CLASS_COUNT);
	assert_int_equal(class_of_aligned(16, 2 * SMALL_SIZE_MAX), CLASS_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_size_fits_its_class),
	    cmocka_unit_test(waste_is_at_most_an_eighth),
	    cmocka_unit_test(sizes_rise_and_are_aligned),
	    cmocka_unit_test(only_the_first_blocks_starts_are_blocks),
	    cmocka_unit_test(nothing_far_away_is_a_block),
	    cmocka_unit_test(aligned_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
