// SPDX-License-Identifier: MIT
/* From the last to the first, each takes what is left between its bounds; what is taken is jumped over. */
#include "symbol/painted_ranges.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* How many bounds are not above an address. */
static size_t bounds_to(const struct painted_ranges *painted, uint64_t address)
{
	size_t low = 0, high = painted->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (painted->bounds[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t without_twins(uint64_t *bounds, size_t count)
{
	size_t kept = 0;

	qsort(bounds, count, sizeof(*bounds), compare);
	for (size_t i = 0; i < count; i++)
		if (!kept || bounds[i] != bounds[kept - 1])
			bounds[kept++] = bounds[i];
	return kept;
}

/* The first place from there on that nobody has; the way to it is made shorter for the next. */
static size_t free_from(size_t *next, size_t at)
{
	size_t end = at;

	while (next[end] != end)
		end = next[end];
	while (next[at] != end) {
		size_t step = next[at];

		next[at] = end;
		at = step;
	}
	return end;
}

bool painted_ranges_make(struct painted_ranges *painted, const uint64_t (*ranges)[2], uint32_t count)
{
	struct painted_ranges fresh = {malloc((2ULL * count + 1) * sizeof(*fresh.bounds)),
	    calloc(2ULL * count + 1, sizeof(*fresh.seen)), 2ULL * count};
	size_t *next = malloc((2ULL * count + 1) * sizeof(*next));

	if (!fresh.bounds || !fresh.seen || !next) {
		painted_ranges_clear(&fresh);
		free(next);
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		fresh.bounds[2 * i] = ranges[i][0];
		fresh.bounds[2 * i + 1] = ranges[i][1];
	}
	fresh.count = without_twins(fresh.bounds, fresh.count);
	for (size_t i = 0; i <= fresh.count; i++)
		next[i] = i;
	for (uint32_t i = count; i-- > 0;) {
		size_t at = free_from(next, bounds_to(&fresh, ranges[i][0]) - 1);

		while (at < fresh.count && fresh.bounds[at] < ranges[i][1]) {
			fresh.seen[at] = i + 1;
			next[at] = at + 1;
			at = free_from(next, at);
		}
	}
	free(next);
	painted_ranges_clear(painted);
	*painted = fresh;
	return true;
}

size_t painted_ranges_at(const struct painted_ranges *painted, uint64_t address)
{
	size_t bounds = bounds_to(painted, address);

	return bounds && painted->seen[bounds - 1] ? painted->seen[bounds - 1] - 1 : PAINTED_NOTHING;
}

void painted_ranges_clear(struct painted_ranges *painted)
{
	free(painted->bounds);
	free(painted->seen);
	*painted = (struct painted_ranges){};
}
