/* SPDX-License-Identifier: MIT */
/*
 * Touches pages none of which lies near the one before, so that each fault is in another chunk's history, and what is
 * remembered of chunks (bpf/owned.h) and of sweeps (bpf/sweep.h) has to hold wherever they go, and no longer than it is
 * true. See truth.h.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "truth.h"

#define SELF  "truth_apart"
#define APART 67  /* pages from one to the next: in other 64 pages always, and in another chunk each eighth time */
#define CHUNK 512 /* pages */
#define GIB   (1L << 30)

static char *map_shared(char *address, long pages)
{
	char *memory = mmap(address, pages * PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED : 0), -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

static void give_back(char *memory, long pages)
{
	if (madvise(memory, pages * PAGE, MADV_DONTNEED))
		fail("madvise");
}

/* `count` of `pages`, from the `from`th on, in an order that jumps about: neighbours in time are far apart. */
static void scatter(char *memory, long pages, long from, long count)
{
	volatile char *bytes = memory;

	for (long i = from; i < from + count; i++)
		bytes[i * 1237 % pages * PAGE] = 1;
}

static void expect_anon(const char *cause, long faults)
{
	expect_cause("anon", SELF, cause, faults);
}

static void strides(long pages)
{
	volatile char *memory = map(pages * APART, 0);

	for (long i = 0; i < pages; i++)
		memory[i * APART * PAGE] = 1;
	expect("anon", SELF, pages);
	expect_anon("first-touch", pages);
	expect_zeroed("anon", SELF, pages * PAGE);
}

/* All of it is given back, and comes back in the same disorder. */
static void again(long pages)
{
	long all = pages * 4;
	char *memory = map(all, 0);

	scatter(memory, all, 0, all);
	give_back(memory, all);
	scatter(memory, all, 0, all);
	expect("anon", SELF, 2 * all);
	expect_anon("first-touch", all);
	expect_anon("purged", all);
	expect_purger("anon", SELF, "madvise", all);
	expect_zeroed("anon", SELF, 2 * all * PAGE);
}

/* Of every two pages one was given back, by turns by another call, and one was never there. */
static void fates_mixed(long pages)
{
	long all = pages * 4;
	char *memory = map(all, 0);

	for (long page = 0; page < all; page += 2) {
		touch(memory + page * PAGE, 1);
		if (page & 2)
			give_back(memory + page * PAGE, 1);
		else
			map_over(memory + page * PAGE, 1);
	}
	scatter(memory, all, 0, all);
	expect("anon", SELF, all + all / 2);
	expect_anon("first-touch", all);
	expect_anon("purged", all / 2);
	expect_purger("anon", SELF, "madvise", all / 4);
	expect_purger("anon", SELF, "mmap", all / 4);
}

/* Other memory lies within, its ends on no boundary of anything but pages. */
static void neighbours(long pages)
{
	long all = pages * 4, first = all / 3 | 1, between = all / 16;
	char *memory = map(all, 0);

	map_shared(memory + first * PAGE, between);
	scatter(memory, all, 0, all);
	expect("anon", SELF, all - between);
	expect_anon("first-touch", all - between);
	expect_zeroed("anon", SELF, (all - between) * PAGE);
	expect("file", "*", between);
	expect_cause("file", "*", "file", between);
}

/* Three here, three there: whoever expects the next one where the last ones were is wrong. */
static void by_turns(long pages)
{
	long all = pages / 3 * 3;
	volatile char *memory = map(all * APART, 0), *other = map_shared(NULL, all * APART);

	for (long i = 0; i < all; i++) {
		memory[i * APART * PAGE] = 1;
		if (i % 3 == 2)
			for (long j = i - 2; j <= i; j++)
				other[j * APART * PAGE] = 1;
	}
	expect("anon", SELF, all);
	expect_anon("first-touch", all);
	expect("file", "*", all);
	expect_cause("file", "*", "file", all);
}

/* Others get the addresses, in the middle of it. */
static void changes_hands(long pages)
{
	long all = pages * 4;
	char *memory = map(all, 0);

	scatter(memory, all, 0, all / 2);
	map_shared(memory, all);
	scatter(memory, all, all / 2, all / 2);
	map_over(memory, all);
	scatter(memory, all, 0, all);
	expect("anon", SELF, all / 2 + all);
	expect("file", "*", all / 2);
	expect_cause("file", "*", "file", all / 2);
}

/* A mapping of so many GiB is found in no node of the request table, until a part of it is another's. */
static void reservation(long pages)
{
	long all = 3 * GIB / PAGE, far = all / pages, half = far / 2;
	long within = 2 * CHUNK + 3, inside = (within - half + far - 1) / far;
	char *memory = map(all, MAP_NORESERVE);
	volatile char *bytes = memory;

	for (long i = 0; i < pages; i++)
		bytes[i * far * PAGE] = 1;
	map_shared(memory, within);
	scatter(memory, within, 0, within);
	for (long i = 0; i < pages; i++)
		bytes[(i * far + half) * PAGE] = 1; /* `inside` of which have been touched just now */
	expect("anon", SELF, 2 * pages - inside);
	expect_anon("first-touch", 2 * pages - inside);
	expect("file", "*", within);
	expect_cause("file", "*", "file", within);
}

/* One reservation lies within another, which goes on behind it. */
static void reservations_nested(long pages)
{
	long outer = 7 * GIB / PAGE, inner = 2 * GIB / PAGE, far = outer / pages;
	char *memory = map(outer, MAP_NORESERVE), *within = memory + (outer / 3) * PAGE;
	volatile char *bytes = memory;
	long files = 0;

	map_shared(within, inner);
	for (long i = 0; i < pages; i++) {
		bytes[i * far * PAGE] = 1;
		files += i * far >= outer / 3 && i * far < outer / 3 + inner;
	}
	expect("anon", SELF, pages - files);
	expect("file", "*", files);
}

/* As many as a browser's processes have. */
static void reservations_many(long pages)
{
	long size = 2 * GIB / PAGE, count = 30;

	(void)pages;
	for (long i = 0; i < count; i++)
		touch(i & 1 ? map(size, MAP_NORESERVE) : map_shared(NULL, size), 4);
	expect("anon", SELF, count / 2 * 4);
	expect("file", "*", count / 2 * 4);
}

/* A child knows what its parent did, and either goes its own way. */
static void forked(long pages)
{
	long all = pages * 4, half = all / 2;
	char *memory = map(all, 0);
	pid_t child;
	int status;

	scatter(memory, all, 0, half);
	child = fork();
	if (!child) {
		scatter(memory, all, half, half);
		map_shared(memory, all);
		scatter(memory, all, 0, all);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("child");
	scatter(memory, all, half, half);
	expect("anon", SELF, half + half + half);
	expect_anon("first-touch", half + half + half);
	expect("file", "*", all);
}

static char *common;

/* Each page is another's every other time; its neighbours are other threads'. */
static void *change_own(void *which)
{
	long self = (long)which;

	for (int round = 0; round < 128; round++)
		for (long i = 0; i < 4; i++) {
			char *page = common + (i * CHUNK + i * 7 + self) * PAGE;

			if (round & 1)
				map_shared(page, 1);
			else
				map_over(page, 1);
			touch(page, 1);
		}
	return NULL;
}

/* What one thread learns of a chunk, another thread has just made wrong. */
static void threads_change(long pages)
{
	pthread_t threads[3];
	long each = 128 * 4, count = 1 + sizeof(threads) / sizeof(*threads);

	(void)pages;
	common = map(5 * CHUNK, 0);
	for (long i = 1; i < count; i++)
		if (pthread_create(&threads[i - 1], NULL, change_own, (void *)i))
			fail("pthread_create");
	change_own(0);
	for (long i = 1; i < count; i++)
		pthread_join(threads[i - 1], NULL);
	expect("anon", SELF, count * each / 2);
	expect("file", "*", count * each / 2);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"strides", "baseline", strides, false},
    {"again", "baseline", again, false},
    {"fates-mixed", "baseline", fates_mixed, false},
    {"neighbours", "baseline", neighbours, false},
    {"by-turns", "baseline", by_turns, false},
    {"changes-hands", "baseline", changes_hands, false},
    {"reservation", "baseline", reservation, false},
    {"reservations-nested", "baseline", reservations_nested, false},
    {"reservations-many", "baseline", reservations_many, false},
    {"forked", "none", forked, false},
    {"threads-change", "none", threads_change, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
