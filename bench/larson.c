/* SPDX-License-Identifier: MIT */
/*
 * Threads hand blocks on, as a server's do: each replaces random blocks of a lane for a while, then starts a successor
 * that goes on with all its blocks, and ends. So most blocks are freed by a thread that did not allocate them.
 */
#include "bench.h"

#define NAME "larson"

static uint64_t lanes = 2, slots = 5000, least = 8, most = 1000, operations = 100000, generations = 100, seed = 42;

static const struct bench_argument arguments[] = {
    {"LANES", &lanes, 1, 1000, "threads at once"},
    {"SLOTS", &slots, 1, 1u << 30, "blocks of a lane alive at once"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"OPERATIONS", &operations, 1, 1u << 30, "blocks that a thread replaces before it hands on"},
    {"GENERATIONS", &generations, 1, 1u << 30, "threads of a lane, one after the other"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

struct lane {
	unsigned char **slots;
	uint64_t state, left, checksum;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t running;
} latch = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void lane_ends(void)
{
	pthread_mutex_lock(&latch.lock);
	latch.running--;
	pthread_cond_signal(&latch.changed);
	pthread_mutex_unlock(&latch.lock);
}

static void *generation(void *argument)
{
	struct lane *lane = argument;

	for (uint64_t i = 0; i < operations; i++) {
		unsigned char **slot = &lane->slots[bench_below(&lane->state, slots)];

		lane->checksum += **slot;
		free(*slot);
		*slot = bench_block(NAME, &lane->state, least, most);
	}
	if (--lane->left)
		pthread_detach(bench_thread(NAME, generation, lane));
	else
		lane_ends();
	return NULL;
}

static void run(struct lane *lane)
{
	latch.running = lanes;
	for (uint64_t i = 0; i < lanes; i++)
		pthread_detach(bench_thread(NAME, generation, &lane[i]));
	pthread_mutex_lock(&latch.lock);
	while (latch.running)
		pthread_cond_wait(&latch.changed, &latch.lock);
	pthread_mutex_unlock(&latch.lock);
}

int main(int argc, char **argv)
{
	struct lane *lane;
	uint64_t checksum = 0;
	double start, seconds;

	BENCH_ARGUMENTS(argc, argv, NAME,
	    "Replaces blocks in threads that hand all their blocks to a successor and end.", arguments);
	bench_range(NAME, least, most);
	lane = bench_pages(NAME, lanes * sizeof(*lane));
	start = bench_seconds();
	for (uint64_t i = 0; i < lanes; i++) {
		lane[i].state = bench_seed(seed + i);
		lane[i].left = generations;
		lane[i].slots = bench_pages(NAME, slots * sizeof(*lane[i].slots));
		for (uint64_t slot = 0; slot < slots; slot++)
			lane[i].slots[slot] = bench_block(NAME, &lane[i].state, least, most);
	}
	run(lane);
	seconds = bench_seconds() - start;
	for (uint64_t i = 0; i < lanes; i++) {
		checksum += lane[i].checksum;
		for (uint64_t slot = 0; slot < slots; slot++)
			free(lane[i].slots[slot]);
	}
	return bench_result(NAME, 2 * lanes * generations * operations, seconds, checksum);
}
