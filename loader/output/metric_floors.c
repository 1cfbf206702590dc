// SPDX-License-Identifier: MIT
/* See metric_floors.h. */
#include "output/metric_floors.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"

static bool same(const void *context, uint32_t entry, const void *key)
{
	const struct metric_floors *floors = context;

	return !strcmp(floors->floors[entry].series, key);
}

static void remember(struct metric_floors *floors, uint32_t hash, const char *series, uint64_t value)
{
	char *copy;

	if (room_for_one(&floors->floors, &floors->room, floors->count, sizeof(*floors->floors)))
		return;
	copy = strdup(series);
	if (!copy || lookup_add(&floors->by_series, hash, floors->count)) {
		free(copy);
		return;
	}
	floors->floors[floors->count++] = (struct metric_floor){.series = copy, .value = value};
}

uint64_t metric_floor(struct metric_floors *floors, const char *series, uint64_t value)
{
	uint32_t hash = lookup_hash(LOOKUP_START, series, strlen(series));
	uint32_t entry = lookup_find(&floors->by_series, hash, same, floors, series);

	if (entry == LOOKUP_NONE) {
		remember(floors, hash, series, value);
		return value;
	}
	if (floors->floors[entry].value < value)
		floors->floors[entry].value = value;
	return floors->floors[entry].value;
}

void metric_floors_free(struct metric_floors *floors)
{
	for (size_t i = 0; i < floors->count; i++)
		free(floors->floors[i].series);
	free(floors->floors);
	lookup_free(&floors->by_series);
	*floors = (struct metric_floors){};
}
