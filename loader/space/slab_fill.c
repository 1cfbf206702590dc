// SPDX-License-Identifier: MIT
#include "space/slab_fill.h"

#include <string.h>

#define SLAB_SIZE_MOST 256 /* of a slab's record */
#define PAGE           4096UL
#define PAGES          (SPACES_SLABS * SPACES_SLAB_PAGES)

/* What the table alone says. */
static void begin(const struct hakmem_map *map, uint8_t class, struct spaces_slab *slab)
{
	uint32_t size = class < HAKMEM_MAP_CLASSES ? map->class_size[class] : 0;

	slab->block_bytes = slab->blocks = slab->used = 0;
	slab->holds = SLAB_HOLDS_NOTHING;
	if (class == HAKMEM_SLAB_METADATA) {
		slab->holds = SLAB_HOLDS_METADATA;
	} else if (class == HAKMEM_SLAB_MEDIUM) {
		slab->holds = SLAB_HOLDS_PAGES;
		slab->block_bytes = PAGE;
		slab->blocks = SPACES_SLAB_PAGES;
	} else if (size && size <= SPACES_CHUNK) {
		slab->holds = SLAB_HOLDS_BLOCKS;
		slab->block_bytes = size;
		slab->blocks = size <= SPACES_SLAB_BYTES ? SPACES_SLAB_BYTES / size : 1;
	}
	if (slab->blocks)
		slab->used = UNKNOWN;
}

static uint64_t read_pointer(struct slab_reader *reader, uint64_t array, uint64_t index)
{
	uint64_t pointer = 0;

	if (!array || reader->read(reader->context, array + index * sizeof(pointer), &pointer, sizeof(pointer)))
		return 0;
	return pointer;
}

struct descriptor {
	uint32_t kind;
	uint32_t padding;
	uint64_t base;
};

/* The address of a chunk's descriptor, 0: there is none that fits. */
static uint64_t find(struct slab_reader *reader, uint64_t chunk, struct descriptor *descriptor)
{
	const struct hakmem_inside *inside = &reader->map->inside;
	uint64_t leaf, address;

	if (!inside->root || inside->root_bits > 32 || inside->leaf_bits > 32 ||
	    chunk >> inside->leaf_bits >= 1ULL << inside->root_bits)
		return 0;
	leaf = read_pointer(reader, inside->root, chunk >> inside->leaf_bits);
	address = read_pointer(reader, leaf, chunk & ((1ULL << inside->leaf_bits) - 1));
	if (!address || reader->read(reader->context, address, descriptor, sizeof(*descriptor)) ||
	    descriptor->base != chunk << HAKMEM_CHUNK_SHIFT)
		return 0;
	return address;
}

static bool fits(const struct hakmem_inside *inside)
{
	size_t size = inside->slab_size;

	return size && size <= SLAB_SIZE_MOST && inside->key + 8UL <= size && inside->countdown + 4UL <= size &&
	       inside->beyond + 2UL <= size && inside->carved + 2UL <= size && inside->state + 1UL <= size;
}

/* Pages that nobody has written are zeroes. 0, or -1: of some page nothing can be said. */
static int read_pages(struct slab_reader *reader, uint64_t address, char *bytes, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE) {
		size_t here = size - at < PAGE ? size - at : PAGE;

		if (!reader->read(reader->context, address + at, bytes + at, here))
			continue;
		if (!reader->untouched(reader->context, address + at))
			return -1;
		memset(bytes + at, 0, here);
	}
	return 0;
}

/* Of a long slab, whose blocks are too much to read: see count_used. */
static uint64_t count_used_of_long(
    struct slab_reader *reader, uint64_t base, const struct spaces_slab *slab, uint64_t carved, uint64_t key)
{
	uint64_t used = 0, word;

	for (uint64_t i = 0; i < carved; i++) {
		uint64_t address = base + i * slab->block_bytes + sizeof(word);

		if (read_pages(reader, address, (char *)&word, sizeof(word)))
			return UNKNOWN;
		used += word != key;
	}
	return used;
}

/* Carved blocks whose second word isn't the slab's key. */
static uint64_t count_used(
    struct slab_reader *reader, uint64_t base, const struct spaces_slab *slab, uint64_t carved, uint64_t key)
{
	static _Thread_local char bytes[SPACES_SLAB_BYTES];
	uint64_t used = 0, word;

