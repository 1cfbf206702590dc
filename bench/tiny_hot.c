/* SPDX-License-Identifier: MIT */
/*
 * The hot path alone: allocate a batch of blocks of one small size, touch and free them, again and again. After the
 * first cycle everything is in cache, so this is what malloc and free cost at their best.
 */
#include "bench.h"

#define NAME       "tiny_hot"
#define MOST_BATCH 1000000

static const char help[] = "usage: tiny_hot [SIZE BATCH CYCLES]\n"
                           "Allocates BATCH blocks of SIZE bytes, then frees them, CYCLES times; both are operations.\n"
                           "  SIZE    bytes (64)\n"
                           "  BATCH   blocks alive at once (100)\n"
                           "  CYCLES  how often (100000)\n";

struct workload {
	uint64_t size, batch, cycles;
};

static void parse(int argc, char **argv, struct workload *workload)
{
	bench_options(argc, argv, NAME, help);
	if (argc != 1 && argc != 4)
		bench_bad_use(NAME, "give none or three arguments");
	if (argc == 4) {
		workload->size = bench_number(NAME, "SIZE", argv[1], 1, 1u << 30);
		workload->batch = bench_number(NAME, "BATCH", argv[2], 1, MOST_BATCH);
		workload->cycles = bench_number(NAME, "CYCLES", argv[3], 1, UINT64_MAX / MOST_BATCH / 4);
	}
}

static uint64_t run(const struct workload *workload, unsigned char **blocks)
{
	uint64_t checksum = 0;

	for (uint64_t cycle = 0; cycle < workload->cycles; cycle++) {
		for (uint64_t i = 0; i < workload->batch; i++) {
			blocks[i] = malloc(workload->size);
			if (!blocks[i])
				bench_out_of_memory(NAME);
			*blocks[i] = i + cycle;
		}
		for (uint64_t i = 0; i < workload->batch; i++) {
			checksum += *blocks[i];
			free(blocks[i]);
		}
	}
	return checksum;
}

int main(int argc, char **argv)
{
	struct workload workload = {.size = 64, .batch = 100, .cycles = 100000};
	unsigned char **blocks;
	uint64_t checksum;
	double start, seconds;

	parse(argc, argv, &workload);
	blocks = malloc(workload.batch * sizeof(*blocks));
	if (!blocks)
		bench_out_of_memory(NAME);
	start = bench_seconds();
	checksum = run(&workload, blocks);
	seconds = bench_seconds() - start;
	free(blocks);
	return bench_result(NAME, 2 * workload.batch * workload.cycles, seconds, checksum);
}
