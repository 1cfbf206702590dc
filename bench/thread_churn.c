/* SPDX-License-Identifier: MIT */
/*
 * Threads come and go: each frees what its predecessor left, allocates a little, frees most of it and leaves the rest.
 * What an allocator does at a thread's first call and at its end is most of this.
 */
#include "bench.h"

#define NAME "thread_churn"

static uint64_t threads = 20000, together = 2, blocks = 200, leave = 10, least = 16, most = 1040, seed = 42;

static const struct bench_argument arguments[] = {
    {"THREADS", &threads, 1, 1u << 30, "in all"},
    {"TOGETHER", &together, 1, 1000, "alive at once"},
    {"BLOCKS", &blocks, 1, 1u << 20, "that a thread allocates"},
    {"LEAVE", &leave, 0, 1u << 20, "of these, left to a later thread"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random sizes"},
};

struct place {
	unsigned char **blocks; /* the first `left` of them are a former thread's */
	uint64_t left, state, checksum;
	pthread_t thread;
};

static void release(struct place *place, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		place->checksum += *place->blocks[i];
		free(place->blocks[i]);
	}
}

static void *live(void *argument)
{
	struct place *place = argument;

	release(place, 0, place->left);
	for (uint64_t i = 0; i < blocks; i++)
		place->blocks[i] = bench_block(NAME, &place->state, least, most);
	release(place, leave, blocks);
	place->left = leave;
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t checksum = 0, rounds;
	struct place *places;
	double start;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Starts and ends threads that allocate a little and leave some of it.", arguments);
	bench_range(NAME, least, most);
	if (leave > blocks)
		bench_bad_use(NAME, "LEAVE is more than BLOCKS");
	rounds = (threads + together - 1) / together;
	places = bench_pages(NAME, together * sizeof(*places));
	for (uint64_t i = 0; i < together; i++) {
		places[i].state = bench_seed(seed + i);
		places[i].blocks = bench_pages(NAME, blocks * sizeof(*places[i].blocks));
	}
	start = bench_seconds();
	for (uint64_t round = 0; round < rounds; round++) {
		for (uint64_t i = 0; i < together; i++)
			places[i].thread = bench_thread(NAME, live, &places[i]);
		for (uint64_t i = 0; i < together; i++)
			pthread_join(places[i].thread, NULL);
	}
	for (uint64_t i = 0; i < together; i++) {
		release(&places[i], 0, places[i].left);
		checksum += places[i].checksum;
	}
	return bench_result(NAME, rounds * together, bench_seconds() - start, checksum);
}
