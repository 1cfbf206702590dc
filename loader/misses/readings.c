// SPDX-License-Identifier: MIT
#include "misses/readings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE             4096ULL
#define MOST_PATIENCE    128
#define SEARCHES_AT_ONCE 16 /* a program that has just begun is about to have it */
#define TRIES            3

uint64_t readings_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

void readings_free(struct readings *readings)
{
	for (size_t i = 0; i < readings->count; i++)
		free(readings->list[i]);
	*readings = (struct readings){};
}

int readings_add(struct readings *readings, const struct reading *reading)
{
	struct reading *kept;

	if (readings->count == READINGS_MOST) {
		kept = readings->list[0];
		memmove(readings->list, readings->list + 1, (READINGS_MOST - 1) * sizeof(readings->list[0]));
		readings->count--;
	} else {
		kept = malloc(sizeof(*kept));
	}
	if (!kept)
		return -1;
	*kept = *reading;
	readings->list[readings->count++] = kept;
	return 0;
}

static uint64_t find_in(const struct memory *memory, uint64_t start, uint64_t end)
{
	uint64_t at = start;

	while ((at = memory_next_resident(memory, at, end)) < end) {
		if (published_is_map(memory, at))
			return at;
		at += PAGE;
	}
	return 0;
}

static void find_map(struct readings *readings, const struct memory *memory, const struct address_space *space,
    bool (*may_contain)(void *context, size_t owner), void *context)
{
	if (readings->waited++ < readings->patience)
		return;
	readings->waited = 0;
	if (++readings->searches > SEARCHES_AT_ONCE)
		readings->patience = readings->patience < MOST_PATIENCE ? 2 * readings->patience + 1 : MOST_PATIENCE;
	for (size_t i = 0; i < space->count && !readings->map_address; i++)
		if (may_contain(context, space->ranges[i].owner))
			readings->map_address = find_in(memory, space->ranges[i].start, space->ranges[i].end);
}

static int read_generation(const struct readings *readings, const struct memory *memory, uint64_t *generation)
{
	return memory_read((void *)memory, readings->map_address + offsetof(struct hakmem_map, generation), generation,
	    sizeof(*generation));
}

void readings_take(struct readings *readings, const struct memory *memory, const struct address_space *space,
    bool (*may_contain)(void *context, size_t owner), void *context)
{
	struct reading *last = readings->count ? readings->list[readings->count - 1] : NULL;
	static struct reading reading;
	uint64_t generation;

	if (!readings->map_address)
		find_map(readings, memory, space, may_contain, context);
	if (!readings->map_address || read_generation(readings, memory, &generation))
		return;
	if (last && last->map.generation == generation) {
		last->until = readings_now();
		return;
	}
	/* A copy during which nothing changed; if there is none, one from the middle of changes. */
	for (int try = 0; try < TRIES; try++) {
		reading.since = readings_now();
		if (published_read(memory, readings->map_address, &reading.map))
			return;
		reading.until = readings_now();
		if (read_generation(readings, memory, &generation) || reading.map.generation == generation)
			break;
	}
	readings_add(readings, &reading);
}

struct published readings_find(const struct readings *readings, uint64_t address, uint64_t time, bool *sure)
{
	const struct reading *before = NULL, *after = NULL;
	struct published first, second;

	for (size_t i = 0; i < readings->count && !after; i++) {
		if (readings->list[i]->since <= time)
			before = readings->list[i];
		else
			after = readings->list[i];
	}
	*sure = true;
	if (before && time <= before->until)
		return published_find(&before->map, address);
	*sure = false;
	if (!before || !after)
		return before || after ? published_find(before ? &before->map : &after->map, address)
		                       : (struct published){};
	first = published_find(&before->map, address);
	second = published_find(&after->map, address);
	*sure = first.kind == second.kind && first.block_size == second.block_size;
	/* What was published only before or only after was it at the time of an access, too: nothing else lies there.
	 */
	if (!first.kind || (second.kind && after->since - time < time - before->until))
		return second;
	return first;
}
