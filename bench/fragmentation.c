/* SPDX-License-Identifier: MIT */
/*
 * A long run that changes its mind: each phase frees half of all blocks at random and fills up with blocks of other
 * sizes. What stays keeps pages from being given back; how much is resident for a live byte shows how well holes are
 * used.
 */
#include "bench.h"

#define NAME   "fragmentation"
#define PHASES 5

static uint64_t mebibytes = 64, phases = 15, churn = 20000, seed = 42;

static const struct bench_argument arguments[] = {
    {"MEBIBYTES", &mebibytes, 1, 1u << 16, "live at the end of each phase"},
    {"PHASES", &phases, 1, 1u << 30, "of other sizes each"},
    {"CHURN", &churn, 0, 1u << 30, "blocks replaced at random in each phase, after the change"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random numbers"},
};

static const struct {
	size_t least, most;
} sizes[PHASES] = {{32, 128}, {1024, 8192}, {64, 512}, {16384, 131072}, {32, 2048}};

/* A block begins with its size, so that what is beside the blocks stays small against them. */
struct heap {
	uint32_t **blocks;
	size_t count, most;
	uint64_t live, state, checksum, operations;
};

static void add(struct heap *heap, size_t phase)
{
	size_t size = sizes[phase].least + bench_below(&heap->state, sizes[phase].most - sizes[phase].least + 1);
	uint32_t *block = bench_check(NAME, malloc(size));

	bench_touch((unsigned char *)block, size, size);
	*block = size;
	heap->blocks[heap->count++] = block;
	heap->most = heap->count > heap->most ? heap->count : heap->most;
	heap->live += size;
	heap->operations++;
}

static void drop(struct heap *heap, size_t index)
{
	uint32_t *block = heap->blocks[index];

	heap->live -= *block;
	heap->checksum += *block;
	free(block);
	heap->blocks[index] = heap->blocks[--heap->count];
}

static void change(struct heap *heap, size_t phase)
{
	for (size_t half = heap->count / 2; heap->count > half;)
		drop(heap, bench_below(&heap->state, heap->count));
	while (heap->live < mebibytes << 20)
		add(heap, phase);
	for (uint64_t i = 0; i < churn; i++) {
		drop(heap, bench_below(&heap->state, heap->count));
		while (heap->live < mebibytes << 20)
			add(heap, phase);
	}
}

/* Percent of the live bytes that are resident, without what was there before the first block and the table of blocks.
 */
static double resident_share(const struct heap *heap, uint64_t before)
{
	double others = before + heap->most * sizeof(*heap->blocks) / 1024.0;

	return 100.0 * (bench_resident() - others) / (heap->live / 1024.0);
}

int main(int argc, char **argv)
{
	double start, share, sum = 0, worst = 0, seconds = 0;
	struct heap heap = {0};
	uint64_t before;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Changes the sizes of its blocks from phase to phase, half of them staying.", arguments);
	heap.state = bench_seed(seed);
	heap.blocks = bench_pages(NAME, ((mebibytes << 20) / sizes[0].least + 1) * sizeof(*heap.blocks));
	before = bench_resident();
	for (uint64_t phase = 0; phase < phases; phase++) {
		start = bench_seconds();
		change(&heap, phase % PHASES);
		seconds += bench_seconds() - start;
		share = resident_share(&heap, before);
		sum += share;
		worst = share > worst ? share : worst;
	}
	while (heap.count)
		drop(&heap, heap.count - 1);
	bench_figure(NAME, "resident of live, mean", sum / phases, "%");
	bench_figure(NAME, "resident of live, worst", worst, "%");
	return bench_result(NAME, 2 * heap.operations, seconds, heap.checksum);
}
