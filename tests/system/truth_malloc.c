/* SPDX-License-Identifier: MIT */
/*
 * Touches a known number of pages that malloc handed out. Whose they are depends on which malloc is in effect: with
 * glibc's, region libc; with libhakmem preloaded, region allocator. The report says "malloc" and truth.sh knows. See
 * truth.h.
 *
 * How many pages blocks share and where headers lie is the allocator's affair, so pages are counted by address.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>

#include "truth.h"

#define SMALL_SIZE 1000L
#define BIG_SIZE   (1024L * 1024)
#define SEEN_SLOTS 16384 /* a power of two, sparse at the most pages a case touches */

static uintptr_t seen_pages[SEEN_SLOTS];
static long seen;

/* Count the page of this address unless it was counted before. */
static void see(const void *address)
{
	uintptr_t page = (uintptr_t)address / PAGE;
	size_t slot = page * 0x9e3779b97f4a7c15u >> 50;

	while (seen_pages[slot] && seen_pages[slot] != page)
		slot = (slot + 1) % SEEN_SLOTS;
	if (!seen_pages[slot]) {
		seen_pages[slot] = page;
		seen++;
	}
}

static void write_all_of(char *block, long size)
{
	memset(block, 1, size);
	for (long offset = 0; offset < size; offset += PAGE)
		see(block + offset);
	see(block + size - 1);
}

/* The table above is the case's own cost, so the baselines have it too. */
static void count_only(long pages)
{
	(void)pages;
	touch((char *)seen_pages, sizeof(seen_pages) / PAGE);
}

/* Both mallocs' code runs here first, and the kernel maps pages of it in batches that vary. */
static void expect_malloc(const char *detail, long faults)
{
	expect("malloc", detail, faults);
	allow("libc", 8);
	allow("library", 8);
}

static void *allocate(long size)
{
	void *block = malloc(size);

	if (!block)
		fail("malloc");
	return block;
}

static void fill_small(long pages)
{
	for (long left = pages * PAGE; left > 0; left -= SMALL_SIZE)
		write_all_of(allocate(SMALL_SIZE), SMALL_SIZE);
}

static void small(long pages)
{
	count_only(0);
	seen = 0;
	fill_small(pages);
	expect_malloc("heap", seen);
}

static void big(long pages)
{
	count_only(0);
	seen = 0;
	for (long left = pages * PAGE; left > 0; left -= BIG_SIZE)
		write_all_of(allocate(BIG_SIZE), BIG_SIZE);
	expect_malloc("mmap", seen);
}

/* Fresh zeroes, read before they are written: two faults a page, unless a header on the page was written first. */
static void zeroed_big(long pages)
{
	long sum = 0, headers = 0;

	count_only(0);
	seen = 0;
	for (long left = pages * PAGE; left > 0; left -= BIG_SIZE) {
		volatile char *block = calloc(1, BIG_SIZE);

		if (!block)
			fail("calloc");
		for (long offset = 0; offset < BIG_SIZE; offset += PAGE)
			sum += block[offset];
		sum += block[BIG_SIZE - 1];
		headers += (uintptr_t)block % PAGE != 0;
		write_all_of((char *)block, BIG_SIZE);
	}
	if (sum)
		fail("calloc's memory isn't zero");
	expect_malloc("mmap", 2 * seen - headers);
}

/* Grown with mremap, a big block keeps its pages. */
static void resized(long pages)
{
	long half = pages / 2 * PAGE;
	char *block;

	count_only(0);
	block = allocate(half);
	memset(block, 1, half);
	block = realloc(block, 2 * half);
	if (!block)
		fail("realloc");
	seen = 0;
	write_all_of(block, 2 * half);
	expect_malloc("mmap", seen);
}

static void *fill_in_thread(void *pages)
{
	seen = 0;
	if (pages)
		fill_small(*(long *)pages);
	else
		see(allocate(SMALL_SIZE));
	return NULL;
}

static void run_thread(long *pages)
{
	pthread_t thread;

	count_only(0);
	/* The main heap exists already, so that glibc gives the thread an arena of its own. */
	see(allocate(SMALL_SIZE));
	if (pthread_create(&thread, NULL, fill_in_thread, pages))
		fail("pthread_create");
	pthread_join(thread, NULL);
}

static void thread_only(long pages)
{
	(void)pages;
	run_thread(NULL);
}

static void arena(long pages)
{
	run_thread(&pages);
	expect_malloc("arena", seen);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, count_only, false},
    {"baseline-thread", NULL, thread_only, false},
    {"malloc-small", "baseline", small, true},
    {"malloc-big", "baseline", big, true},
    {"calloc-big", "baseline", zeroed_big, true},
    {"realloc-big", "baseline", resized, true},
    {"malloc-arena", "baseline-thread", arena, true},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
