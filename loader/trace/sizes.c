// SPDX-License-Identifier: MIT
/*
 * The request table's nodes follow the target, and the history of pages the machine's memory, which bounds what the
 * target can touch: they are what large targets have many of, and most of the memory.
 */
#include "trace/sizes.h"

#include <sys/sysinfo.h>

#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"
#include "trace/object.h"

#define LEAVES       8192  /* what a command gets */
#define LEAVES_MOST  65536 /* 132 MiB */
#define LEAVES_LEAST 2048
#define NODE_BYTES   (sizeof(struct table_node) + 64) /* with its key and the hash's own */
#define SHARE        64                               /* of the machine's memory, for leaves */

/* One for each chunk of the machine's memory; but a program may touch a page here and a page there. */
#define HISTORIES_LEAST 16384
#define CHUNK_BYTES     (1UL << 21)

static uint64_t memory_bytes(void)
{
	struct sysinfo information;

	return sysinfo(&information) ? UINT64_MAX : (uint64_t)information.totalram * information.mem_unit;
}

static uint32_t cap(void)
{
	uint64_t most = memory_bytes() / SHARE / NODE_BYTES;

	if (most < LEAVES_LEAST)
		return LEAVES_LEAST;
	return most > LEAVES_MOST ? LEAVES_MOST : most;
}

static uint32_t histories(void)
{
	uint64_t chunks = memory_bytes() / CHUNK_BYTES;

	if (chunks < HISTORIES_LEAST)
		return HISTORIES_LEAST;
	return chunks > HISTORY_CHUNKS_MOST ? HISTORY_CHUNKS_MOST : chunks;
}

void sizes_choose(struct sizes *sizes, size_t mappings)
{
	uint32_t most = cap();
	size_t wanted = LEAVES;

	/* A mapping has two ends, each in a chunk that it may share. */
	if (mappings == SIZES_MANY)
		wanted = 4 * LEAVES;
	else if (mappings > LEAVES_MOST)
		wanted = LEAVES_MOST;
	else
		wanted += 2 * mappings;
	sizes->leaves = wanted < most ? wanted : most;
	sizes->middles = sizes->leaves / 2;
	sizes->histories = histories();
}

int sizes_apply(const struct sizes *sizes, struct trace *skeleton)
{
	/* The build for old kernels keeps none, but has the maps. */
	uint32_t kept = object_is_old() ? 1 : sizes->histories;
	const struct {
		struct bpf_map *map;
		uint32_t entries;
	} maps[] = {
	    {skeleton->maps.leaves, sizes->leaves},
	    {skeleton->maps.middles, sizes->middles},
	    {skeleton->maps.histories, kept},
	    {skeleton->maps.history_places, kept},
	    {skeleton->maps.free_histories, kept},
	    {skeleton->maps.processors_here, libbpf_num_possible_cpus()},
	};

	skeleton->data->history_chunks = kept;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		int result = bpf_map__set_max_entries(maps[i].map, maps[i].entries);

		if (result)
			return result;
	}
	return 0;
}

void sizes_describe(FILE *file)
{
	struct sizes command, many;

	sizes_choose(&command, 0);
	sizes_choose(&many, SIZES_MANY);
	fprintf(file,
	    "keeps at most\n"
	    "  %d tasks, %d address spaces, %d processes by name, %d files\n"
	    "  %d rows, of which half are only for what faults %d times in a row\n"
	    "  %u chunks of 2 MiB that several owners share (a command), %u (-a, --comm, --cgroup),\n"
	    "  up to %u (-p, by how much is mapped); the history of %u chunks\n",
	    TASKS_MOST, SPACES_MOST, PROCESSES_MOST, OBJECTS_MOST, ACCOUNT_ROWS, ROW_LARGE, command.leaves, many.leaves,
	    cap(), command.histories);
}
