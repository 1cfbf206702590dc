/* SPDX-License-Identifier: MIT */
/*
 * Many more threads than processors, all allocating; some blocks are swapped with other threads through shared places.
 * A lock that is held while its holder waits for a processor stops everyone here, and a cache a thread costs memory.
 */
#include <stdatomic.h>

#include "bench.h"

#define NAME   "many_threads"
#define SHARED 4096

static uint64_t threads = 64, operations = 500000, slots = 200, least = 16, most = 1040, seed = 42;

static const struct bench_argument arguments[] = {
    {"THREADS", &threads, 1, 10000, "all at once"},
    {"OPERATIONS", &operations, 1, 1u << 30, "blocks that a thread allocates"},
    {"SLOTS", &slots, 1, 1u << 20, "blocks of a thread alive at once"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

struct worker {
	unsigned char **slots;
	uint64_t state, checksum;
	pthread_t thread;
};

static _Atomic(unsigned char *) shared[SHARED];

static void release(struct worker *worker, unsigned char *block)
{
	if (block)
		worker->checksum += *block;
	free(block);
}

/* Whoever frees a block, its byte is in the sum in the end: so the sum is the same for each order of threads. */
static void *work(void *argument)
{
	struct worker *worker = argument;

	for (uint64_t i = 0; i < operations; i++) {
		unsigned char **slot = &worker->slots[bench_below(&worker->state, slots)];
		unsigned char *block = bench_block(NAME, &worker->state, least, most);
		uint64_t place = bench_below(&worker->state, 8 * SHARED);

		if (place < SHARED)
			block = atomic_exchange(&shared[place], block);
		release(worker, *slot);
		*slot = block;
	}
	for (uint64_t slot = 0; slot < slots; slot++)
		release(worker, worker->slots[slot]);
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker *workers, last = {0};
	double start, seconds;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Replaces random blocks in many threads, some of them other threads' blocks.", arguments);
	bench_range(NAME, least, most);
	workers = bench_pages(NAME, threads * sizeof(*workers));
	for (uint64_t i = 0; i < threads; i++)
		workers[i].slots = bench_pages(NAME, slots * sizeof(*workers[i].slots));
	start = bench_seconds();
	for (uint64_t i = 0; i < threads; i++) {
		workers[i].state = bench_seed(seed + i);
		workers[i].thread = bench_thread(NAME, work, &workers[i]);
	}
	for (uint64_t i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		last.checksum += workers[i].checksum;
	}
	seconds = bench_seconds() - start;
	for (size_t place = 0; place < SHARED; place++)
		release(&last, shared[place]);
	return bench_result(NAME, 2 * threads * operations, seconds, last.checksum);
}
