// SPDX-License-Identifier: MIT
/* Each misuse ends the program with its one line and SIGABRT. */
#include "test.h"

#include <pthread.h>

static char foreign[64];
static char *victim;

static void expect_abort(void (*body)(void *), const char *format, const void *pointer)
{
	char text[512], expected[512];
	int status = run_in_child(body, NULL, text, sizeof(text));

	snprintf(expected, sizeof(expected), format, (unsigned long)(uintptr_t)pointer);
	assert_string_equal(text, expected);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

#define INVALID "hakmem: free(): invalid pointer 0x%lx\n"
#define DOUBLE  "hakmem: free(): double free of 0x%lx\n"

static void free_victim(void *argument)
{
	(void)argument;
	free(opaque(victim));
}

static void free_twice(void *argument)
{
	(void)argument;
	free(opaque(victim));
	free(opaque(victim));
}

static void free_twice_with_others_between(void *argument)
{
	void *others[10];

	(void)argument;
	for (int i = 0; i < 10; i++)
		others[i] = opaque(malloc(100));
	free(opaque(victim));
	for (int i = 0; i < 10; i++)
		free(others[i]);
	free(opaque(victim));
}

static void *free_in_thread(void *pointer)
{
	free(opaque(pointer));
	return NULL;
}

static void free_twice_from_another_thread(void *argument)
{
	pthread_t thread;

	(void)argument;
	for (int i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, free_in_thread, victim);
		pthread_join(thread, NULL);
	}
}

static void free_here_then_in_another_thread(void *argument)
{
	pthread_t thread;

	(void)argument;
	free(opaque(victim));
	pthread_create(&thread, NULL, free_in_thread, victim);
	pthread_join(thread, NULL);
}

static void free_there_then_here(void *argument)
{
	pthread_t thread;

	(void)argument;
	pthread_create(&thread, NULL, free_in_thread, victim);
	pthread_join(thread, NULL);
	free(opaque(victim));
}

static void foreign_pointers(void **state)
{
	char on_stack;

	(void)state;
	victim = foreign + 16;
	expect_abort(free_victim, INVALID, victim);
	victim = &on_stack;
	expect_abort(free_victim, INVALID, victim);
	victim = (char *)16;
	expect_abort(free_victim, INVALID, victim);
	victim = (char *)UINTPTR_MAX;
	expect_abort(free_victim, INVALID, victim);
	victim = (char *)0x4141414141414141;
	expect_abort(free_victim, INVALID, victim);
	victim = (char *)0xffff888000000000;
	expect_abort(free_victim, INVALID, victim);
}

static void interior_pointers(void **state)
{
	static const size_t sizes[] = {16, 100, 1000, 5000, 16384, 50000, 3 * MIB};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *block = opaque(malloc(sizes[i]));

		victim = block + 8;
		expect_abort(free_victim, INVALID, victim);
		victim = block + sizes[i] / 2 + 1;
		expect_abort(free_victim, INVALID, victim);
		free(block);
	}
	victim = (char *)opaque(malloc(5 * MIB)) + 4 * MIB; /* a chunk's start, but not the block's */
	expect_abort(free_victim, INVALID, victim);
}

static void double_frees(void **state)
{
	static const size_t sizes[] = {16, 100, 1000, 5000, 16384};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		victim = opaque(malloc(sizes[i]));
		expect_abort(free_twice, DOUBLE, victim);
		expect_abort(free_twice_with_others_between, DOUBLE, victim);
		expect_abort(free_twice_from_another_thread, DOUBLE, victim);
		expect_abort(free_here_then_in_another_thread, DOUBLE, victim);
		expect_abort(free_there_then_here, DOUBLE, victim);
		free(victim);
	}
	victim = opaque(malloc(50000));
	expect_abort(free_twice, DOUBLE, victim);
	victim = opaque(malloc(3 * MIB));
	expect_abort(free_twice, INVALID, victim);
}

static void realloc_victim(void *argument)
{
	(void)argument;
	victim = realloc(opaque(victim), 10);
}

static void free_and_realloc(void *argument)
{
	free(opaque(victim));
	victim = realloc(opaque(victim), *(size_t *)argument);
}

static void realloc_of_a_free_block(void **state)
{
	static size_t sizes[] = {100, 90, 5000}; /* where it lies, and elsewhere */
	char text[512], expected[100];

	(void)state;
	for (int i = 0; i < 3; i++) {
		victim = opaque(malloc(100));
		snprintf(
		    expected, sizeof(expected), "hakmem: realloc(): double free of 0x%lx\n", (unsigned long)victim);
		assert_int_not_equal(run_in_child(free_and_realloc, &sizes[i], text, sizeof(text)), 0);
		assert_string_equal(text, expected);
		free(victim);
	}
}

static void *free_victim_in_thread(void *argument)
{
	free_victim(argument);
	return argument;
}

static void free_from_another_thread(void *argument)
{
	pthread_t thread;

	pthread_create(&thread, NULL, free_victim_in_thread, argument);
	pthread_join(thread, NULL);
}

/* In a slab of the heap's own, at a multiple of the block size, but no block that malloc ever returned. */
static void blocks_never_handed_out(void **state)
{
	char *base;
	size_t size;

	(void)state;
	do /* until a slab begins; nobody else uses this class */
		base = opaque(malloc(1300));
	while ((uintptr_t)base % SLAB_SIZE != 0);
	size = malloc_usable_size(base);
	assert_true(2 * size <= PAGE_SIZE);
	victim = base + size; /* ready: blocks are carved a page's worth at a time */
	expect_abort(free_victim, DOUBLE, victim);
	expect_abort(free_from_another_thread, DOUBLE, victim);
	victim = base + 10 * size; /* not carved */
	expect_abort(free_victim, INVALID, victim);
	expect_abort(free_from_another_thread, INVALID, victim);
	victim = base + SLAB_SIZE / size * size; /* what is left of the slab behind its last block */
	expect_abort(free_victim, INVALID, victim);
}

static void size_of_victim(void *argument)
{
	(void)argument;
	malloc_usable_size(victim);
}

static void other_calls_say_their_name(void **state)
{
	(void)state;
	victim = foreign;
	expect_abort(realloc_victim, "hakmem: realloc(): invalid pointer 0x%lx\n", victim);
	expect_abort(size_of_victim, "hakmem: malloc_usable_size(): invalid pointer 0x%lx\n", victim);
}

static void stale_contents_are_no_double_free(void **state)
{
	(void)state;
	/* Copies of a free block's contents must not make a live block look free. */
	for (int i = 0; i < 1000; i++) {
		uint64_t copy[2];
		uint64_t *block = opaque(malloc(48)), *other = opaque(malloc(48));

		free(block);
		memcpy(copy, opaque(block), sizeof(copy)); /* use after free, on purpose */
		memcpy(other, copy, sizeof(copy));
		free(opaque(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(foreign_pointers),
	    cmocka_unit_test(interior_pointers),
	    cmocka_unit_test(double_frees),
	    cmocka_unit_test(realloc_of_a_free_block),
	    cmocka_unit_test(blocks_never_handed_out),
	    cmocka_unit_test(other_calls_say_their_name),
	    cmocka_unit_test(stale_contents_are_no_double_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
