/* SPDX-License-Identifier: MIT */
/*
 * Nothing but page faults: map, touch each page once, unmap. What a tracer adds to a fault shows here undiluted.
 */
#include <sys/mman.h>

#include "bench.h"

#define NAME "fault_loop"
#define PAGE 4096

static const char help[] =
    "usage: fault_loop [ROUNDS PAGES]\n"
    "Maps PAGES pages, touches each once and unmaps them, ROUNDS times; a touch is an operation.\n"
    "  ROUNDS  how often (100)\n"
    "  PAGES   of 4 KiB, never huge ones (4096)\n";

struct workload {
	uint64_t rounds, pages;
};

static void parse(int argc, char **argv, struct workload *workload)
{
	bench_options(argc, argv, NAME, help);
	if (argc != 1 && argc != 3)
		bench_bad_use(NAME, "give none or two arguments");
	if (argc == 3) {
		workload->rounds = bench_number(NAME, "ROUNDS", argv[1], 1, 1u << 30);
		workload->pages = bench_number(NAME, "PAGES", argv[2], 1, 1u << 24);
	}
}

/* The time of touching alone: returns seconds. */
static double touch(const struct workload *workload, volatile char *pages, uint64_t *checksum)
{
	double start = bench_seconds();

	for (uint64_t page = 0; page < workload->pages; page++)
		pages[page * PAGE] = page;
	*checksum += pages[(workload->pages - 1) * PAGE];
	return bench_seconds() - start;
}

int main(int argc, char **argv)
{
	struct workload workload = {.rounds = 100, .pages = 4096};
	uint64_t checksum = 0;
	double seconds = 0;

	parse(argc, argv, &workload);
	for (uint64_t round = 0; round < workload.rounds; round++) {
		size_t size = workload.pages * PAGE;
		char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (pages == MAP_FAILED)
			bench_out_of_memory(NAME);
		madvise(pages, size, MADV_NOHUGEPAGE);
		seconds += touch(&workload, pages, &checksum);
		munmap(pages, size);
	}
	return bench_result(NAME, workload.rounds * workload.pages, seconds, checksum);
}
