/* SPDX-License-Identifier: MIT */
/*
 * Blocks of megabytes come, grow by realloc and go, each page of them touched: mostly a test of how an allocator gets
 * pages from the kernel, keeps them and moves them.
 */
#include "bench.h"

#define NAME "large_blocks"

static uint64_t slots = 20, least = 1u << 20, most = 12u << 20, operations = 600, growth = 64, seed = 42;

static const struct bench_argument arguments[] = {
    {"SLOTS", &slots, 1, 1u << 20, "blocks alive at once"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes, when allocated"},
    {"OPERATIONS", &operations, 1, 1u << 30, "of which a quarter is a realloc, to half or twice the size"},
    {"GROWTH", &growth, 0, 1u << 16, "mebibytes that one block then grows to, by 1 MiB at a time"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

struct block {
	unsigned char *memory;
	size_t size;
};

static void replace(struct block *block, uint64_t *state)
{
	free(block->memory);
	block->size = least + bench_below(state, most - least + 1);
	block->memory = bench_check(NAME, malloc(block->size));
	bench_touch(block->memory, block->size, block->size);
}

/* What was there has to be there still, and what is new is touched. */
static void resize(struct block *block, size_t size)
{
	block->memory = bench_check(NAME, realloc(block->memory, size));
	if (size > block->size) {
		size_t touched = (block->size + BENCH_PAGE - 1) / BENCH_PAGE * BENCH_PAGE;

		for (size_t offset = touched; offset < size; offset += BENCH_PAGE)
			block->memory[offset] = size;
	}
	block->size = size;
}

static uint64_t run(struct block *blocks, uint64_t *state)
{
	uint64_t checksum = 0;

	for (uint64_t i = 0; i < operations; i++) {
		struct block *block = &blocks[bench_below(state, slots)];
		uint64_t kind = bench_below(state, 8);

		if (block->memory)
			checksum += block->memory[(block->size - 1) / BENCH_PAGE * BENCH_PAGE];
		if (kind == 0 && block->memory && block->size <= most)
			resize(block, block->size * 2);
		else if (kind == 1 && block->memory)
			resize(block, block->size / 2 + 1);
		else
			replace(block, state);
	}
	return checksum;
}

static uint64_t grow(void)
{
	struct block vector = {0};
	uint64_t checksum = 0;

	for (uint64_t mebibytes = 1; mebibytes <= growth; mebibytes++) {
		resize(&vector, mebibytes << 20);
		checksum += vector.memory[0] + vector.memory[vector.size / 2 / BENCH_PAGE * BENCH_PAGE];
	}
	free(vector.memory);
	return checksum;
}

int main(int argc, char **argv)
{
	uint64_t checksum, state;
	struct block *blocks;
	double start, seconds;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Allocates, reallocates and frees blocks of megabytes, touching each page.", arguments);
	bench_range(NAME, least, most);
	state = bench_seed(seed);
	blocks = bench_pages(NAME, slots * sizeof(*blocks));
	start = bench_seconds();
	checksum = run(blocks, &state);
	checksum += grow();
	for (uint64_t i = 0; i < slots; i++)
		free(blocks[i].memory);
	seconds = bench_seconds() - start;
	return bench_result(NAME, operations + growth, seconds, checksum);
}
