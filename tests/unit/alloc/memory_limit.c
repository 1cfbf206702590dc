// SPDX-License-Identifier: MIT
/* Out of memory: NULL and ENOMEM, nothing damaged, and all is well once memory is free again. */
#include "test.h"

static void limit(size_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_AS, &limit);
}

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                        \
	} while (0)

struct link {
	struct link *next;
	size_t size;
	unsigned char bytes[];
};

static struct link *fill(size_t size)
{
	struct link *list = NULL, *link;

	errno = 0;
	while ((link = opaque(malloc(sizeof(*link) + size))) != NULL) {
		link->next = list;
		link->size = size;
		memset(link->bytes, (int)size, size);
		list = link;
	}
	CHECK(errno == ENOMEM);
	return list;
}

static void check_and_free(struct link *list)
{
	while (list != NULL) {
		struct link *next = list->next;

		for (size_t i = 0; i < list->size; i += 64)
			CHECK(list->bytes[i] == (unsigned char)list->size);
		free(list);
		list = next;
	}
}

static void hit_the_limit(void *argument)
{
	size_t size = *(size_t *)argument;
	struct link *list;
	void *block;

	limit(256 * MIB);
	for (int round = 0; round < 3; round++) {
		list = fill(size);
		CHECK(list != NULL);
		CHECK(opaque(malloc(300 * MIB)) == NULL);
		CHECK(opaque(calloc(1, 300 * MIB)) == NULL && errno == ENOMEM);
		check_and_free(list);
		block = opaque(malloc(16 * MIB));
		CHECK(block != NULL);
		free(block);
	}
}

static void a_limit_hit_with(size_t size)
{
	char text[2000];

	assert_int_equal(run_in_child(hit_the_limit, &size, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void small_blocks(void **state)
{
	(void)state;
	a_limit_hit_with(100);
	a_limit_hit_with(5000);
}

static void medium_blocks(void **state)
{
	(void)state;
	a_limit_hit_with(60000);
	a_limit_hit_with(900000);
}

static void large_blocks(void **state)
{
	(void)state;
	a_limit_hit_with(5 * MIB);
}

static void failing_realloc(void *argument)
{
	char *block;

	(void)argument;
	limit(256 * MIB);
	block = opaque(malloc(20 * MIB));
	memset(block, 7, 20 * MIB);
	CHECK(opaque(realloc(opaque(block), 400 * MIB)) == NULL && errno == ENOMEM);
	for (size_t i = 0; i < 20 * MIB; i += 4096)
		CHECK(block[i] == 7);
	block = opaque(realloc(block, 40 * MIB));
	CHECK(block != NULL && block[20 * MIB - 1] == 7);
	free(block);
}

static void realloc_that_fails_keeps_the_block(void **state)
{
	char text[2000];

	(void)state;
	assert_int_equal(run_in_child(failing_realloc, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(small_blocks),
	    cmocka_unit_test(medium_blocks),
	    cmocka_unit_test(large_blocks),
	    cmocka_unit_test(realloc_that_fails_keeps_the_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
