// SPDX-License-Identifier: MIT
#include "process/address_space.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"

void space_free(struct address_space *space)
{
	free(space->ranges);
	*space = (struct address_space){};
}

/* The first range that ends behind the address. */
static size_t first_behind(const struct address_space *space, uint64_t address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (space->ranges[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct address_space *space)
{
	return room_for_one(&space->ranges, &space->room, space->count, sizeof(*space->ranges));
}

static void insert(struct address_space *space, size_t at, struct space_range range)
{
	memmove(&space->ranges[at + 1], &space->ranges[at], (space->count - at) * sizeof(range));
	space->ranges[at] = range;
	space->count++;
}

int space_remove(struct address_space *space, uint64_t start, uint64_t end)
{
	size_t first, behind;

	if (start >= end)
		return 0;
	if (make_room(space))
		return -1;
	first = first_behind(space, start);
	space->last = SIZE_MAX;
	if (first < space->count && space->ranges[first].start < start) {
		struct space_range rest = space->ranges[first];

		space->ranges[first++].end = start;
		if (rest.end > end) {
			rest.start = end;
			insert(space, first, rest);
			return 0;
		}
	}
	for (behind = first; behind < space->count && space->ranges[behind].end <= end; behind++)
		;
	if (behind < space->count && space->ranges[behind].start < end)
		space->ranges[behind].start = end;
	memmove(&space->ranges[first], &space->ranges[behind], (space->count - behind) * sizeof(space->ranges[0]));
	space->count -= behind - first;
	return 0;
}

int space_add(struct address_space *space, uint64_t start, uint64_t end, size_t owner)
{
	if (start >= end)
		return 0;
	if (space_remove(space, start, end) || make_room(space))
		return -1;
	insert(space, first_behind(space, start), (struct space_range){start, end, owner});
	return 0;
}

int space_copy(struct address_space *into, const struct address_space *from)
{
	*into = (struct address_space){.count = from->count, .room = from->count, .last = SIZE_MAX};
	if (!from->count)
		return 0;
	into->ranges = malloc(from->count * sizeof(*into->ranges));
	if (!into->ranges) {
		*into = (struct address_space){};
		return -1;
	}
	memcpy(into->ranges, from->ranges, from->count * sizeof(*into->ranges));
	return 0;
}

const struct space_range *space_find(struct address_space *space, uint64_t address)
{
	const struct space_range *last = space->last < space->count ? &space->ranges[space->last] : NULL;
	size_t at;

	if (last && address >= last->start && address < last->end)
		return last;
	at = first_behind(space, address);
	if (at == space->count || address < space->ranges[at].start)
		return NULL;
	space->last = at;
	return &space->ranges[at];
}

const struct space_range *space_next(const struct address_space *space, uint64_t address)
{
	size_t at = first_behind(space, address);

	return at < space->count ? &space->ranges[at] : NULL;
}
