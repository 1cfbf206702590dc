// SPDX-License-Identifier: MIT
/* Freed medium runs: lengths, reuse without the pool, bounds, and how they go back. */
#include "test.h"

#include <errno.h>
#include <pthread.h>

#include "filter_calls.h"
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

static char *page_of(const void *block)
{
	return (char *)round_down((uintptr_t)block, PAGE_SIZE);
}

static void a_freed_run_is_used_again(void **state)
{
	char *first = opaque(malloc(120000)), *again;

	(void)state;
	memset(first, 1, 120000);
	free(first);
	again = opaque(malloc(120000));
	assert_ptr_equal(page_of(again), page_of(first));
	free(again);
	again = opaque(calloc(1, 120000));
	assert_ptr_equal(page_of(again), page_of(first));
	for (size_t at = 0; at < 120000; at++)
		assert_int_equal(again[at], 0);
	free(again);
}

/* Their first lines would share the same few places of a processor's cache. */
static void blocks_do_not_all_begin_at_a_page(void **state)
{
	bool seen[PAGE_SIZE / RUN_LINE] = {false};
	char *blocks[256];
	unsigned int lines = 0;

	(void)state;
	for (int round = 0; round < 2; round++) { /* from the pool, and from the cache */
		for (int i = 0; i < 256; i++) {
			blocks[i] = opaque(malloc(120 * KIB + (size_t)i * 100));
			assert_int_equal((uintptr_t)blocks[i] % RUN_LINE, 0);
			seen[(uintptr_t)blocks[i] % PAGE_SIZE / RUN_LINE] = true;
		}
		for (int i = 0; i < 256; i++)
			free(blocks[i]);
		for (size_t i = 0; i < PAGE_SIZE / RUN_LINE; i++)
			lines += seen[i];
		assert_in_range(lines, 32, PAGE_SIZE / RUN_LINE);
		lines = 0;
		memset(seen, 0, sizeof(seen));
	}
}

static void where_a_block_begins_costs_no_page(void **state)
{
	(void)state;
	for (size_t size = SMALL_SIZE_MAX + 1; size < 400 * KIB; size += 1000) {
		char *block = opaque(malloc(size));

		assert_true(block + size <= page_of(block) + round_up(size, PAGE_SIZE));
		assert_true(malloc_usable_size(block) >= size);
		memset(block, 1, malloc_usable_size(block));
		free(block);
	}
}

static void an_aligned_block_begins_at_a_page(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		char *block = opaque(aligned_alloc(256, 120000));

		assert_int_equal((uintptr_t)block % PAGE_SIZE, 0);
		free(block);
		free(opaque(malloc(120000)));
	}
}

static void a_block_that_begins_late_grows_within_its_run(void **state)
{
	char *block = opaque(malloc(120 * KIB + 100)), *neighbour;

	(void)state;
	while (block == page_of(block)) {
		free(block);
		block = opaque(malloc(120 * KIB + 100));
	}
	neighbour = opaque(malloc(120 * KIB + 100));
	memset(block, 1, 120 * KIB + 100);
	for (size_t size = 120 * KIB + 100; size < 300 * KIB; size += 777) {
		block = opaque(realloc(block, size));
		for (size_t at = 0; at < 120 * KIB + 100; at++)
			assert_int_equal(block[at], 1);
		memset(block + 120 * KIB, 1, malloc_usable_size(block) - 120 * KIB);
	}
	free(block);
	free(neighbour);
}

static void a_pointer_beside_the_start_is_no_block(void **state)
{
	char *block = opaque(malloc(120000));
	struct chunk *chunk = pagemap_find(block);

	(void)state;
	for (char *at = page_of(block); at < page_of(block) + PAGE_SIZE; at += 16)
		assert_int_equal(medium_size(chunk, at) != 0, at == block);
	assert_int_equal(medium_size(chunk, block + PAGE_SIZE), 0);
	free(block);
	for (char *at = page_of(block); at < page_of(block) + PAGE_SIZE; at += 16)
		assert_int_equal(medium_is_cached(chunk, at), at == block);
}

