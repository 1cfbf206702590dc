// SPDX-License-Identifier: MIT
/* Figures: what the program allocated is what they say. */
#include "test.h"

#include "hakmem.h"

static void counts_follow_the_program(void **state)
{
	struct hakmem_statistics before, with, after;
	void *blocks[100], *medium, *large;
	unsigned int class;

	(void)state;
	blocks[0] = opaque(malloc(1100)); /* beyond the sizes that a young heap merges */
	hakmem_get_statistics(&before, sizeof(before));
	for (class = 0; before.classes[class].block_bytes != malloc_usable_size(blocks[0]); class ++)
		continue;
	for (int i = 1; i < 100; i++)
		blocks[i] = opaque(malloc(1100));
	medium = opaque(malloc(130000));
	large = opaque(malloc(3 * MIB));
	hakmem_get_statistics(&with, sizeof(with));
	assert_int_equal(with.classes[class].total_blocks - before.classes[class].total_blocks, 99);
	assert_int_equal(with.medium_blocks - before.medium_blocks, 1);
	assert_int_equal(with.medium_live_bytes - before.medium_live_bytes, 32 * PAGE_SIZE);
	assert_int_equal(with.large_blocks - before.large_blocks, 1);
	assert_int_equal(with.large_live_bytes - before.large_live_bytes, 3 * MIB);
	assert_true(with.classes[class].live_blocks >= 99);
	assert_true(with.mapped_bytes >= with.small_live_bytes + with.medium_live_bytes + with.large_live_bytes);
	for (int i = 0; i < 100; i++)
		free(blocks[i]);
	free(medium);
	free(large);
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(with.classes[class].live_blocks - after.classes[class].live_blocks, 100);
	assert_int_equal(after.medium_blocks, before.medium_blocks);
	assert_int_equal(after.large_blocks, before.large_blocks);
	assert_int_equal(after.classes[class].total_blocks, with.classes[class].total_blocks);
}

static void shorter_structures_are_served(void **state)
{
	struct hakmem_statistics statistics;

	(void)state;
	memset(&statistics, 0xee, sizeof(statistics));
	hakmem_get_statistics(&statistics, offsetof(struct hakmem_statistics, medium_chunks));
	assert_true(statistics.superslabs >= 1);
	assert_true(statistics.medium_chunks == 0xeeeeeeeeeeeeeeeeULL);
}

static void mallinfo_is_plausible(void **state)
{
	struct mallinfo2 before = mallinfo2(), with;
	char *blocks[1000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		blocks[i] = opaque(malloc(2000));
	with = mallinfo2();
	assert_true(with.uordblks - before.uordblks >= 2000000);
	assert_true(with.uordblks - before.uordblks <= 2200000);
	assert_int_equal(with.arena, with.uordblks + with.fordblks);
	for (int i = 0; i < 1000; i++)
		free(blocks[i]);
	assert_true(mallinfo2().uordblks <= before.uordblks);
}

static void malloc_info_is_xml(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(malloc_info(0, stream), 0);
	fclose(stream);
	assert_true(strncmp(text, "<malloc version=\"hakmem-", 24) == 0);
	assert_non_null(strstr(text, "</malloc>\n"));
	free(text);
	errno = 0;
	assert_int_equal(malloc_info(1, stdout), -1);
	assert_int_equal(errno, EINVAL);
}

static void costs_are_absent_without_a_tracer(void **state)
{
	struct hakmem_cost_figures cost;
	void *block = opaque(malloc(10));

	(void)state;
	errno = 0;
	assert_int_equal(hakmem_range_cost(block, &cost), -1);
	assert_int_equal(errno, ENOTSUP);
	assert_int_equal(hakmem_range_cost(&cost, &cost), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(hakmem_version(), HAKMEM_VERSION);
	free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_follow_the_program),
	    cmocka_unit_test(shorter_structures_are_served),
	    cmocka_unit_test(mallinfo_is_plausible),
	    cmocka_unit_test(malloc_info_is_xml),
	    cmocka_unit_test(costs_are_absent_without_a_tracer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
