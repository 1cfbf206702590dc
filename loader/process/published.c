// SPDX-License-Identifier: MIT
#include "process/published.h"

#include <stddef.h>
#include <string.h>

#define PAGE 4096UL

static struct published in_superslab(const struct hakmem_map *map, const struct hakmem_map_slot *slot, uint64_t address)
{
	uint8_t class = slot->slab_class[address >> HAKMEM_SLAB_SHIFT & (HAKMEM_CHUNK_SLABS - 1)];

	if (class == HAKMEM_SLAB_MEDIUM)
		return (struct published){OWNER_ALLOCATOR_MEDIUM, 0, &slot->tag};
	if (class >= HAKMEM_MAP_CLASSES)
		return (struct published){OWNER_ALLOCATOR_METADATA, 0, &slot->tag};
	return (struct published){OWNER_ALLOCATOR_CLASS, map->class_size[class], &slot->tag};
}

static enum owner_kind kind_of(uint64_t tag)
{
	return HAKMEM_TAG_KIND(tag) == HAKMEM_RANGE_LARGE ? OWNER_ALLOCATOR_LARGE : OWNER_ALLOCATOR_METADATA;
}

static struct published in_chunks(const struct hakmem_map *map, uint64_t address)
{
	uint64_t chunk = address >> HAKMEM_CHUNK_SHIFT;

	for (int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		const struct hakmem_map_slot *slot = &map->slots[(chunk + probe) % HAKMEM_MAP_SLOTS];

		if (!slot->tag)
			break;
		if (HAKMEM_TAG_NUMBER(slot->tag) != chunk)
			continue;
		if (HAKMEM_TAG_KIND(slot->tag) == HAKMEM_RANGE_SUPERSLAB)
			return in_superslab(map, slot, address);
		return (struct published){kind_of(slot->tag), 0, &slot->tag};
	}
	return (struct published){};
}

static struct published in_granules(const struct hakmem_map *map, uint64_t address)
{
	uint64_t granule = address >> HAKMEM_GRANULE_SHIFT;

	for (int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		const uint64_t *tag = &map->granules[(granule + probe) % HAKMEM_MAP_GRANULES];

		if (!*tag)
			break;
		if (HAKMEM_TAG_NUMBER(*tag) == granule)
			return (struct published){kind_of(*tag), 0, tag};
	}
	return (struct published){};
}

struct published published_find(const struct hakmem_map *map, uint64_t address)
{
	struct published found = in_chunks(map, address);

	if (!found.kind)
		found = in_granules(map, address);
	for (int i = 0; !found.kind && i < HAKMEM_MAP_EXTENTS; i++)
		if (address >= map->extent[i].start && address < map->extent[i].end)
			found.kind = OWNER_ALLOCATOR_METADATA;
	return found;
}

static bool head_is_right(const struct hakmem_map *map)
{
	return map->magic == HAKMEM_MAP_MAGIC && map->version == HAKMEM_MAP_VERSION && map->size == sizeof(*map);
}

bool published_is_map(const struct memory *memory, uint64_t address)
{
	struct hakmem_map head;

	return !memory_read((void *)memory, address, &head, offsetof(struct hakmem_map, generation)) &&
	       head_is_right(&head);
}

int published_read(const struct memory *memory, uint64_t address, struct hakmem_map *map)
{
	char *copy = (char *)map;

	for (size_t at = 0; at < sizeof(*map);) {
		size_t size = PAGE - (address + at) % PAGE;

		if (size > sizeof(*map) - at)
			size = sizeof(*map) - at;
		if (memory_read((void *)memory, address + at, copy + at, size))
			memset(copy + at, 0, size);
		at += size;
	}
	return head_is_right(map) ? 0 : -1;
}
