// SPDX-License-Identifier: MIT
/* A tree of spaces, in each a tree of chunks of 2 MiB, in each a sorted array of ranges that don't overlap. */
#include "stack/site_ranges.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SHIFT 21
#define CHUNK_SIZE  (1UL << CHUNK_SHIFT)

/* Of one range; what a process says is not to keep us busy. */
#define CHUNKS_MOST (1UL << 16)

struct range {
	uint32_t start, end; /* in the chunk */
	uint32_t site;
};

struct chunk {
	uint64_t number;
	uint32_t count, room;
	struct range *ranges;
};

struct space {
	uint32_t number;
	void *chunks;
};

struct site_ranges {
	void *spaces;
	size_t count, most;
	uint64_t lost;
};

static int compare_spaces(const void *one, const void *other)
{
	uint32_t a = ((const struct space *)one)->number, b = ((const struct space *)other)->number;

	return (a > b) - (a < b);
}

static int compare_chunks(const void *one, const void *other)
{
	uint64_t a = ((const struct chunk *)one)->number, b = ((const struct chunk *)other)->number;

	return (a > b) - (a < b);
}

struct site_ranges *site_ranges_new(size_t most)
{
	struct site_ranges *ranges = calloc(1, sizeof(*ranges));

	if (ranges)
		ranges->most = most;
	return ranges;
}

static void free_chunk(void *node)
{
	struct chunk *chunk = node;

	free(chunk->ranges);
	free(chunk);
}

static void free_space(void *node)
{
	struct space *space = node;

	tdestroy(space->chunks, free_chunk);
	free(space);
}

void site_ranges_free(struct site_ranges *ranges)
{
	if (!ranges)
		return;
	tdestroy(ranges->spaces, free_space);
	free(ranges);
}

static struct space *find_space(const struct site_ranges *ranges, uint32_t number)
{
	struct space *const *found = tfind(&(struct space){.number = number}, &ranges->spaces, compare_spaces);

	return found ? *found : NULL;
}

/* NULL: out of memory. */
static struct space *space_of(struct site_ranges *ranges, uint32_t number)
{
	struct space *space = find_space(ranges, number);

	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space)
		return NULL;
	space->number = number;
	if (tsearch(space, &ranges->spaces, compare_spaces))
		return space;
	free(space);
	return NULL;
}

static struct chunk *find_chunk(const struct space *space, uint64_t number)
{
	struct chunk *const *found = tfind(&(struct chunk){.number = number}, &space->chunks, compare_chunks);

	return found ? *found : NULL;
}

static struct chunk *chunk_of(struct space *space, uint64_t number)
{
	struct chunk *chunk = find_chunk(space, number);

	if (chunk)
		return chunk;
	chunk = calloc(1, sizeof(*chunk));
	if (!chunk)
		return NULL;
	chunk->number = number;
	if (tsearch(chunk, &space->chunks, compare_chunks))
		return chunk;
	free(chunk);
	return NULL;
}

