/* SPDX-License-Identifier: MIT */
/*
 * A small allocator with the flaw of the original study: at start-up it clears megabytes of its own metadata, which
 * mmap handed over zeroed a moment before. From then on it recycles its pages well, so nearly every fault of the run
 * is a first touch by that one memset, and no better recycling could save any. hakmem-trace has to say so.
 *
 * It publishes its ranges as libhakmem does (hakmem_map.h), so that a trace can tell metadata from blocks.
 */
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "bench.h"
#include "hakmem_map.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define NAME            "init_memset"
#define CHUNK           (1ul << HAKMEM_CHUNK_SHIFT)
#define SLAB            (1ul << HAKMEM_SLAB_SHIFT)
#define METADATA_CHUNKS 12
#define BLOCK_CHUNKS    8
#define SLABS           (BLOCK_CHUNKS * HAKMEM_CHUNK_SLABS)
#define STEP            16
#define LEAST           16
#define MOST            1040
#define CLASSES         (MOST / STEP)

static const char help[] =
    "usage: init_memset [ITERATIONS SLOTS SEED]\n"
    "random_mixed's work on an allocator of its own that clears 24 MiB of fresh metadata at start.\n"
    "  ITERATIONS  how often (1000000)\n"
    "  SLOTS       blocks alive at once (256, at most 4096)\n"
    "  SEED        of the random numbers (42)\n";

struct block {
	struct block *next;
};

struct class_head {
	struct block *free; /* most recently freed first, so pages in use stay in use */
	char *fresh;        /* the rest of the class's newest slab */
	char *fresh_end;
};

/* Room for far more than this program ever has, as such tables are: all of it is cleared, little of it is used. */
struct metadata {
	struct class_head classes[CLASSES];
	uint8_t slab_class[SLABS];
	size_t slabs_used;
	char never_used[];
};

static struct hakmem_map map;
static struct metadata *metadata;
static char *blocks;

/* Chunks of 2 MiB, aligned to 2 MiB; in small pages, so that the count of faults is the same on every kernel. */
static char *map_chunks(size_t chunks)
{
	size_t size = (chunks + 1) * CHUNK;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		bench_out_of_memory(NAME);
	madvise(memory, size, MADV_NOHUGEPAGE);
	return memory + (-(uintptr_t)memory & (CHUNK - 1));
}

static struct hakmem_map_slot *publish_chunk(const char *chunk, enum hakmem_range_kind kind)
{
	uint64_t number = (uintptr_t)chunk >> HAKMEM_CHUNK_SHIFT;

	for (uint64_t i = 0; i < HAKMEM_MAP_PROBES; i++) {
		struct hakmem_map_slot *slot = &map.slots[(number + i) % HAKMEM_MAP_SLOTS];

		if (slot->tag)
			continue;
		memset(slot->slab_class, HAKMEM_SLAB_FREE, sizeof(slot->slab_class));
		__atomic_store_n(&slot->tag, HAKMEM_TAG(number, kind), __ATOMIC_RELEASE);
		map.generation++;
		return slot;
	}
	map.unpublished++;
	return NULL;
}

static void register_map(void)
{
	map.version = HAKMEM_MAP_VERSION;
	map.size = sizeof(map);
	for (int index = 0; index < CLASSES; index++)
		map.class_size[index] = (index + 1) * STEP;
	map.extent[0].start = (uintptr_t)&map;
	map.extent[0].end = (uintptr_t)(&map + 1);
	map.magic = HAKMEM_MAP_MAGIC;
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, &map, sizeof(map), HAKMEM_MAP_NAME);
}

static void start_allocator(void)
{
	char *memory = map_chunks(METADATA_CHUNKS);

	register_map();
	for (size_t i = 0; i < METADATA_CHUNKS; i++)
		publish_chunk(memory + i * CHUNK, HAKMEM_RANGE_METADATA);
	metadata = (struct metadata *)memory;
	/* The flaw. The barrier keeps a compiler from seeing that it is one. */
	memset(memory, 0, METADATA_CHUNKS * CHUNK);
	__asm__ volatile("" : : "r"(memory) : "memory");
	blocks = map_chunks(BLOCK_CHUNKS);
}

/* Give a class the next slab; false when all are in use. */
static bool take_slab(int index)
{
	size_t slab = metadata->slabs_used;
	static struct hakmem_map_slot *slot;

	if (slab == SLABS)
		return false;
	if (slab % HAKMEM_CHUNK_SLABS == 0)
		slot = publish_chunk(blocks + slab * SLAB, HAKMEM_RANGE_SUPERSLAB);
	if (slot)
		slot->slab_class[slab % HAKMEM_CHUNK_SLABS] = index;
	metadata->slabs_used++;
	metadata->slab_class[slab] = index;
	metadata->classes[index].fresh = blocks + slab * SLAB;
	metadata->classes[index].fresh_end = blocks + (slab + 1) * SLAB;
	return true;
}

static void *allocate(size_t size)
{
	int index = (size - 1) / STEP;
	size_t block_size = (index + 1) * STEP;
	struct class_head *head = &metadata->classes[index];
	struct block *block = head->free;

	if (block) {
		head->free = block->next;
		return block;
	}
	if ((size_t)(head->fresh_end - head->fresh) < block_size && !take_slab(index))
		bench_out_of_memory(NAME);
	block = (struct block *)head->fresh;
	head->fresh += block_size;
	return block;
}

static void release(void *memory)
{
	struct class_head *head = &metadata->classes[metadata->slab_class[((char *)memory - blocks) / SLAB]];
	struct block *block = memory;

	block->next = head->free;
	head->free = block;
}

static uint64_t run(uint64_t iterations, uint64_t slot_count, uint64_t seed)
{
	static unsigned char *slots[4096];
	uint64_t state = bench_seed(seed), checksum = 0;

	for (uint64_t i = 0; i < iterations; i++) {
		unsigned char **slot = &slots[bench_below(&state, slot_count)];
		size_t size = LEAST + bench_below(&state, MOST - LEAST + 1);

		if (*slot) {
			checksum += **slot;
			release(*slot);
		}
		*slot = allocate(size);
		**slot = size;
	}
	return checksum;
}

int main(int argc, char **argv)
{
	uint64_t iterations = 1000000, slots = 256, seed = 42, checksum;
	double start;

	bench_options(argc, argv, NAME, help);
	if (argc != 1 && argc != 4)
		bench_bad_use(NAME, "give none or three arguments");
	if (argc == 4) {
		iterations = bench_number(NAME, "ITERATIONS", argv[1], 1, UINT64_MAX / 2);
		slots = bench_number(NAME, "SLOTS", argv[2], 1, 4096);
		seed = bench_number(NAME, "SEED", argv[3], 0, UINT64_MAX / 2);
	}
	start = bench_seconds();
	start_allocator();
	checksum = run(iterations, slots, seed);
	return bench_result(NAME, iterations, bench_seconds() - start, checksum);
}
