/* SPDX-License-Identifier: MIT */
/*
 * Allocator stress: several threads allocate, resize and free blocks of random sizes, hand blocks to each other through
 * a shared board, check every block's contents before it goes, fork now and then (the child allocates, frees inherited
 * blocks and exits), and come and go themselves. Prints "stress: ok" and exits 0, or says what was wrong and aborts.
 *
 *     alloc_stress [THREADS ROUNDS SEED]
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS       512
#define BOARD_SLOTS 256

struct item {
	size_t size;
	unsigned char mark;
	unsigned char bytes[];
};

static _Atomic(struct item *) board[BOARD_SLOTS];
static long rounds = 200000;
static uint64_t base_seed = 1;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void fail(const char *what, const void *where)
{
	fprintf(stderr, "stress: %s at %p\n", what, where);
	abort();
}

static size_t random_size(uint64_t *state)
{
	uint64_t dice = next(state) % 1000;

	if (dice < 800)
		return next(state) % 512;
	if (dice < 970)
		return next(state) % 16384;
	if (dice < 998)
		return next(state) % (300 * 1024);
	return next(state) % (5 * 1024 * 1024);
}

/* The first and last hundred bytes stand for the rest. */
static void paint(struct item *item)
{
	size_t edge = item->size < 100 ? item->size : 100;

	memset(item->bytes, item->mark, edge);
	memset(item->bytes + item->size - edge, item->mark, edge);
}

static void check(const struct item *item)
{
	size_t edge = item->size < 100 ? item->size : 100;

	for (size_t i = 0; i < edge; i++)
		if (item->bytes[i] != item->mark || item->bytes[item->size - 1 - i] != item->mark)
			fail("damaged block", item);
	if (malloc_usable_size((void *)item) < sizeof(*item) + item->size)
		fail("usable size too small", item);
}

static struct item *make(uint64_t *state)
{
	size_t size = random_size(state);
	uint64_t dice = next(state) % 16;
	struct item *item;

	if (dice == 0) {
		size_t alignment = (size_t)16 << next(state) % 9;

		item = aligned_alloc(alignment, sizeof(*item) + size);
		if (item && (uintptr_t)item % alignment != 0)
			fail("misaligned block", item);
	} else if (dice < 4) {
		item = calloc(1, sizeof(*item) + size);
		for (size_t i = 0; item && i < size; i += 1 + size / 512)
			if (item->bytes[i] != 0)
				fail("calloc gave a byte that is not zero", item);
	} else {
		item = malloc(sizeof(*item) + size);
	}
	if (!item)
		fail("out of memory", NULL);
	item->size = size;
	item->mark = (unsigned char)next(state);
	paint(item);
	return item;
}

static struct item *resize(struct item *item, uint64_t *state)
{
	size_t size = random_size(state);
	size_t kept = size < item->size ? size : item->size;

	kept = kept < 100 ? kept : 100;
	item = realloc(item, sizeof(*item) + size);
	if (!item)
		fail("out of memory in realloc", NULL);
	for (size_t i = 0; i < kept; i++)
		if (item->bytes[i] != item->mark)
			fail("realloc lost contents", item);
	item->size = size;
	paint(item);
	return item;
}

static void drop(struct item *item)
{
	if (!item)
		return;
	check(item);
	free(item);
}

static void fork_once(struct item **slots, uint64_t *state)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork", NULL);
	if (child == 0) {
		for (int i = 0; i < SLOTS; i++) {
			drop(slots[i]);
			slots[i] = make(state);
		}
		for (int i = 0; i < SLOTS; i++)
			drop(slots[i]);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		fail("forked child failed", NULL);
}

static void *work(void *argument)
{
	uint64_t state = (base_seed * 2654435761u + (uintptr_t)argument * 40503u) | 1;
	struct item **slots = calloc(SLOTS, sizeof(*slots));

	for (long round = 0; round < rounds; round++) {
		struct item **slot = &slots[next(&state) % SLOTS];
		uint64_t dice = next(&state) % 100;

		if (dice < 70) {
			drop(*slot);
			*slot = make(&state);
		} else if (dice < 80 && *slot) {
			check(*slot);
			*slot = resize(*slot, &state);
		} else if (dice < 98) {
			/* Whoever takes it off the board frees it. */
			*slot = __atomic_exchange_n(
			    (struct item **)&board[next(&state) % BOARD_SLOTS], *slot, __ATOMIC_ACQ_REL);
		} else if (dice == 98 && next(&state) % 400 == 0) {
			fork_once(slots, &state);
		}
	}
	for (int i = 0; i < SLOTS; i++)
		drop(slots[i]);
	free(slots);
	return NULL;
}

int main(int argc, char **argv)
{
	long threads = argc > 1 ? atol(argv[1]) : 4;
	pthread_t *thread;

	rounds = argc > 2 ? atol(argv[2]) : rounds;
	base_seed = argc > 3 ? (uint64_t)atol(argv[3]) : 1;
	for (int generation = 0; generation < 3; generation++) {
		thread = calloc((size_t)threads, sizeof(*thread));
		for (long i = 0; i < threads; i++)
			if (pthread_create(&thread[i], NULL, work, (void *)(i + 1 + generation * threads)) != 0)
				fail("pthread_create", NULL);
		for (long i = 0; i < threads; i++)
			pthread_join(thread[i], NULL);
		free(thread);
	}
	for (int i = 0; i < BOARD_SLOTS; i++)
		drop(board[i]);
	puts("stress: ok");
	return 0;
}