/* The first range that ends behind it. */
static uint32_t first_behind(const struct chunk *chunk, uint32_t offset)
{
	uint32_t low = 0, high = chunk->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (chunk->ranges[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool make_room(struct chunk *chunk, uint32_t count)
{
	uint32_t room = chunk->room ? 2 * chunk->room : 2;
	struct range *more;

	if (count <= chunk->room)
		return true;
	while (room < count)
		room *= 2;
	more = reallocarray(chunk->ranges, room, sizeof(*more));
	if (!more)
		return false;
	chunk->ranges = more;
	chunk->room = room;
	return true;
}

/* What was there gives way. Returns false when there is no room for it. */
static bool set_in_chunk(struct site_ranges *ranges, struct chunk *chunk, struct range range)
{
	uint32_t first = first_behind(chunk, range.start), last = first, pieces = 0;
	struct range piece[3];
	bool kept;

	while (last < chunk->count && chunk->ranges[last].start < range.end)
		last++;
	if (last > first && chunk->ranges[first].start < range.start)
		piece[pieces++] = (struct range){chunk->ranges[first].start, range.start, chunk->ranges[first].site};
	kept = range.site != SITE_NONE && ranges->count < ranges->most;
	if (kept)
		piece[pieces++] = range;
	if (last > first && chunk->ranges[last - 1].end > range.end)
		piece[pieces++] = (struct range){range.end, chunk->ranges[last - 1].end, chunk->ranges[last - 1].site};
	if (!make_room(chunk, chunk->count + pieces)) {
		pieces = 0; /* nobody's, then */
		kept = false;
	}
	if (chunk->count > last)
		memmove(chunk->ranges + first + pieces, chunk->ranges + last, (chunk->count - last) * sizeof(range));
	if (pieces)
		memcpy(chunk->ranges + first, piece, pieces * sizeof(range));
	chunk->count += pieces - (last - first);
	ranges->count += pieces;
	ranges->count -= last - first;
	return kept || range.site == SITE_NONE;
}

void site_ranges_set(struct site_ranges *ranges, uint32_t number, uint64_t start, uint64_t end, uint32_t site)
{
	struct space *space = space_of(ranges, number);

	if (!space || end <= start || (end - start) >> CHUNK_SHIFT >= CHUNKS_MOST) {
		ranges->lost++;
		return;
	}
	while (start < end) {
		uint64_t base = start & ~(CHUNK_SIZE - 1), stop = end - base < CHUNK_SIZE ? end : base + CHUNK_SIZE;
		struct chunk *chunk = ranges->count < ranges->most ? chunk_of(space, start >> CHUNK_SHIFT)
		                                                   : find_chunk(space, start >> CHUNK_SHIFT);

		if (!chunk || !set_in_chunk(ranges, chunk, (struct range){start - base, stop - base, site}))
			ranges->lost++;
		start = stop;
	}
}

uint32_t site_ranges_find(const struct site_ranges *ranges, uint32_t number, uint64_t address)
{
	const struct space *space = find_space(ranges, number);
	const struct chunk *chunk = space ? find_chunk(space, address >> CHUNK_SHIFT) : NULL;
	uint32_t offset = address & (CHUNK_SIZE - 1), at = chunk ? first_behind(chunk, offset) : 0;

	return chunk && at < chunk->count && chunk->ranges[at].start <= offset ? chunk->ranges[at].site : SITE_NONE;
}

struct copying {
	struct site_ranges *ranges;
	struct space *to;
};

static void copy_chunk(const void *node, VISIT visit, void *context)
{
	const struct chunk *chunk = *(struct chunk *const *)node;
	struct copying *copying = context;
	struct chunk *copy;

	if (visit != postorder && visit != leaf)
		return;
	if (copying->ranges->count + chunk->count > copying->ranges->most) {
		copying->ranges->lost++;
		return;
	}
	copy = chunk_of(copying->to, chunk->number);
	if (!copy || !make_room(copy, chunk->count)) {
		copying->ranges->lost++;
		return;
	}
	if (chunk->count)
		memcpy(copy->ranges, chunk->ranges, chunk->count * sizeof(*chunk->ranges));
	copy->count = chunk->count;
	copying->ranges->count += chunk->count;
}

void site_ranges_copy(struct site_ranges *ranges, uint32_t number, uint32_t from)
{
	const struct space *space = find_space(ranges, from);
	struct copying copying = {.ranges = ranges};

	site_ranges_drop(ranges, number);
	if (!space || number == from)
		return;
	copying.to = space_of(ranges, number);
	if (copying.to)
		twalk_r(space->chunks, copy_chunk, &copying);
	else
		ranges->lost++;
}

static void uncount(const void *node, VISIT visit, void *context)
{
	if (visit == postorder || visit == leaf)
		((struct site_ranges *)context)->count -= (*(struct chunk *const *)node)->count;
}

void site_ranges_drop(struct site_ranges *ranges, uint32_t number)
{
	struct space *space = find_space(ranges, number);

	if (!space)
		return;
	twalk_r(space->chunks, uncount, ranges);
	tdelete(space, &ranges->spaces, compare_spaces);
	free_space(space);
}

uint64_t site_ranges_lost(const struct site_ranges *ranges)
{
	return ranges->lost;
}
