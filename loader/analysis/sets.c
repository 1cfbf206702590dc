// SPDX-License-Identifier: MIT
#include "analysis/sets.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ENTRIES (1u << 20)
#define NOTHING      UINT64_MAX

bool geometry_valid(struct geometry geometry)
{
	return geometry.ways && geometry.entries && geometry.entries <= MOST_ENTRIES &&
	       geometry.entries % geometry.ways == 0;
}

int sets_make(struct sets *sets, struct geometry geometry)
{
	*sets = (struct sets){.ways = geometry.ways, .count = geometry.entries / geometry.ways};
	sets->keys = malloc(geometry.entries * sizeof(*sets->keys));
	if (!sets->keys)
		return -1;
	memset(sets->keys, 0xff, geometry.entries * sizeof(*sets->keys));
	return 0;
}

void sets_free(struct sets *sets)
{
	free(sets->keys);
	*sets = (struct sets){};
}

bool sets_touch(struct sets *sets, uint64_t index, uint64_t key)
{
	uint64_t *set = sets->keys + index % sets->count * sets->ways;
	unsigned int way = 0;
	bool found;

	while (way < sets->ways - 1 && set[way] != key && set[way] != NOTHING)
		way++;
	found = set[way] == key;
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = key;
	return found;
}
