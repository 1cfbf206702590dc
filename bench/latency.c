/* SPDX-License-Identifier: MIT */
/*
 * How long single calls take: the usual one, the thousandth slowest, the slowest. A mean hides the call that maps,
 * purges or waits for a lock; a program with deadlines meets it. The clock's own time is in each figure.
 */
#include "bench.h"

#define NAME      "latency"
#define FINE_BITS 4
#define FINE      (1 << FINE_BITS)
#define BUCKETS   (64 * FINE)

static uint64_t iterations = 4000000, slots = 20000, least = 16, most = 4096, seed = 42;

static const struct bench_argument arguments[] = {
    {"ITERATIONS", &iterations, 1, UINT64_MAX / 4, "calls of malloc, and as many of free"},
    {"SLOTS", &slots, 1, 1u << 30, "blocks alive at once"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes; one in 256 is 64 times as large"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

/* Sixteen buckets a doubling: a quantile is told to a sixteenth. */
struct times {
	uint64_t bucket[BUCKETS], count, longest;
};

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static void note(struct times *times, uint64_t taken)
{
	int shift = taken < FINE ? 0 : 63 - __builtin_clzll(taken) - FINE_BITS;

	times->bucket[taken < FINE ? taken : (uint64_t)(shift + 1) * FINE + ((taken >> shift) & (FINE - 1))]++;
	times->count++;
	times->longest = taken > times->longest ? taken : times->longest;
}

static uint64_t quantile(const struct times *times, double share)
{
	uint64_t below = 0;

	for (uint64_t index = 0; index < BUCKETS; index++) {
		below += times->bucket[index];
		if (below >= share * times->count)
			return index < FINE ? index : (FINE + index % FINE) << (index / FINE - 1);
	}
	return times->longest;
}

static void print(const char *call, const struct times *times)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = {{"p50", 0.5}, {"p99.9", 0.999}};
	char what[32];

	for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++) {
		snprintf(what, sizeof(what), "%s %s", call, quantiles[i].name);
		bench_figure(NAME, what, quantile(times, quantiles[i].share), "ns");
	}
	snprintf(what, sizeof(what), "%s longest", call);
	bench_figure(NAME, what, times->longest, "ns");
}

static uint64_t run(unsigned char **blocks, struct times *mallocs, struct times *frees)
{
	uint64_t state = bench_seed(seed), checksum = 0;

	for (uint64_t i = 0; i < iterations; i++) {
		unsigned char **slot = &blocks[bench_below(&state, slots)];
		size_t size = least + bench_below(&state, most - least + 1);
		uint64_t begin;

		size *= bench_below(&state, 256) ? 1 : 64;
		checksum += *slot ? **slot : 0;
		begin = nanoseconds();
		free(*slot);
		note(frees, nanoseconds() - begin);
		begin = nanoseconds();
		*slot = malloc(size);
		note(mallocs, nanoseconds() - begin);
		bench_check(NAME, *slot);
		bench_touch(*slot, size, size);
	}
	return checksum;
}

int main(int argc, char **argv)
{
	static struct times mallocs, frees;
	unsigned char **blocks;
	uint64_t checksum;
	double start, seconds;

	BENCH_ARGUMENTS(argc, argv, NAME, "Times each single call of malloc and free.", arguments);
	bench_range(NAME, least, most);
	blocks = bench_pages(NAME, slots * sizeof(*blocks));
	start = bench_seconds();
	checksum = run(blocks, &mallocs, &frees);
	seconds = bench_seconds() - start;
	for (uint64_t i = 0; i < slots; i++)
		free(blocks[i]);
	print("malloc", &mallocs);
	print("free", &frees);
	return bench_result(NAME, 2 * iterations, seconds, checksum);
}
