/* SPDX-License-Identifier: MIT */
/*
 * Nothing but page faults: map, touch each page once, unmap. What a tracer adds to a fault shows here undiluted.
 */
#include <sys/mman.h>

#include "bench.h"

#define NAME "fault_loop"
#define PAGE 4096

static const char help[] =
    "usage: fault_loop [ROUNDS PAGES [STRIDE]]\n"
    "Maps PAGES pages, touches each once and unmaps them, ROUNDS times; a touch is an operation.\n"
    "  ROUNDS  how often (100)\n"
    "  PAGES   of 4 KiB, never huge ones (4096)\n"
    "  STRIDE  the next page is so many pages behind, from the end it goes on at the beginning (1: one after the "
    "other);\n"
    "          no number but 1 may divide both it and PAGES\n";

struct workload {
	uint64_t rounds, pages, stride;
};

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	return b ? common_divisor(b, a % b) : a;
}

static void parse(int argc, char **argv, struct workload *workload)
{
	bench_options(argc, argv, NAME, help);
	if (argc == 2 || argc > 4)
		bench_bad_use(NAME, "give none, two or three arguments");
	if (argc > 2) {
		workload->rounds = bench_number(NAME, "ROUNDS", argv[1], 1, 1u << 30);
		workload->pages = bench_number(NAME, "PAGES", argv[2], 1, 1u << 24);
	}
	if (argc > 3)
		workload->stride = bench_number(NAME, "STRIDE", argv[3], 1, workload->pages);
	if (common_divisor(workload->pages, workload->stride) != 1)
		bench_bad_use(NAME, "PAGES and STRIDE have a common divisor, so not every page would be touched");
}

/* The time of touching alone: returns seconds. */
static double touch(const struct workload *workload, volatile char *pages, uint64_t *checksum)
{
	double start = bench_seconds();

	for (uint64_t touched = 0, page = 0; touched < workload->pages; touched++) {
		pages[page * PAGE] = touched;
		page += workload->stride;
		page -= page >= workload->pages ? workload->pages : 0;
	}
	*checksum += pages[(workload->pages - 1) * PAGE];
	return bench_seconds() - start;
}

int main(int argc, char **argv)
{
	struct workload workload = {.rounds = 100, .pages = 4096, .stride = 1};
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