static void what_a_thread_keeps_is_bounded_and_not_live(void **state)
{
	struct medium_totals totals;
	char *blocks[40];

	(void)state;
	trim_everything();
	for (int i = 0; i < 40; i++)
		blocks[i] = opaque(malloc(120 * KIB + (size_t)(i % 5) * 16 * KIB));
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
	char *block = opaque(malloc(120000)), *page = page_of(block), *again;

	(void)state;
	memset(block, 1, 120000);
	free(block);
	medium_purge_cached(); /* from now on it is idle */
	assert_int_equal(resident_pages(page, 30 * PAGE_SIZE), 30);
	medium_purge_cached();
	assert_int_equal(resident_pages(page, 30 * PAGE_SIZE), 0);
	medium_purge_cached();
	again = opaque(malloc(120000));
	assert_ptr_equal(page_of(again), page);
	memset(again, 1, 120000);
	medium_purge_cached();
	medium_purge_cached();
	assert_int_equal(again[119999], 1); /* it is live */
	free(again);
	medium_purge_cached();
	assert_int_equal(resident_pages(page, 29 * PAGE_SIZE), 29);
}

static void what_is_kept_during_a_pass_can_be_taken(void **state)
{
	char *block = opaque(malloc(120000)), *page = page_of(block);

	(void)state;
	assert_true(runs_begin_pass());
	for (int i = 0; i < 3; i++) {
		free(block);
		block = opaque(malloc(120000));
		assert_ptr_equal(page_of(block), page);
	}
	runs_end_pass();
	free(block);
	block = opaque(malloc(120000));
	assert_ptr_equal(page_of(block), page);
	free(block);
}

static void look_at_the_pass(void *argument)
{
	(void)argument;
	if (runs_passes % 2 != 0)
		_exit(1);
	free(opaque(malloc(120000)));
	if (heap_current->runs->passes != runs_passes)
		_exit(2);
}

static void a_forked_child_has_no_pass(void **state)
{
	(void)state;
	free(opaque(malloc(120000)));
	assert_true(runs_begin_pass());
	child_succeeds(look_at_the_pass, NULL);
	runs_end_pass();
}

static void purge_without_barrier(void *argument)
{
	char *block = opaque(malloc(120000)), *page = page_of(block);

	(void)argument;
	filter_calls((const int[]){SYS_membarrier}, 1, SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_ALLOW);
	memset(block, 1, 120000);
	free(block);
	for (int i = 0; i < 3; i++)
		medium_purge_cached();
	if (resident_pages(page, 30 * PAGE_SIZE) != 30 || runs_passes % 2 != 0)
		_exit(1);
	block = opaque(malloc(120000));
	if (page_of(block) != page)
		_exit(2);
	free(block);
}

static void nothing_is_purged_where_the_kernel_has_no_barrier(void **state)
{
	(void)state;
	child_succeeds(purge_without_barrier, NULL);
}

static _Atomic bool enough;

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
			assert_int_equal((*block)[i * 4096 % 120000], 1);
		free(*block);
		*block = opaque(malloc(120000 + i % 5 * 4096));
		memset(*block, 1, 120000);
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
	assert_int_equal(pthread_create(&thread, NULL, free_one, opaque(malloc(120000))), 0);
	pthread_join(thread, NULL);
	trim_everything();
	medium_count(&totals);
	assert_int_equal(totals.chunks, 0);
}

static void free_twice(void *argument)
{
	char *block = opaque(malloc(120000));

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
	block = opaque(malloc(120000));
	memset(block, 1, 120000);
	free(block);
	medium_count(&totals);
	if (medium_is_cached(pagemap_find(block), block) || totals.blocks != 0)
		_exit(1);
}

static void obeys_the_options(void **state)
{
	(void)state;
	child_succeeds(nothing_is_cached_where_pages_are_not_kept, "HAKMEM_ZERO=eager");
	child_succeeds(nothing_is_cached_where_pages_are_not_kept, "HAKMEM_ZERO=lazy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length_has_a_bin_that_wastes_an_eighth_at_most),
	    cmocka_unit_test(a_freed_run_is_used_again),
	    cmocka_unit_test(blocks_do_not_all_begin_at_a_page),
	    cmocka_unit_test(where_a_block_begins_costs_no_page),
	    cmocka_unit_test(an_aligned_block_begins_at_a_page),
	    cmocka_unit_test(a_block_that_begins_late_grows_within_its_run),
	    cmocka_unit_test(a_pointer_beside_the_start_is_no_block),
	    cmocka_unit_test(what_a_thread_keeps_is_bounded_and_not_live),
	    cmocka_unit_test(idle_runs_are_purged_where_they_are),
	    cmocka_unit_test(what_is_kept_during_a_pass_can_be_taken),
	    cmocka_unit_test(a_forked_child_has_no_pass),
	    cmocka_unit_test(nothing_is_purged_where_the_kernel_has_no_barrier),
	    cmocka_unit_test(live_runs_are_never_purged),
	    cmocka_unit_test(an_ended_thread_keeps_nothing),
	    cmocka_unit_test(a_second_free_is_named),
	    cmocka_unit_test(obeys_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
