// SPDX-License-Identifier: MIT
/* The class table: every size has a class, waste is bounded, the reciprocals divide exactly. */
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

static void step_table_agrees(void **state)
{
	(void)state;
	for (size_t size = 0; size <= STEP_SIZE_MAX; size++)
		assert_int_equal(class_of_step[(size + 15) / 16], class_of_size(size));
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
		assert_int_equal(class_table[class].capacity, SLAB_SIZE / class_table[class].size);
		assert_true(class == 0 || class_table[class].size > class_table[class - 1].size);
	}
	assert_int_equal(class_table[CLASS_COUNT - 1].size, SMALL_SIZE_MAX);
	assert_true(CLASS_COUNT <= 126);
}

static void reciprocals_divide_exactly(void **state)
{
	(void)state;
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		uint32_t size = class_table[class].size;

		for (uint32_t offset = 0; offset < SLAB_SIZE; offset++) {
			if (class_divides(offset, class_table[class].reciprocal) != (offset % size == 0))
				fail_msg("offset %u, size %u", offset, size);
			if (class_index(offset, class_table[class].reciprocal) != offset / size)
				fail_msg("index of offset %u, size %u", offset, size);
		}
	}
}

static void aligned_classes(void **state)
{
	(void)state;
	for (size_t alignment = 1; alignment <= SMALL_SIZE_MAX; alignment *= 2) {
		for (size_t size = 0; size <= SMALL_SIZE_MAX; size += 7) {
			unsigned int class = class_of_aligned(size, alignment);

			assert_true(class < CLASS_COUNT);
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
	    cmocka_unit_test(step_table_agrees),
	    cmocka_unit_test(waste_is_at_most_an_eighth),
	    cmocka_unit_test(sizes_rise_and_are_aligned),
	    cmocka_unit_test(reciprocals_divide_exactly),
	    cmocka_unit_test(aligned_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
