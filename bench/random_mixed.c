/* SPDX-License-Identifier: MIT */
/*
 * Random sizes at random places: each iteration frees one slot's block, allocates a block of another size there and
 * touches one byte of it. The working set stays the same all along, so an allocator that recycles its pages needs no
 * more of them than the slots do at once. With BENCH_PEAK set, says how much that is (which takes as long again).
 */
#include "bench.h"

#define NAME "random_mixed"

static const char help[] =
    "usage: random_mixed [ITERATIONS SLOTS SEED [MIN MAX]]\n"
    "Each iteration (an operation) frees a random slot's block, allocates one of random size there, touches one byte.\n"
    "  ITERATIONS  how often (1000000)\n"
    "  SLOTS       blocks alive at once (256)\n"
    "  SEED        of the random numbers (42)\n"
    "  MIN MAX     sizes in bytes (16 1040); 16 80000 gives the 10 MB working set of the original study\n";

struct workload {
	uint64_t iterations, slots, seed, least, most;
};

static void parse(int argc, char **argv, struct workload *workload)
{
	bench_options(argc, argv, NAME, help);
	if (argc != 1 && argc != 4 && argc != 6)
		bench_bad_use(NAME, "give none, three or five arguments");
	if (argc >= 4) {
		workload->iterations = bench_number(NAME, "ITERATIONS", argv[1], 1, UINT64_MAX / 2);
		workload->slots = bench_number(NAME, "SLOTS", argv[2], 1, 1u << 30);
		workload->seed = bench_number(NAME, "SEED", argv[3], 0, UINT64_MAX / 2);
	}
	if (argc == 6) {
		workload->least = bench_number(NAME, "MIN", argv[4], 1, 1u << 30);
		workload->most = bench_number(NAME, "MAX", argv[5], workload->least, 1u << 30);
	}
}

static uint64_t run(const struct workload *workload, unsigned char **slots)
{
	uint64_t state = bench_seed(workload->seed);
	uint64_t sizes = workload->most - workload->least + 1;
	uint64_t checksum = 0;

	for (uint64_t i = 0; i < workload->iterations; i++) {
		unsigned char **slot = &slots[bench_below(&state, workload->slots)];
		size_t size = workload->least + bench_below(&state, sizes);

		if (*slot) {
			checksum += **slot;
			free(*slot);
		}
		*slot = malloc(size);
		if (!*slot)
			bench_out_of_memory(NAME);
		**slot = size;
	}
	return checksum;
}

/* The most bytes alive at once: the same random numbers again, without a block. */
static uint64_t peak_requested(const struct workload *workload)
{
	uint32_t *sizes = bench_pages(NAME, workload->slots * sizeof(*sizes));
	uint64_t state = bench_seed(workload->seed), live = 0, peak = 0;

	for (uint64_t i = 0; i < workload->iterations; i++) {
		uint32_t *slot = &sizes[bench_below(&state, workload->slots)];
		size_t size = workload->least + bench_below(&state, workload->most - workload->least + 1);

		live += size - *slot;
		*slot = size;
		peak = live > peak ? live : peak;
	}
	munmap(sizes, workload->slots * sizeof(*sizes));
	return peak;
}

int main(int argc, char **argv)
{
	struct workload workload = {.iterations = 1000000, .slots = 256, .seed = 42, .least = 16, .most = 1040};
	unsigned char **slots;
	uint64_t checksum;
	double start, seconds;

	parse(argc, argv, &workload);
	slots = calloc(workload.slots, sizeof(*slots));
	if (!slots)
		bench_out_of_memory(NAME);
	start = bench_seconds();
	checksum = run(&workload, slots);
	seconds = bench_seconds() - start;
	for (uint64_t i = 0; i < workload.slots; i++)
		free(slots[i]);
	free(slots);
	if (getenv("BENCH_PEAK"))
		bench_figure(NAME, "requested at peak", peak_requested(&workload) / 1024.0, "KiB");
	return bench_result(NAME, workload.iterations, seconds, checksum);
}