	if (!carved)
		return 0;
	if (!reader->looks || slab->block_bytes < 2 * sizeof(word))
		return UNKNOWN;
	reader->looks--;
	if (carved * slab->block_bytes > sizeof(bytes))
		return count_used_of_long(reader, base, slab, carved, key);
	if (read_pages(reader, base, bytes, carved * slab->block_bytes))
		return UNKNOWN;
	for (uint64_t i = 0; i < carved; i++) {
		memcpy(&word, bytes + i * slab->block_bytes + sizeof(word), sizeof(word));
		used += word != key;
	}
	return used;
}

static uint64_t used_blocks(struct slab_reader *reader, const char *record, uint64_t base, struct spaces_slab *slab)
{
	const struct hakmem_inside *inside = &reader->map->inside;
	uint8_t state = record[inside->state];
	uint16_t carved, beyond;
	uint32_t countdown;
	uint64_t key;

	memcpy(&carved, record + inside->carved, sizeof(carved));
	memcpy(&beyond, record + inside->beyond, sizeof(beyond));
	memcpy(&countdown, record + inside->countdown, sizeof(countdown));
	memcpy(&key, record + inside->key, sizeof(key));
	if (carved > slab->blocks || state == HAKMEM_SLAB_STATE_UNUSED)
		return UNKNOWN;
	if (state == HAKMEM_SLAB_STATE_CURRENT)
		return count_used(reader, base, slab, carved, key);
	return (uint64_t)countdown + beyond <= carved ? (uint64_t)countdown + beyond : UNKNOWN;
}

/* How many of 64 KiB the slab has whose record is the first of these: the others say how far from it they are. */
static size_t count_parts(const struct hakmem_inside *inside, const char *record, size_t most)
{
	size_t parts = 1;

	for (; parts < most; parts++) {
		const char *rest = record + parts * inside->slab_size;
		uint16_t beyond;

		memcpy(&beyond, rest + inside->beyond, sizeof(beyond));
		if ((uint8_t)rest[inside->state] != HAKMEM_SLAB_STATE_REST || beyond != parts)
			break;
	}
	return parts;
}

/* Of a long slab each part says what the whole has. */
static void fill_blocks(struct slab_reader *reader, uint64_t address, uint64_t base, struct spaces_slab *slabs)
{
	const struct hakmem_inside *inside = &reader->map->inside;
	char records[SPACES_SLABS * SLAB_SIZE_MOST];

	if (!fits(inside) ||
	    reader->read(reader->context, address + inside->slabs, records, (size_t)SPACES_SLABS * inside->slab_size))
		return;
	for (size_t i = 0, parts; i < SPACES_SLABS; i += parts) {
		const char *record = records + i * inside->slab_size;

		parts = count_parts(inside, record, SPACES_SLABS - i);
		if (slabs[i].holds != SLAB_HOLDS_BLOCKS)
			continue;
		slabs[i].blocks = parts * SPACES_SLAB_BYTES / slabs[i].block_bytes;
		slabs[i].used = used_blocks(reader, record, base + i * SPACES_SLAB_BYTES, &slabs[i]);
		for (size_t part = 1; part < parts; part++)
			if (slabs[i + part].block_bytes == slabs[i].block_bytes)
				slabs[i + part] = slabs[i];
	}
}

static void fill_pages(struct slab_reader *reader, uint64_t address, struct spaces_slab *slabs)
{
	uint64_t used[SPACES_SLABS] = {};
	uint32_t states[PAGES];

	if (reader->read(reader->context, address + reader->map->inside.runs, states, sizeof(states)))
		return;
	for (size_t page = 0, end; page < PAGES; page = end) {
		size_t length = states[page] & HAKMEM_RUN_PAGES;

		end = page + (length ? length : 1);
		for (size_t i = page; length && !(states[page] & HAKMEM_RUN_KEPT) && i < end && i < PAGES; i++)
			used[i / SPACES_SLAB_PAGES]++;
	}
	for (size_t i = 0; i < SPACES_SLABS; i++)
		if (slabs[i].holds == SLAB_HOLDS_PAGES)
			slabs[i].used = used[i];
}

void slab_fill(struct slab_reader *reader, const struct hakmem_map_slot *slot, struct spaces_slab slabs[SPACES_SLABS])
{
	uint64_t chunk = HAKMEM_TAG_NUMBER(slot->tag), address;
	struct descriptor descriptor;

	for (size_t i = 0; i < SPACES_SLABS; i++)
		begin(reader->map, slot->slab_class[i], &slabs[i]);
	address = find(reader, chunk, &descriptor);
	if (address && descriptor.kind == HAKMEM_INSIDE_SLABS)
		fill_blocks(reader, address, chunk << HAKMEM_CHUNK_SHIFT, slabs);
	else if (address && descriptor.kind == HAKMEM_INSIDE_RUNS)
		fill_pages(reader, address, slabs);
}
