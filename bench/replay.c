/* SPDX-License-Identifier: MIT */
/*
 * Replays the calls that a real program made, recorded in a text file with a call a line (bench/suite/record.c makes
 * one); addresses and sizes are hexadecimal, and an address stands for the block that was last allocated at it:
 *
 *     m ADDRESS SIZE              malloc
 *     c ADDRESS SIZE              calloc
 *     a ADDRESS SIZE ALIGNMENT    aligned_alloc and its like
 *     r OLD ADDRESS SIZE          realloc of the block at OLD
 *     f ADDRESS                   free
 *
 * All calls are made by one thread, in the order of the file. Frees of blocks that are not in it are left out.
 */
#include <sys/stat.h>

#include "bench.h"

#define NAME "replay"

static const char help[] =
    "usage: replay FILE [ROUNDS]\n"
    "Makes the allocation calls that are recorded in FILE (bench/suite/record.c says how to make one).\n"
    "  ROUNDS  how often, all blocks being freed after each (1)\n";

struct call {
	char kind;
	uint8_t alignment_bits;
	uint32_t slot;
	uint64_t size;
};

/* Recorded address to slot: open addressing, linear; an emptied place keeps its address for when that is used again. */
struct place {
	uint64_t address;
	uint32_t slot, live;
};

static struct {
	struct call *calls;
	size_t count, slots, free_count;
	uint32_t *free_slots;
	struct place *places;
	uint64_t mask;
} trace;

static struct place *place_of(uint64_t address)
{
	uint64_t index = address * 0x9e3779b97f4a7c15u >> 20 & trace.mask;

	while (trace.places[index].address && trace.places[index].address != address)
		index = (index + 1) & trace.mask;
	return &trace.places[index];
}

static uint32_t new_slot(void)
{
	return trace.free_count ? trace.free_slots[--trace.free_count] : trace.slots++;
}

/* An address that comes again without a free in between has lost its free: the old block stays to the end. */
static void add_block(struct call *call, uint64_t address)
{
	struct place *place = place_of(address);

	*place = (struct place){.address = address, .slot = call->slot, .live = 1};
	trace.count++;
}

static void add_free(struct call *call, struct place *place)
{
	if (!place->live)
		return;
	call->slot = place->slot;
	place->live = 0;
	trace.free_slots[trace.free_count++] = place->slot;
	trace.count++;
}

/* 0 if the line is not a call. */
static int add_line(const char *line)
{
	struct call *call = &trace.calls[trace.count];
	uint64_t first, second, third = 0;
	int fields = sscanf(line, "%c %" SCNx64 " %" SCNx64 " %" SCNx64, &call->kind, &first, &second, &third);
	struct place *old;

	if (fields < 2 || !first)
		return 0;
	if (call->kind == 'f') {
		add_free(call, place_of(first));
		return fields == 2;
	}
	call->size = second;
	if (call->kind == 'r') {
		old = place_of(first);
		call->size = third;
		call->slot = old->live ? old->slot : new_slot();
		old->live = 0;
		add_block(call, second);
		return fields == 4 && second;
	}
	call->alignment_bits = call->kind == 'a' && third ? __builtin_ctzll(third) : 0;
	call->slot = new_slot();
	add_block(call, first);
	return call->kind == 'a' ? fields == 4 && third == 1ull << call->alignment_bits
	                         : (call->kind == 'm' || call->kind == 'c') && fields == 3;
}

static void load(FILE *file, const char *path)
{
	char line[128];
	size_t lines = 0, room = 16;

	while (fgets(line, sizeof(line), file))
		lines++;
	while (room < 2 * lines)
		room *= 2;
	rewind(file);
	trace.mask = room - 1;
	trace.places = bench_pages(NAME, room * sizeof(*trace.places));
	trace.calls = bench_pages(NAME, (lines + 1) * sizeof(*trace.calls));
	trace.free_slots = bench_pages(NAME, (lines + 1) * sizeof(*trace.free_slots));
	for (size_t number = 1; fgets(line, sizeof(line), file); number++) {
		if (!add_line(line)) {
			fprintf(stderr, NAME ": %s:%zu is no recorded call\n", path, number);
			exit(1);
		}
	}
	munmap(trace.places, room * sizeof(*trace.places));
	if (!trace.count) {
		fprintf(stderr, NAME ": %s has no recorded call\n", path);
		exit(1);
	}
}

static unsigned char *make(const struct call *call, unsigned char *old)
{
	size_t alignment = (size_t)1 << call->alignment_bits;

	switch (call->kind) {
	case 'c':
		return calloc(1, call->size);
	case 'r':
		return realloc(old, call->size ? call->size : 1);
	case 'a':
		return aligned_alloc(alignment, (call->size + alignment - 1) / alignment * alignment);
	default:
		return malloc(call->size);
	}
}

/* A block's first byte is its size's, also after a realloc, which has to keep the old one's. */
static uint64_t run(unsigned char **blocks)
{
	uint64_t checksum = 0;

	for (size_t i = 0; i < trace.count; i++) {
		const struct call *call = &trace.calls[i];
		unsigned char **block = &blocks[call->slot];

		if (*block && (call->kind == 'r' || call->kind == 'f'))
			checksum += **block;
		if (call->kind == 'f') {
			free(*block);
			*block = NULL;
			continue;
		}
		*block = bench_check(NAME, make(call, *block));
		if (call->size)
			bench_touch(*block, call->size, call->size);
		else
			**block = 0;
	}
	for (size_t slot = 0; slot < trace.slots; slot++) {
		free(blocks[slot]);
		blocks[slot] = NULL;
	}
	return checksum;
}

int main(int argc, char **argv)
{
	uint64_t rounds, checksum = 0;
	unsigned char **blocks;
	double start;
	FILE *file;

	bench_options(argc, argv, NAME, help);
	if (argc != 2 && argc != 3)
		bench_bad_use(NAME, "give one or two arguments");
	rounds = argc == 3 ? bench_number(NAME, "ROUNDS", argv[2], 1, 1u << 30) : 1;
	file = fopen(argv[1], "re");
	if (!file) {
		fprintf(stderr, NAME ": %s: %s\n", argv[1], strerror(errno));
		return BENCH_BAD_USE;
	}
	load(file, argv[1]);
	fclose(file);
	blocks = bench_pages(NAME, trace.slots * sizeof(*blocks));
	start = bench_seconds();
	for (uint64_t round = 0; round < rounds; round++)
		checksum += run(blocks);
	return bench_result(NAME, rounds * trace.count, bench_seconds() - start, checksum);
}
