/* SPDX-License-Identifier: MIT */
/*
 * One address space as a report's rows would have it, range by range: the mappings that there are, whose each part is
 * by the request table and else by the mapping itself, and what libhakmem publishes above that. Pure.
 */
#ifndef SPACE_PIECES_H
#define SPACE_PIECES_H

#include "hakmem_map.h"
#include "snapshot/snapshot.h"
#include "process/owner.h"
#include "space/space_maps.h"

#define SPACE_PIECES_MOST 32768

/* A range by libhakmem's table. */
struct space_published {
	uint64_t start, end;
	enum owner_kind kind;
	uint32_t slot;                 /* of a SuperSlab: index of map->slots; else NO_SLOT */
	uint64_t faults, zeroed_bytes; /* UNKNOWN */
};

/* By address, without overlaps. costs: NULL, there is no area. NULL when out of memory; the caller frees it. */
struct space_published *space_published_list(
    const struct hakmem_map *map, const struct hakmem_costs *costs, size_t *count);

struct space_source {
	const struct space_maps *maps;
	const struct space_published *published;
	size_t published_count;
	/* As space_table_run() has it; NULL: there is no table. */
	uint64_t (*owner)(void *context, uint64_t start, uint64_t end, uint32_t *owner);
	void *owner_context;
	/* The name of an owner's object. */
	const char *(*name)(void *context, uint32_t object);
	void *name_context;
};

struct space_piece {
	uint64_t start, end;
	enum region region;
	uint32_t slot; /* NO_SLOT */
	uint64_t faults, zeroed_bytes;
	char detail[OWNER_DETAIL];
};

struct space_pieces {
	struct space_piece *pieces; /* by address; neighbours of one owner are one, SuperSlabs are not */
	size_t count, room;
	uint64_t more, more_bytes; /* for which there was no room */
};

/* 0, or -1 when out of memory. The caller frees the pieces in either case. */
int space_pieces_make(struct space_pieces *pieces, const struct space_source *source);

#endif
