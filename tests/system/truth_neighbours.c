/* SPDX-License-Identifier: MIT */
/*
 * Neighbouring pages, whose histories are bits of one word, touched at the same time by a thread and by who created it,
 * who was alone in the address space until then: each touch is remembered, or the next one has another cause. See
 * truth.h.
 */
#include <pthread.h>
#include <sched.h>

#include "truth.h"

enum {
	ROUNDS = 32,      /* each of all pages */
	PATIENCE = 10000, /* whoever is waited for may not be running */
};
static struct neighbour {
	_Alignas(64) volatile long page;
} neighbours[2];
static char *neighbourhood;
static pthread_barrier_t together;
static cpu_set_t processors;

static void run_on(int processor)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(processor, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("sched_setaffinity");
}

/* Every other page, each at the time that the other task touches the one beside it. */
static void touch_beside(int self, long pages)
{
	volatile char *memory = neighbourhood;
	int processor = self ? CPU_SETSIZE - 1 : 0;

	while (!CPU_ISSET(processor, &processors))
		processor += self ? -1 : 1;
	run_on(processor);
	pthread_barrier_wait(&together);
	for (long page = 0; page < pages; page += 2) {
		neighbours[self].page = page;
		for (int i = 0; neighbours[!self].page < page && i < PATIENCE; i++)
			continue;
		memory[(page + self) * PAGE] = 1;
	}
}

static void *neighbour(void *pages)
{
	touch_beside(1, (long)pages);
	return NULL;
}

static void touch_by_two(long pages)
{
	pthread_t thread;

	for (int i = 0; i < 2; i++)
		neighbours[i].page = -1;
	if (pthread_barrier_init(&together, NULL, 2) || pthread_create(&thread, NULL, neighbour, (void *)pages))
		fail("pthread_create");
	touch_beside(0, pages);
	pthread_join(thread, NULL);
}

static void give_back(long pages)
{
	if (madvise(neighbourhood, pages * PAGE, MADV_DONTNEED))
		fail("madvise");
}

static void expect_cause_here(const char *cause, long faults)
{
	expect_cause("anon", TRUTH_NAME, cause, faults);
}

static void by_two(long pages)
{
	if (sched_getaffinity(0, sizeof(processors), &processors) || CPU_COUNT(&processors) < 2) {
		report_line("skip one processor, on which none races\n");
		return;
	}
	pages *= ROUNDS;
	neighbourhood = map(pages, 0);
	touch_by_two(pages);
	give_back(pages);
	touch_by_two(pages);
	give_back(pages);
	touch(neighbourhood, pages);
	expect_cause_here("first-touch", pages);
	expect_cause_here("purged", 2 * pages);
}

static const struct truth_case cases[] = {
    {"by-two", "none", by_two, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
