// SPDX-License-Identifier: MIT
#include "symbol/address_ranges.h"

#include <stdlib.h>

bool address_ranges_add(struct address_ranges *ranges, uint64_t start, uint64_t end, uint64_t value)
{
	if (start >= end)
		return true;
	if (ranges->count == ranges->room) {
		size_t room = ranges->room ? ranges->room * 2 : 64;
		struct address_range *more = realloc(ranges->ranges, room * sizeof(*more));

		if (!more)
			return false;
		ranges->ranges = more;
		ranges->room = room;
	}
	/* Until they are sorted, that field keeps the order in which they came. */
	ranges->ranges[ranges->count] = (struct address_range){start, end, value, ranges->count};
	ranges->count++;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct address_range *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->enclosing < b->enclosing ? -1 : a->enclosing > b->enclosing;
}

void address_ranges_sort(struct address_ranges *ranges)
{
	if (ranges->count)
		qsort(ranges->ranges, ranges->count, sizeof(*ranges->ranges), compare);
	for (size_t i = 0; i < ranges->count; i++) {
		size_t before = i;

		while (before && ranges->ranges[before - 1].end <= ranges->ranges[i].start)
			before = ranges->ranges[before - 1].enclosing;
		ranges->ranges[i].enclosing = before;
	}
}

const struct address_range *address_ranges_at(const struct address_ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low && ranges->ranges[low - 1].end <= address)
		low = ranges->ranges[low - 1].enclosing;
	return low ? &ranges->ranges[low - 1] : NULL;
}

void address_ranges_clear(struct address_ranges *ranges)
{
	free(ranges->ranges);
	*ranges = (struct address_ranges){};
}
