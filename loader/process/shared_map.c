// SPDX-License-Identifier: MIT
#include "process/shared_map.h"

#include <stddef.h>
#include <string.h>

#define HEAD        (MAP_ENTRIES - 1)
#define HEAD_SIZE   offsetof(struct hakmem_map, slots)
#define GRANULES_AT offsetof(struct hakmem_map, granules)
#define SETTLING    512 /* bytes of stream after which a told store has surely been made: some lines */

static size_t entry_at(uint64_t offset)
{
	if (offset < HEAD_SIZE)
		return HEAD;
	if (offset < GRANULES_AT)
		return (offset - HEAD_SIZE) / sizeof(struct hakmem_map_slot);
	return HAKMEM_MAP_SLOTS + (offset - GRANULES_AT) / sizeof(hakmem_u64);
}

static uint64_t offset_of(size_t entry, size_t *size)
{
	*size = entry == HEAD              ? HEAD_SIZE
	        : entry < HAKMEM_MAP_SLOTS ? sizeof(struct hakmem_map_slot)
	                                   : sizeof(hakmem_u64);
	return entry == HEAD              ? 0
	       : entry < HAKMEM_MAP_SLOTS ? HEAD_SIZE + entry * sizeof(struct hakmem_map_slot)
	                                  : GRANULES_AT + (entry - HAKMEM_MAP_SLOTS) * sizeof(hakmem_u64);
}

/*
 * Bytes of an entry have changed, a tag's all of it, others their slabs': what was looked up by them is over, and wrong
 * if they may have changed before.
 */
static void end_uses(struct shared_map *map, size_t number, uint64_t at, uint64_t size, bool before)
{
	struct map_entry *entry = &map->entries[number];
	uint64_t classes = offsetof(struct hakmem_map_slot, slab_class);
	bool all = number >= HAKMEM_MAP_SLOTS || at < classes;
	uint64_t first = all ? 0 : at - classes, last = all ? HAKMEM_CHUNK_SLABS : first + size;

	for (uint64_t slab = first; slab < last && slab < HAKMEM_CHUNK_SLABS; slab++) {
		map->unsure += before ? entry->uses[slab] : 0;
		entry->uses[slab] = 0;
	}
}

static int read_entry(struct shared_map *map, size_t number, struct stream_position position)
{
	struct map_entry *entry = &map->entries[number];
	size_t size;
	uint64_t offset = offset_of(number, &size);
	char value[HEAD_SIZE];

	if (map->read(map->context, map->address + offset, value, size))
		return -1;
	/* It had been read before the store that was told was made: what was answered by it may be wrong. */
	for (size_t at = 0; at < size; at++)
		if (value[at] != ((char *)&map->copy)[offset + at])
			end_uses(map, number, at, 1, true);
	memcpy((char *)&map->copy + offset, value, size);
	entry->horizon = position.ahead;
	return 0;
}

/* What can't be read was never touched: nothing is published there. */
static void read_all(struct shared_map *map, struct stream_position position)
{
	for (size_t i = 0; i < MAP_ENTRIES; i++)
		read_entry(map, i, position);
}

int shared_map_found(struct shared_map *map, uint64_t address, struct stream_position position)
{
	memset(&map->copy, 0, sizeof(map->copy));
	map->address = address;
	map->changed_count = 0;
	read_all(map, position);
	if (map->copy.magic == HAKMEM_MAP_MAGIC && map->copy.version == HAKMEM_MAP_VERSION &&
	    map->copy.size == sizeof(map->copy))
		return 0;
	map->address = 0;
	return -1;
}

void shared_map_store(struct shared_map *map, uint64_t address, uint64_t size, struct stream_position position)
{
	struct map_entry *entry;
	size_t number, entry_size;

	if (!map->address || address < map->address || address >= map->address + sizeof(map->copy))
		return;
	number = entry_at(address - map->address);
	/* Of the head only class sizes and extents matter, which are set before the table is announced. */
	if (number == HEAD)
		return;
	entry = &map->entries[number];
	end_uses(map, number, address - map->address - offset_of(number, &entry_size), size,
	    position.taken <= entry->horizon);
	entry->stored = position.taken;
	if (entry->changed)
		return;
	entry->changed = true;
	if (map->changed_count < MAP_CHANGED)
		map->changed[map->changed_count] = number;
	map->changed_count++;
}

static bool is_settled(const struct map_entry *entry, struct stream_position position)
{
	return position.taken >= entry->stored + SETTLING;
}

/* Read again what has changed. A store that was told just now may still be under way: then once more the next time. */
static void refresh(struct shared_map *map, struct stream_position position)
{
	bool all = map->changed_count > MAP_CHANGED;
	size_t count = all ? MAP_ENTRIES : map->changed_count, kept = 0;

	for (size_t i = 0; i < count; i++) {
		size_t number = all ? i : map->changed[i];
		struct map_entry *entry = &map->entries[number];

		if (!entry->changed)
			continue;
		if (!read_entry(map, number, position) && is_settled(entry, position)) {
			entry->changed = false;
			continue;
		}
		if (kept < MAP_CHANGED)
			map->changed[kept] = number;
		kept++;
	}
	map->changed_count = kept;
}

struct published shared_map_find(struct shared_map *map, uint64_t address, struct stream_position position)
{
	struct published found;

	if (!map->address)
		return (struct published){};
	if (map->changed_count)
		refresh(map, position);
	found = published_find(&map->copy, address);
	if (found.source) {
		uint64_t slab = address >> HAKMEM_SLAB_SHIFT & (HAKMEM_CHUNK_SLABS - 1);
		size_t number = entry_at((const char *)found.source - (const char *)&map->copy);
		struct map_entry *entry = &map->entries[number];

		/* Still to be read, after all that time: the program has ended. */
		if (entry->changed && is_settled(entry, position))
			map->unsure++;
		else
			entry->uses[number < HAKMEM_MAP_SLOTS ? slab : 0]++;
	}
	return found;
}
