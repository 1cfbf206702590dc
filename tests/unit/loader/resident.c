// SPDX-License-Identifier: MIT
/* Which of our own pages are resident, in each of the ways that it can be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/memory.h"

#define PAGE  4096UL
#define PAGES 5000

static char *area;
static size_t found_pages;
static uint64_t last_end;
static char found_page[PAGES];

static void found(void *context, uint64_t start, uint64_t end)
{
	(void)context;
	assert_true(start < end && start >= last_end);
	last_end = end;
	for (uint64_t page = (start - (uint64_t)area) / PAGE; page < (end - (uint64_t)area) / PAGE; page++) {
		found_page[page] = 1;
		found_pages++;
	}
}

static int map_area(void **state)
{
	(void)state;
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED || madvise(area, PAGES * PAGE, MADV_NOHUGEPAGE))
		return -1;
	area[0] = area[3000 * PAGE] = area[3001 * PAGE] = area[(PAGES - 1) * PAGE] = 1;
	found_pages = last_end = 0;
	memset(found_page, 0, sizeof(found_page));
	return 0;
}

static int unmap_area(void **state)
{
	(void)state;
	return munmap(area, PAGES * PAGE);
}

static int look(const struct memory *memory, struct memory_limit *limit)
{
	return memory_each_resident(memory, (uint64_t)area, (uint64_t)area + PAGES * PAGE, limit, found, NULL);
}

static void is_found(const struct memory *memory)
{
	struct memory_limit limit = {UINT64_MAX, 100000};

	assert_int_equal(look(memory, &limit), 0);
	assert_int_equal(found_pages, 4);
	assert_true(found_page[0] && found_page[3000] && found_page[3001] && found_page[PAGES - 1]);
}

static void touched_pages_are_found_and_no_others(void **state)
{
	struct memory memory;

	(void)state;
	assert_int_equal(memory_open(&memory, getpid()), 0);
	is_found(&memory);
	memory_close(&memory);
}

static void without_its_list_of_pages_they_are_found_as_well(void **state)
{
	struct memory memory = {.process = getpid(), .contents = -1, .pages = -1};

	(void)state;
	is_found(&memory);
}

static void a_bound_on_looks_is_kept_and_said(void **state)
{
	struct memory memory = {.process = getpid(), .contents = -1, .pages = -1};
	struct memory_limit limit = {UINT64_MAX, PAGES - 1};

	(void)state;
	assert_int_equal(look(&memory, &limit), -1);
	assert_int_equal(limit.pages, PAGES - 1);
	assert_int_equal(found_pages, 0);
	assert_int_equal(errno, ETIMEDOUT);
}

static void when_the_time_is_over_it_ends_and_that_is_said(void **state)
{
	struct memory memory = {.process = getpid(), .contents = -1, .pages = -1};
	struct memory_limit limit = {1, 100000};

	(void)state;
	assert_int_equal(look(&memory, &limit), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(found_pages, 1);
}

static void of_a_process_that_cannot_be_looked_at_nothing_is_said(void **state)
{
	struct memory memory = {.contents = -1, .pages = -1};
	struct memory_limit limit = {UINT64_MAX, 100000};

	(void)state;
	assert_int_equal(look(&memory, &limit), -1);
	assert_int_equal(found_pages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(touched_pages_are_found_and_no_others, map_area, unmap_area),
	    cmocka_unit_test_setup_teardown(without_its_list_of_pages_they_are_found_as_well, map_area, unmap_area),
	    cmocka_unit_test_setup_teardown(when_the_time_is_over_it_ends_and_that_is_said, map_area, unmap_area),
	    cmocka_unit_test_setup_teardown(a_bound_on_looks_is_kept_and_said, map_area, unmap_area),
	    cmocka_unit_test_setup_teardown(
	        of_a_process_that_cannot_be_looked_at_nothing_is_said, map_area, unmap_area),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
