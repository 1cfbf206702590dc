/* SPDX-License-Identifier: MIT */
/* From ids of a database, whatever they are, to numbers from 0 on. */
#ifndef ID_MAP_H
#define ID_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "snapshot/lookup.h"

#define ID_NONE SIZE_MAX

struct id_map {
	struct lookup lookup;
	int64_t *ids;
	size_t count, room;
};

/* ID_NONE: it isn't there. */
size_t id_map_find(const struct id_map *map, int64_t id);

/* The number of a new id; ID_NONE: it is there already, or out of memory. */
size_t id_map_add(struct id_map *map, int64_t id);

void id_map_free(struct id_map *map);

#endif
