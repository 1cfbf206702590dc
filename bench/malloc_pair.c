/* SPDX-License-Identifier: MIT */
/*
 * One block, allocated and freed again and again: the shortest way through an allocator. bench/instructions.sh counts
 * its instructions.
 */
#include "bench.h"

#define NAME "malloc_pair"

static const char help[] = "usage: malloc_pair [SIZE PAIRS]\n"
                           "Allocates a block and frees it; both are an operation.\n"
                           "  SIZE   in bytes (64)\n"
                           "  PAIRS  how often (100000000)\n";

/* The loop's own instructions are those that bench/instructions.sh takes off: see there. */
static void run(size_t size, uint64_t pairs)
{
	for (uint64_t i = 0; i < pairs; i++) {
		void *block = malloc(size);

		__asm__ volatile("" ::"r"(block) : "memory");
		free(block);
	}
}

int main(int argc, char **argv)
{
	uint64_t size = 64, pairs = 100000000;
	double start;

	bench_options(argc, argv, NAME, help);
	if (argc != 1 && argc != 3)
		bench_bad_use(NAME, "give none or two arguments");
	if (argc == 3) {
		size = bench_number(NAME, "SIZE", argv[1], 0, 1u << 30);
		pairs = bench_number(NAME, "PAIRS", argv[2], 1, UINT64_MAX / 2);
	}
	start = bench_seconds();
	run(size, pairs);
	return bench_result(NAME, pairs, bench_seconds() - start, size);
}
