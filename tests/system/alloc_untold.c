/* SPDX-License-Identifier: MIT */
/*
 * Allocates and frees blocks of every size and touches some of their pages, and says of each block that is handed out
 * with a page that is not there. A line each, "untouched 0xADDRESS SIZE".
 * Usage: alloc_untold SEED CALLS THREADS
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLOTS 256
#define PAGE  4096UL

struct worker {
	uint64_t random;
	unsigned long calls;
};

static uint64_t next(struct worker *worker)
{
	worker->random ^= worker->random << 13;
	worker->random ^= worker->random >> 7;
	worker->random ^= worker->random << 17;
	return worker->random >> 11;
}

/* As many of each doubling up to 4 MiB. */
static size_t some_size(struct worker *worker)
{
	return 1 + next(worker) % ((size_t)16 << next(worker) % 19);
}

static void look(const char *block, size_t size)
{
	unsigned char there[(8UL << 20) / PAGE + 2];
	uintptr_t start = (uintptr_t)block & ~(PAGE - 1);
	size_t pages = ((uintptr_t)block + size - start + PAGE - 1) / PAGE;

	if (mincore((void *)start, pages * PAGE, there))
		exit(3);
	if (memchr(there, 0, pages))
		printf("untouched %p %zu\n", (const void *)block, size);
}

static void touch_some(struct worker *worker, char *block, size_t size)
{
	uint64_t which = next(worker) & next(worker);

	for (size_t at = 0; at < size; at += PAGE, which = which >> 1 | which << 63)
		if (which & 1)
			block[at] = 1;
}

static char *allocate(struct worker *worker, size_t size)
{
	switch (next(worker) % 8) {
	case 0:
		return calloc(1, size);
	case 1:
		return memalign((size_t)16 << next(worker) % 16, size);
	default:
		return malloc(size);
	}
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	char *slot[SLOTS] = {NULL};

	for (unsigned long call = 0; call < worker->calls; call++) {
		char **block = &slot[next(worker) % SLOTS];
		size_t size = some_size(worker);

		if (*block == NULL) {
			*block = allocate(worker, size);
		} else if (next(worker) % 8 == 0 && size > malloc_usable_size(*block)) {
			*block = realloc(*block, size);
		} else {
			free(*block);
			*block = NULL;
			continue;
		}
		if (*block == NULL)
			exit(4);
		look(*block, malloc_usable_size(*block));
		touch_some(worker, *block, size);
	}
	for (int i = 0; i < SLOTS; i++)
		free(slot[i]);
	return NULL;
}

int main(int count, char **arguments)
{
	unsigned long seed = count == 4 ? strtoul(arguments[1], NULL, 10) : 0;
	unsigned long calls = count == 4 ? strtoul(arguments[2], NULL, 10) : 0;
	unsigned long threads = count == 4 ? strtoul(arguments[3], NULL, 10) : 0;
	struct worker worker[16];
	pthread_t thread[16];

	if (calls == 0 || threads == 0 || threads > 16) {
		fputs("usage: alloc_untold SEED CALLS THREADS (at most 16)\n", stderr);
		return 2;
	}
	for (unsigned long i = 0; i < threads; i++) {
		worker[i] = (struct worker){(seed + i + 1) * 0x9e3779b97f4a7c15ULL, calls};
		if (pthread_create(&thread[i], NULL, work, &worker[i]))
			return 5;
	}
	for (unsigned long i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
