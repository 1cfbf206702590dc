/* SPDX-License-Identifier: MIT */
/*
 * libhakmem's table in a program whose every store is told, in order, by a stream that the program may be ahead of: by
 * as much as the pipe between holds. A store into the table says that an entry has changed; it is then read from the
 * program's memory when next needed. If by then the program may have gone on to a later store of the same entry (which
 * the stream tells later), what was looked up by it meanwhile, of the same slab, is counted as unsure.
 */
#ifndef SHARED_MAP_H
#define SHARED_MAP_H

#include "process/published.h"

#define MAP_ENTRIES (HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES + 1) /* the last is all that comes before the slots */
#define MAP_CHANGED 64                                           /* at once; with more, all is read again */

struct map_entry {
	uint64_t stored;                   /* position in the stream of the last store that was told */
	uint64_t horizon;                  /* up to where the value in the copy may be from */
	uint32_t uses[HAKMEM_CHUNK_SLABS]; /* of this value, of a SuperSlab by slab */
	bool changed;                      /* and to be read again */
};

/* Reads the program's memory: 0, or -1 when it can't be (any more). As memory_read() has it. */
typedef int read_memory(void *context, uint64_t address, void *buffer, size_t size);

struct shared_map {
	uint64_t address; /* 0: none was found */
	read_memory *read;
	void *context;
	struct hakmem_map copy;
	struct map_entry entries[MAP_ENTRIES];
	uint32_t changed[MAP_CHANGED]; /* numbers of entries */
	size_t changed_count;
	uint64_t unsure; /* look-ups that may have been answered by a later value, or an earlier one */
};

/* A position in the stream: what was taken of it, and what the program may have come to. */
struct stream_position {
	uint64_t taken, ahead;
};

/* A table is there: read it. 0, or -1 when it is none. */
int shared_map_found(struct shared_map *map, uint64_t address, struct stream_position position);

/* The program stored something; quick when it isn't in the table. */
void shared_map_store(struct shared_map *map, uint64_t address, uint64_t size, struct stream_position position);

/* Whose an address is. */
struct published shared_map_find(struct shared_map *map, uint64_t address, struct stream_position position);

#endif
