// SPDX-License-Identifier: MIT
/* Slabs: carving goes in address order, touches no page ahead of a block, and knows what is zero. */
#include "test.h"

#include "heap.h"
#include "superslab.h"

static struct slab *fresh_slab(unsigned int class)
{
	struct slab *slab;

	/* A slab that was never touched, so that pages can be counted. */
	do {
		slab = superslab_take(class, heap_current);
		if (slab == NULL)
			assert_true(superslab_grow(class));
	} while (slab == NULL || slab->dirty_pages != 0);
	return slab;
}

static void carves_in_order_to_the_end(void **state)
{
	(void)state;
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		struct slab *slab = fresh_slab(class);
		size_t size = class_table[class].size;
		char *expected = slab->base;

		while (slab_has_room(slab)) {
			struct block *rest;
			bool zeroed;
			char *block = (char *)slab_carve(slab, &rest, &zeroed);

			assert_ptr_equal(block, expected);
			expected += size;
			for (; rest != NULL; rest = rest->next) {
				assert_ptr_equal(rest, expected);
				expected += size;
			}
		}
		assert_int_equal(slab->carved, class_table[class].capacity);
		superslab_give(slab);
	}
}

static void touches_no_page_ahead(void **state)
{
	unsigned int class = class_of_size(64);
	struct slab *slab = fresh_slab(class);
	struct block *rest;
	bool zeroed;

	(void)state;
	assert_int_equal(resident_pages(slab->base, SLAB_SIZE), 0);
	slab_carve(slab, &rest, &zeroed);
	assert_true(zeroed);
	assert_int_equal(resident_pages(slab->base, SLAB_SIZE), 1);
	assert_int_equal(slab->carved, PAGE_SIZE / 64);
	slab_carve(slab, &rest, &zeroed);
	assert_int_equal(resident_pages(slab->base, SLAB_SIZE), 2);
	superslab_give(slab);
}

static void a_used_slab_is_dirty_up_to_its_high_water_mark(void **state)
{
	unsigned int class = class_of_size(4096);
	struct slab *slab = fresh_slab(class);
	struct slab *again;
	struct block *rest;
	bool zeroed;

	(void)state;
	for (int i = 0; i < 3; i++)
		slab_carve(slab, &rest, &zeroed);
	assert_int_equal(slab->dirty_pages, 3);
	superslab_give(slab);
	/* Dirty slabs are handed out first, the most recent one first. */
	again = superslab_take(class, heap_current);
	assert_ptr_equal(again, slab);
	for (int i = 0; i < 3; i++) {
		slab_carve(slab, &rest, &zeroed);
		assert_false(zeroed);
	}
	slab_carve(slab, &rest, &zeroed);
	assert_true(zeroed);
	superslab_give(slab);
}

static void a_new_use_has_a_new_key(void **state)
{
	struct slab *slab = fresh_slab(3);
	uint64_t key = slab->key;

	(void)state;
	assert_int_equal(key & 1, 1);
	superslab_give(slab);
	slab = superslab_take(3, heap_current);
	assert_true(slab->key != key);
	superslab_give(slab);
}

static void only_block_starts_are_blocks(void **state)
{
	struct slab *slab = fresh_slab(class_of_size(48));
	char *base = slab->base;
	struct block *rest;
	bool zeroed;

	(void)state;
	slab_carve(slab, &rest, &zeroed);
	for (size_t offset = 0; offset < SLAB_SIZE; offset++)
		assert_int_equal(slab_is_block(slab, base + offset), offset % 48 == 0 && offset / 48 < slab->carved);
	superslab_give(slab);
	assert_false(slab_is_block(slab, base));
}

static void first_blocks_are_neighbours_and_freed_ones_come_first(void **state)
{
	char *first = opaque(malloc(2000)), *second = opaque(malloc(2000)), *third;

	(void)state;
	free(first);
	/* The freed block is used again before another page is touched. */
	while ((third = opaque(malloc(2000))) != first && third < second + SLAB_SIZE)
		continue;
	assert_ptr_equal(third, first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(touches_no_page_ahead), /* before there are so many that the next have huge pages */
	    cmocka_unit_test(carves_in_order_to_the_end),
	    cmocka_unit_test(a_used_slab_is_dirty_up_to_its_high_water_mark),
	    cmocka_unit_test(a_new_use_has_a_new_key),
	    cmocka_unit_test(only_block_starts_are_blocks),
	    cmocka_unit_test(first_blocks_are_neighbours_and_freed_ones_come_first),
	};

	free(opaque(malloc(1)));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
