/* SPDX-License-Identifier: MIT */
/*
 * calloc in the place of malloc: each block must be zero though the last one there was not. An allocator that knows
 * which pages the kernel has just cleared need not clear them again.
 */
#include "bench.h"

#define NAME "calloc_mixed"

static uint64_t iterations = 3000000, slots = 8192, least = 16, most = 1040, seed = 42;

static const struct bench_argument arguments[] = {
    {"ITERATIONS", &iterations, 1, UINT64_MAX / 4, "blocks allocated"},
    {"SLOTS", &slots, 1, 1u << 30, "blocks alive at once"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

/* One byte of each page is looked at and then made something else than zero; so is the last. */
static void check_zero(unsigned char *block, size_t size)
{
	unsigned char found = block[size - 1];

	for (size_t offset = 0; offset < size; offset += BENCH_PAGE) {
		found |= block[offset];
		block[offset] = 0xa5;
	}
	block[size - 1] = 0x5a;
	if (found) {
		fputs(NAME ": calloc's memory is not zero\n", stderr);
		exit(1);
	}
}

static uint64_t run(unsigned char **blocks, uint64_t *state)
{
	uint64_t checksum = 0;

	for (uint64_t i = 0; i < iterations; i++) {
		unsigned char **slot = &blocks[bench_below(state, slots)];
		size_t size = least + bench_below(state, most - least + 1);

		free(*slot);
		*slot = bench_check(NAME, calloc(1, size));
		check_zero(*slot, size);
		checksum += size;
	}
	return checksum;
}

int main(int argc, char **argv)
{
	unsigned char **blocks;
	uint64_t state, checksum;
	double start, seconds;

	BENCH_ARGUMENTS(argc, argv, NAME, "Replaces random blocks by ones from calloc, which must be zero.", arguments);
	bench_range(NAME, least, most);
	state = bench_seed(seed);
	blocks = bench_pages(NAME, slots * sizeof(*blocks));
	start = bench_seconds();
	checksum = run(blocks, &state);
	seconds = bench_seconds() - start;
	for (uint64_t i = 0; i < slots; i++)
		free(blocks[i]);
	return bench_result(NAME, 2 * iterations, seconds, checksum);
}
