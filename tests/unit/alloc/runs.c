// SPDX-License-Identifier: MIT
/* Freed medium runs: lengths, reuse without the pool, bounds, and how they go back. */
#include "test.h"

#include <pthread.h>

#include "heap.h"
#include "medium.h"
#include "options.h"
#include "runs.h"
#include "trim.h"

static void every_length_has_a_bin_that_wastes_an_eighth_at_most(void **state)
{
	(void)state;
	for (unsigned int pages = 1; pages <= MEDIUM_SIZE_MAX / PAGE_SIZE; pages++) {
		unsigned int bin = run_bin(pages), length = run_pages(bin);

		assert_in_range(bin, 0, RUN_BINS - 1);
		assert_in_range(length, pages, pages + pages / 8);
		assert_int_equal(run_bin(length), bin);
	}
	for (unsigned int bin = 1; bin < RUN_BINS; bin++)
		assert_true(run_pages(bin) > run_pages(bin - 1));
}

static void a_freed_run_is_used_again(void **state)
{
	char *first = opaque(malloc(100000)), *again;

	(void)state;
	memset(first, 1, 100000);
	free(first);
	again = opaque(malloc(100000));
	assert_ptr_equal(again, first);
	free(again);
	again = opaque(calloc(1, 100000));
	assert_ptr_equal(again, first);
	for (size_t at = 0; at < 100000; at++)
		assert_int_equal(again[at], 0);
	free(again);
}

static void what_a_thread_keeps_is_bounded_and_not_live(void **state)
{
	struct medium_totals totals;
	char *blocks[40];

	(void)state;
	trim_everything();
	for (int i = 0; i < 40; i++)
		blocks[i] = opaque(malloc(100 * KIB + (size_t)(i % 5) * 16 * KIB));
	for (int i = 0; i < 40; i++)
		free(blocks[i]);
	medium_count(&totals);
	assert_int_equal(totals.blocks, 0);
	assert_int_equal(totals.live_bytes, 0);
	/* All of it goes when it is asked for: the cache holds back nothing. */
	assert_true(trim_everything());
	medium_count(&totals);
	assert_int_equal(totals.chunks, 0);
}

static void idle_runs_are_purged_where_they_are(void **state)
{
	char *block = opaque(malloc(100000)), *again;

	(void)state;
	memset(block, 1, 100000);
	free(block);
	medium_purge_cached(); /* from now on it is idle */
	assert_int_equal(resident_pages(block, 25 * PAGE_SIZE), 25);
	medium_purge_cached();
	assert_int_equal(resident_pages(block, 25 * PAGE_SIZE), 0);
	medium_purge_cached();
	again = opaque(malloc(100000));
	assert_ptr_equal(again, block);
	memset(again, 1, 100000);
	medium_purge_cached();
	medium_purge_cached();
	assert_int_equal(again[99999], 1); /* it is live */
	free(again);
	medium_purge_cached();
	assert_int_equal(resident_pages(block, 24 * PAGE_SIZE), 24);
}

static volatile bool enough;

static void *purge_all_the_time(void *argument)
{
	while (!enough)
		medium_purge_cached();
	return argument;
}

static void live_runs_are_never_purged(void **state)
{
	char *blocks[8] = {NULL};
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, purge_all_the_time, NULL), 0);
	for (unsigned int i = 0; i < 40000; i++) {
		char **block = &blocks[i * 7 % 8];

		if (*block != NULL)
			assert_int_equal((*block)[i * 4096 % 60000], 1);
		free(*block);
		*block = opaque(malloc(60000 + i % 5 * 4096));
		memset(*block, 1, 60000);
	}
	enough = true;
	pthread_join(thread, NULL);
	for (int i = 0; i < 8; i++)
		free(blocks[i]);
}

static void *free_one(void *block)
{
	free(block);
	return NULL;
}

static void an_ended_thread_keeps_nothing(void **state)
{
	struct medium_totals totals;
	pthread_t thread;

	(void)state;
	trim_everything();
	assert_int_equal(pthread_create(&thread, NULL, free_one, opaque(malloc(100000))), 0);
	pthread_join(thread, NULL);
	trim_everything();
	medium_count(&totals);
	assert_int_equal(totals.chunks, 0);
}

static void free_twice(void *argument)
{
	char *block = opaque(malloc(100000));

	(void)argument;
	free(block);
	free(opaque(block));
}

static void a_second_free_is_named(void **state)
{
	char text[256];
	int status = run_in_child(free_twice, NULL, text, sizeof(text));

	(void)state;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(text, "hakmem: free(): double free of 0x"));
}

static void nothing_is_cached_where_pages_are_not_kept(void *argument)
{
	char *environment[] = {argument, NULL};
	struct medium_totals totals;
	char *block;

	trim_everything();
	heap_current->runs = NULL; /* as at start, when options are read */
	options_read(environment, false);
	block = opaque(malloc(100000));
	memset(block, 1, 100000);
	free(block);
	medium_count(&totals);
	if (medium_is_cached(pagemap_find(block), block) || totals.blocks != 0)
		_exit(1);
}

static void obeys_the_options(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(
	    run_in_child(nothing_is_cached_where_pages_are_not_kept, "HAKMEM_ZERO=eager", text, sizeof(text)), 0);
	assert_int_equal(
	    run_in_child(nothing_is_cached_where_pages_are_not_kept, "HAKMEM_ZERO=lazy", text, sizeof(text)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length_has_a_bin_that_wastes_an_eighth_at_most),
	    cmocka_unit_test(a_freed_run_is_used_again),
	    cmocka_unit_test(what_a_thread_keeps_is_bounded_and_not_live),
	    cmocka_unit_test(idle_runs_are_purged_where_they_are),
	    cmocka_unit_test(live_runs_are_never_purged),
	    cmocka_unit_test(an_ended_thread_keeps_nothing),
	    cmocka_unit_test(a_second_free_is_named),
	    cmocka_unit_test(obeys_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
