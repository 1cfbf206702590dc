/* SPDX-License-Identifier: MIT */
/*
 * A program with a big heap forks, and each child replaces some of the blocks: each page that the allocator writes to
 * in the child is copied, so notes kept beside many blocks cost more than the blocks.
 */
#include <sys/wait.h>

#include "bench.h"

#define NAME "fork_big"

static uint64_t mebibytes = 256, children = 5, replaced = 20000, least = 16, most = 1040, seed = 42;

static const struct bench_argument arguments[] = {
    {"MEBIBYTES", &mebibytes, 1, 1u << 16, "in the parent's blocks"},
    {"CHILDREN", &children, 1, 1u << 20, "one after the other"},
    {"REPLACED", &replaced, 0, 1u << 30, "blocks that each child replaces"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

static uint64_t replace(unsigned char **blocks, size_t count, uint64_t state)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < replaced; i++) {
		unsigned char **block = &blocks[bench_below(&state, count)];

		sum += **block;
		free(*block);
		*block = bench_block(NAME, &state, least, most);
	}
	return sum;
}

/* What a child computed, through a pipe: 0 and an error if it failed. */
static uint64_t run_child(unsigned char **blocks, size_t count, uint64_t number)
{
	uint64_t sum = 0;
	int ends[2], status;
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0) {
		perror(NAME);
		exit(1);
	}
	if (!child) {
		sum = replace(blocks, count, bench_seed(seed + number));
		_exit(write(ends[1], &sum, sizeof(sum)) != sizeof(sum));
	}
	close(ends[1]);
	if (read(ends[0], &sum, sizeof(sum)) != sizeof(sum) || waitpid(child, &status, 0) != child || status) {
		fputs(NAME ": a child failed\n", stderr);
		exit(1);
	}
	close(ends[0]);
	return sum;
}

int main(int argc, char **argv)
{
	uint64_t state, checksum = 0, total = 0;
	unsigned char **blocks;
	size_t count = 0;
	double start, seconds;

	BENCH_ARGUMENTS(argc, argv, NAME, "Forks with a big heap; each child replaces some of its blocks.", arguments);
	bench_range(NAME, least, most);
	state = bench_seed(seed);
	blocks = bench_pages(NAME, ((mebibytes << 20) / least + 1) * sizeof(*blocks));
	while (total < mebibytes << 20) {
		size_t size = least + bench_below(&state, most - least + 1);

		blocks[count] = bench_check(NAME, malloc(size));
		bench_touch(blocks[count++], size, size);
		total += size;
	}
	start = bench_seconds();
	for (uint64_t number = 0; number < children; number++)
		checksum += run_child(blocks, count, number);
	seconds = bench_seconds() - start;
	for (size_t i = 0; i < count; i++)
		free(blocks[i]);
	return bench_result(NAME, 2 * children * replaced, seconds, checksum);
}
