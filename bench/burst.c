/* SPDX-License-Identifier: MIT */
/*
 * Bursts: allocate and fill tens of megabytes, free all of it, rest or not, and again. An allocator that gives the
 * pages back at once pays for them anew in each burst; one that never does stays large.
 */
#include "bench.h"

#define NAME "burst"

static uint64_t least = 16, most = 1024, mebibytes = 64, rounds = 50, idle, seed = 42;

static const struct bench_argument arguments[] = {
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"MEBIBYTES", &mebibytes, 1, 1u << 16, "allocated in a burst"},
    {"ROUNDS", &rounds, 1, 1u << 30, "bursts"},
    {"IDLE", &idle, 0, 3600000, "milliseconds of rest after each burst, not counted as time"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random sizes"},
};

struct burst {
	unsigned char **blocks;
	uint64_t state, allocated, checksum, peak;
};

static size_t fill(struct burst *burst)
{
	uint64_t target = mebibytes << 20, total = 0;
	size_t count = 0;

	while (total < target) {
		size_t size = least + bench_below(&burst->state, most - least + 1);

		burst->blocks[count] = bench_check(NAME, malloc(size));
		memset(burst->blocks[count++], size, size);
		total += size;
	}
	if (total > burst->peak)
		burst->peak = total;
	return count;
}

static void release(struct burst *burst, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		burst->checksum += *burst->blocks[i];
		free(burst->blocks[i]);
	}
}

int main(int argc, char **argv)
{
	struct burst burst = {0};
	double seconds = 0;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Allocates blocks of random size, fills and frees them all, again and again.", arguments);
	bench_range(NAME, least, most);
	burst.state = bench_seed(seed);
	burst.blocks = bench_pages(NAME, ((mebibytes << 20) / least + 1) * sizeof(*burst.blocks));
	for (uint64_t round = 0; round < rounds; round++) {
		double start = bench_seconds();
		size_t count = fill(&burst);

		release(&burst, count);
		burst.allocated += count;
		seconds += bench_seconds() - start;
		bench_rest(idle);
	}
	bench_figure(NAME, "requested at peak", burst.peak / 1024.0, "KiB");
	return bench_result(NAME, 2 * burst.allocated, seconds, burst.checksum);
}
