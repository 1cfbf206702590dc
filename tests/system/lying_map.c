// SPDX-License-Identifier: MIT
/*
 * A process that publishes a table like libhakmem's (include/hakmem_map.h) of which nothing is true: slots of chunks
 * that it has, and hasn't, in use by whatever the seed says; descriptors that lead in circles, to the kernel, or to
 * nowhere. Prints its process id, and goes on changing all of it until its input ends.
 *
 *   lying_map SEED
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hakmem_map.h"

#define CHUNK  (2UL << 20)
#define CHUNKS 24

static struct hakmem_map map __attribute__((aligned(4096)));
static unsigned long root[1 << 13];
static unsigned int seed;

static unsigned long somewhere(char *memory)
{
	switch (rand_r(&seed) % 6) {
	case 0:
		return 0;
	case 1:
		return 0xffff888000000000UL + rand_r(&seed);
	case 2:
		return (unsigned long)&map + rand_r(&seed) % sizeof(map);
	case 3:
		return (unsigned long)root;
	case 4:
		return 0x7ffffffff000UL - rand_r(&seed) % 8192;
	default:
		return (unsigned long)memory + rand_r(&seed) % (CHUNKS * CHUNK);
	}
}

static void lie(char *memory)
{
	unsigned long chunk = (unsigned long)memory / CHUNK + rand_r(&seed) % (CHUNKS + 2);
	struct hakmem_map_slot *slot = &map.slots[(chunk + rand_r(&seed) % 2) % HAKMEM_MAP_SLOTS];
	unsigned long *at = (unsigned long *)(memory + rand_r(&seed) % (CHUNKS * CHUNK - 64) / 64 * 64);

	slot->tag = HAKMEM_TAG(chunk, rand_r(&seed) % 4);
	for (int i = 0; i < HAKMEM_CHUNK_SLABS; i++)
		slot->slab_class[i] = rand_r(&seed) % 3 ? rand_r(&seed) % 64 : 250 + rand_r(&seed) % 6;
	map.granules[rand_r(&seed) % HAKMEM_MAP_GRANULES] = HAKMEM_TAG(chunk / 32, rand_r(&seed) % 4);
	map.class_size[rand_r(&seed) % HAKMEM_MAP_CLASSES] =
	    rand_r(&seed) % 4 ? 16 << rand_r(&seed) % 8 : rand_r(&seed);
	map.extent[rand_r(&seed) % HAKMEM_MAP_EXTENTS] =
	    (struct hakmem_map_extent){somewhere(memory), somewhere(memory)};
	/* Something like a descriptor, and a way to it. */
	at[0] = 1 + rand_r(&seed) % 3;
	at[1] = chunk * CHUNK;
	for (int i = 2; i < 8; i++)
		at[i] = rand_r(&seed) % 2 ? (unsigned long)rand_r(&seed) : somewhere(memory);
	root[chunk >> map.inside.leaf_bits & ((1 << 13) - 1)] =
	    rand_r(&seed) % 2 ? (unsigned long)at - 8 * (chunk & 3) : somewhere(memory);
}

static void describe(void)
{
	map.inside = (struct hakmem_inside){
	    .root = (unsigned long)root,
	    .root_bits = 13,
	    .leaf_bits = 14,
	    .slabs = rand_r(&seed) % 128,
	    .slab_size = 64,
	    .key = 24,
	    .countdown = 48,
	    .beyond = 54,
	    .carved = 52,
	    .state = 57,
	    .runs = 16,
	};
	if (rand_r(&seed) % 3 == 0)
		((char *)&map.inside)[8 + rand_r(&seed) % 24] = rand_r(&seed);
}

int main(int count, char **arguments)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char *memory = mmap(NULL, (CHUNKS + 1) * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	seed = count > 1 ? atoi(arguments[1]) : 1;
	memory += CHUNK - (unsigned long)memory % CHUNK;
	map.magic = HAKMEM_MAP_MAGIC;
	map.version = HAKMEM_MAP_VERSION;
	map.size = sizeof(map);
	describe();
	for (int i = 0; i < 2000; i++)
		lie(memory);
	printf("%d\n", getpid());
	fflush(stdout);
	while (poll(&input, 1, 1) == 0) {
		describe();
		for (int i = 0; i < 50; i++)
			lie(memory);
	}
	return 0;
}
