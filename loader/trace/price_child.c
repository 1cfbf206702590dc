// SPDX-License-Identifier: MIT
/*
 * What differs between a child and the next is to be our hooks and nothing else: all run on one processor, and half of
 * the batches get pages that the others gave back, for one that is in no cache takes up to a quarter longer to clear.
 */
#include "trace/price_child.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bpf/types.h"

#define BATCHES      32
#define PART_BATCHES (BATCHES / PRICE_PARTS)
#define PASS_BATCHES 16 /* until the pages are given back; the next ones get the same */
#define BATCH_LENGTH (PRICE_EVENTS / BATCHES)
#define PAGE         4096
#define PAGES        (PASS_BATCHES * BATCH_LENGTH)

/* What a phase does again and again, and where it is. */
struct work {
	void (*one)(struct work *work);
	volatile char *pages;
	size_t page;
	size_t apart; /* so many lie between each page and the next */
};

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *first, const void *second)
{
	double a = *(const double *)first, b = *(const double *)second;

	return a < b ? -1 : a > b;
}

/* Neither what interrupted some batches counts, nor the luck of one: a quarter of them took less. */
static double lower_quartile(double each[BATCHES])
{
	qsort(each, BATCHES, sizeof(*each), compare);
	return each[BATCHES / 4];
}

static int meet(int socket)
{
	char byte = 0;

	return write(socket, &byte, 1) == 1 && read(socket, &byte, 1) == 1 ? 0 : -1;
}

static void touch(struct work *work)
{
	work->pages[work->page * PAGE] = 1;
	work->page += work->apart;
	if (work->page >= PAGES)
		work->page -= PAGES - 1;
}

static void call(struct work *work)
{
	(void)work;
	syscall(SYS_getppid);
}

static int renew_pages(struct work *work)
{
	size_t size = (size_t)PAGES * PAGE;

	if (work->pages)
		munmap((void *)work->pages, size);
	work->pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	work->page = 0;
	return work->pages == MAP_FAILED ? -1 : 0;
}

/* 0: it could not be measured, or nobody is there any more. */
static double time_each(struct work work, int socket)
{
	double each[BATCHES];

	for (size_t batch = 0; batch < BATCHES; batch++) {
		double begin;

		if (batch % PASS_BATCHES == 0 && renew_pages(&work))
			return 0;
		begin = now_ns();
		for (size_t i = 0; i < BATCH_LENGTH; i++)
			work.one(&work);
		each[batch] = (now_ns() - begin) / BATCH_LENGTH;
		if ((batch + 1) % PART_BATCHES == 0 && meet(socket))
			return 0;
	}
	munmap((void *)work.pages, (size_t)PAGES * PAGE);
	return lower_quartile(each);
}

static void *wait_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static const struct work phases[PRICE_PHASES] = {
    [PRICE_SWEPT] = {.one = touch, .apart = 1},
    [PRICE_MOVED] = {.one = touch, .apart = SWEEP_PAGES},
    [PRICE_FAULT] = {.one = touch, .apart = SWEEP_PAGES},
    [PRICE_CALL] = {.one = call},
};

/* A thread that does nothing: from now on there are no sweeps. */
static int end_sweeps(void)
{
	pthread_t beside;

	return pthread_create(&beside, NULL, wait_forever, NULL);
}

int price_child(const char *task)
{
	struct price_answer *answer;
	unsigned int wanted;
	int memory, socket;

	if (!task || sscanf(task, "%d,%d,%x", &memory, &socket, &wanted) != 3)
		return 2;
	answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (answer == MAP_FAILED || meet(socket))
		return 1;
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	for (int phase = 0; phase < PRICE_PHASES; phase++) {
		if (phase == PRICE_FAULT && end_sweeps())
			return 1;
		if (wanted >> phase & 1)
			answer->each_ns[phase] = time_each(phases[phase], socket);
	}
	return 0;
}
