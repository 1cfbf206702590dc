/* SPDX-License-Identifier: MIT */
/*
 * Frames: many blocks that are thrown away together, as a request's or a compiler pass's are. What it takes to have
 * them from malloc or calloc and free each, or from a pool of libhakmem's (hakmem.h) that is reset.
 */
#include <dlfcn.h>

#include "bench.h"
#include "hakmem.h"

#define NAME "frames"

enum { FROM_MALLOC, FROM_CALLOC, FROM_POOL };

static uint64_t source = FROM_MALLOC, frames = 100, mebibytes = 8, least = 16, most = 1024, seed = 42;

static const struct bench_argument arguments[] = {
    {"SOURCE", &source, 0, 2, "of blocks: 0 malloc, 1 calloc, 2 a pool of libhakmem's"},
    {"FRAMES", &frames, 1, 1u << 30, "one after another"},
    {"MEBIBYTES", &mebibytes, 1, 1u << 16, "allocated in each"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random sizes"},
};

static struct hakmem_pool *(*create)(void);
static void *(*allocate)(struct hakmem_pool *, size_t, size_t);
static void (*reset)(struct hakmem_pool *);
static struct hakmem_pool *pool;

static void begin_pool(void)
{
	*(void **)&create = dlsym(RTLD_DEFAULT, "hakmem_pool_create");
	*(void **)&allocate = dlsym(RTLD_DEFAULT, "hakmem_pool_allocate");
	*(void **)&reset = dlsym(RTLD_DEFAULT, "hakmem_pool_reset");
	if (!create || !allocate || !reset)
		bench_bad_use(NAME, "SOURCE 2 needs libhakmem: LD_PRELOAD=libhakmem.so");
	pool = bench_check(NAME, create());
}

static unsigned char *take(size_t size)
{
	switch (source) {
	case FROM_POOL:
		return bench_check(NAME, allocate(pool, size, 16));
	case FROM_CALLOC:
		return bench_check(NAME, calloc(1, size));
	default:
		return bench_check(NAME, malloc(size));
	}
}

static void give_all(unsigned char **blocks, size_t count)
{
	if (source == FROM_POOL) {
		reset(pool);
		return;
	}
	for (size_t i = 0; i < count; i++)
		free(blocks[i]);
}

int main(int argc, char **argv)
{
	uint64_t state, checksum = 0, operations = 0;
	unsigned char **blocks;
	double start;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Allocates and fills a frame's blocks and throws them away together.", arguments);
	bench_range(NAME, least, most);
	if (source == FROM_POOL)
		begin_pool();
	state = bench_seed(seed);
	blocks = bench_pages(NAME, ((mebibytes << 20) / least + 1) * sizeof(*blocks));
	start = bench_seconds();
	for (uint64_t frame = 0; frame < frames; frame++) {
		size_t count = 0;

		for (uint64_t total = 0; total < mebibytes << 20; count++) {
			size_t size = least + bench_below(&state, most - least + 1);

			blocks[count] = take(size);
			memset(blocks[count], (int)(size + frame), size);
			total += size;
		}
		for (size_t i = 0; i < count; i++)
			checksum = checksum * 31 + *blocks[i];
		give_all(blocks, count);
		operations += 2 * count;
	}
	return bench_result(NAME, operations, bench_seconds() - start, checksum);
}
