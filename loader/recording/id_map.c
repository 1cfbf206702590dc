// SPDX-License-Identifier: MIT
#include "recording/id_map.h"

#include <stdlib.h>

static bool same_id(const void *context, uint32_t entry, const void *key)
{
	return ((const struct id_map *)context)->ids[entry] == *(const int64_t *)key;
}

static uint32_t hash_of(int64_t id)
{
	return lookup_hash(LOOKUP_START, &id, sizeof(id));
}

size_t id_map_find(const struct id_map *map, int64_t id)
{
	uint32_t entry = lookup_find(&map->lookup, hash_of(id), same_id, map, &id);

	return entry == LOOKUP_NONE ? ID_NONE : entry;
}

size_t id_map_add(struct id_map *map, int64_t id)
{
	if (id_map_find(map, id) != ID_NONE || map->count >= LOOKUP_NONE)
		return ID_NONE;
	if (map->count == map->room) {
		size_t larger = map->room ? 2 * map->room : 64;
		int64_t *grown = reallocarray(map->ids, larger, sizeof(*grown));

		if (!grown)
			return ID_NONE;
		map->ids = grown;
		map->room = larger;
	}
	if (lookup_add(&map->lookup, hash_of(id), map->count))
		return ID_NONE;
	map->ids[map->count] = id;
	return map->count++;
}

void id_map_free(struct id_map *map)
{
	lookup_free(&map->lookup);
	free(map->ids);
}
