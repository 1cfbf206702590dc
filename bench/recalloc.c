/* SPDX-License-Identifier: MIT */
/*
 * Fill a lot of memory, free it, give the allocator the time and the calls to purge it, then calloc it all again
 * without touching it. Who knows that purged memory is zero has next to nothing to do, and stays small.
 */
#include "bench.h"

#define NAME "recalloc"
#define STEP 20

static uint64_t mebibytes = 256, size = 256 << 10, rest = 1500;

static const struct bench_argument arguments[] = {
    {"MEBIBYTES", &mebibytes, 1, 1u << 16, "filled, freed and allocated again"},
    {"SIZE", &size, 1, 1u << 30, "of a block in bytes"},
    {"REST", &rest, 0, 3600000, "milliseconds in between, with a small malloc and free every 20"},
};

static void fill(unsigned char **blocks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		blocks[i] = bench_check(NAME, malloc(size));
		memset(blocks[i], 0xa5, size);
	}
	for (size_t i = 0; i < count; i++)
		free(blocks[i]);
}

static void live_on(void)
{
	for (uint64_t rested = 0; rested < rest; rested += STEP) {
		bench_rest(STEP);
		free(bench_check(NAME, malloc(100)));
	}
}

/* Looks at every byte, which makes it resident: only after the figures were taken. */
static uint64_t sum(unsigned char *const *blocks, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t offset = 0; offset < size; offset++)
			total += blocks[i][offset];
	return total;
}

int main(int argc, char **argv)
{
	unsigned char **blocks;
	uint64_t purged, resident;
	size_t count;
	double start, seconds;

	BENCH_ARGUMENTS(argc, argv, NAME, "Times calloc of memory that was filled, freed and left alone.", arguments);
	count = ((mebibytes << 20) + size - 1) / size;
	blocks = bench_pages(NAME, count * sizeof(*blocks));
	fill(blocks, count);
	live_on();
	purged = bench_resident();
	start = bench_seconds();
	for (size_t i = 0; i < count; i++)
		blocks[i] = bench_check(NAME, calloc(1, size));
	seconds = bench_seconds() - start;
	resident = bench_resident();
	bench_figure(NAME, "resident before calloc", purged, "KiB");
	bench_figure(NAME, "resident after calloc", resident, "KiB");
	bench_figure(NAME, "all calls of calloc", seconds * 1e6, "us");
	if (sum(blocks, count)) {
		fputs(NAME ": calloc's memory is not zero\n", stderr);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		free(blocks[i]);
	return bench_result(NAME, count, seconds, count * size);
}
