// SPDX-License-Identifier: MIT
/* Long slabs: what a heap keeps of them is bounded, turns of one block change nothing, and a block that grows stays. */
#include "test.h"

#include "heap.h"
#include "superslab.h"
#include "trim.h"

enum { MOST = 2000 };
static char *blocks[MOST];

static size_t size_of(unsigned int class)
{
	return class_table[class].size;
}

static bool is_long(const struct slab *slab)
{
	return !class_is_single(slab->class);
}

/* Bytes of long slabs that heaps have, as far as they were carved. */
static void add_carved(struct slab *slab, void *sum)
{
	if (is_long(slab))
		*(size_t *)sum += slab->carved * size_of(slab->class);
}

static size_t carved_bytes(void)
{
	size_t sum = 0;

	superslab_each_slab(add_carved, &sum);
	return sum;
}

static void freed_blocks_leave_little_in_the_heap(void **state)
{
	(void)state;
	for (unsigned int slabs = 1; slabs <= 6; slabs++) {
		for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++) {
			unsigned int count = slabs * class_table[class].capacity;

			for (unsigned int i = 0; i < count; i++)
				blocks[i] = opaque(malloc(size_of(class)));
			for (unsigned int i = 0; i < count; i++)
				free(blocks[i]);
		}
		assert_in_range(carved_bytes(), 0, 5 * MIB);
	}
}

static void the_order_of_frees_makes_no_difference(void **state)
{
	unsigned int count = 0;

	(void)state;
	for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++)
		for (unsigned int i = 0; i < 5u * class_table[class].capacity; i++)
			blocks[count++] = opaque(malloc(size_of(class)));
	/* 1201 is prime to the count. */
	for (unsigned int i = 0; i < count; i++)
		free(blocks[i * 1201 % count]);
	assert_in_range(carved_bytes(), 0, 8 * MIB);
	trim_everything();
	assert_int_equal(carved_bytes(), 0);
}

static void what_is_current_is_bounded(void **state)
{
	unsigned int count = 0;

	(void)state;
	for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++)
		for (unsigned int i = 0; i < 4u * class_table[class].capacity; i++) {
			blocks[count++] = opaque(malloc(size_of(class)));
			assert_in_range(heap_current->long_bytes, 0, 32 * MIB);
		}
	for (unsigned int i = 0; i < count; i += 2)
		free(blocks[i]);
	for (unsigned int i = 0; i < count; i += 2) {
		blocks[i] = opaque(malloc(size_of(SINGLE_CLASSES + i * 7 % (CLASS_COUNT - SINGLE_CLASSES))));
		assert_in_range(heap_current->long_bytes, 0, 32 * MIB);
	}
	for (unsigned int i = 0; i < count; i++)
		free(blocks[i]);
}

static void turns_of_one_block_take_it_again_and_again(void **state)
{
	(void)state;
	trim_everything();
	for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++)
		free(opaque(malloc(size_of(class))));
	for (int round = 0; round < 50; round++)
		for (unsigned int class = SINGLE_CLASSES; class < CLASS_COUNT; class ++) {
			char *block = opaque(malloc(size_of(class)));

			assert_true(round == 0 || block == blocks[class]);
			blocks[class] = block;
			free(block);
		}
}

static void a_block_that_grows_stays_where_it_is(void **state)
{
	char *block = opaque(malloc(1000));
	int moves = 0;

	(void)state;
	memset(block, 1, 1000);
	for (size_t size = 1000; size < 113 * KIB; size += 1000) {
		char *grown = opaque(realloc(block, size + 1000));

		moves += size > SINGLE_SIZE_MAX && grown != block;
		block = grown;
		for (size_t i = 0; i < size; i++)
			assert_int_equal(block[i], 1);
		memset(block, 1, size + 1000);
	}
	assert_in_range(moves, 0, 1);
	assert_ptr_equal(opaque(realloc(block, 20000)), block);
	free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(freed_blocks_leave_little_in_the_heap),
	    cmocka_unit_test(the_order_of_frees_makes_no_difference),
	    cmocka_unit_test(what_is_current_is_bounded),
	    cmocka_unit_test(turns_of_one_block_take_it_again_and_again),
	    cmocka_unit_test(a_block_that_grows_stays_where_it_is),
	};

	free(opaque(malloc(1)));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
