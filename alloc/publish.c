// SPDX-License-Identifier: MIT
/*
 * publish: keeps `hakmem_map` true. A slot is claimed by compare-and-swap, filled in, and its tag stored with release
 * order. The header and the class sizes lie on the map's first page, and neighbouring chunks are neighbouring slots, so
 * a small program touches two of the map's pages.
 */
#include "publish.h"

#include "classes.h"
#include "costs.h"
#include "hakmem_probe.h"
#include "medium.h"
#include "metadata.h"
#include "os.h"
#include "pagemap.h"
#include "runs.h"
#include "superslab.h"

#define CHUNK_BASE(tag)       (HAKMEM_TAG_NUMBER(tag) << HAKMEM_CHUNK_SHIFT)
#define SLAB_BASE(slot, slab) (CHUNK_BASE((slot)->tag) + ((uint64_t)(slab) << HAKMEM_SLAB_SHIFT))
#define GRANULE_SIZE          ((size_t)1 << HAKMEM_GRANULE_SHIFT)
#define CHUNK_NUMBER(base)    ((uint64_t)(uintptr_t)(base) >> HAKMEM_CHUNK_SHIFT)
#define GRANULE_NUMBER(base)  ((uint64_t)(uintptr_t)(base) >> HAKMEM_GRANULE_SHIFT)

TABLE_VISIBLE(hakmem_map, 172680);
_Static_assert(sizeof(struct hakmem_map) == 172680, "the table's size");

_Static_assert((int)HAKMEM_INSIDE_SLABS == (int)CHUNK_SUPERSLAB && (int)HAKMEM_INSIDE_RUNS == (int)CHUNK_MEDIUM &&
                   offsetof(struct chunk, base) == 8 && sizeof(enum chunk_kind) == 4,
    "how a descriptor begins");
_Static_assert((int)HAKMEM_SLAB_STATE_UNUSED == (int)SLAB_UNUSED &&
                   (int)HAKMEM_SLAB_STATE_CURRENT == (int)SLAB_CURRENT &&
                   (int)HAKMEM_SLAB_STATE_REST == (int)SLAB_REST && HAKMEM_RUN_PAGES == RUN_LENGTH &&
                   HAKMEM_RUN_KEPT == RUN_CACHED && offsetof(struct block, key) == 8,
    "what a state means");

static void publish_inside(struct hakmem_inside *inside)
{
	inside->root = (uintptr_t)&pagemap.root;
	inside->root_bits = __builtin_ctzl(PAGEMAP_ROOT_ENTRIES);
	inside->leaf_bits = PAGEMAP_LEAF_BITS;
	inside->slabs = offsetof(struct superslab, slabs.slab);
	inside->slab_size = sizeof(struct slab);
	inside->key = offsetof(struct slab, key);
	inside->countdown = offsetof(struct slab, countdown);
	inside->beyond = offsetof(struct slab, beyond);
	inside->carved = offsetof(struct slab, carved);
	inside->state = offsetof(struct slab, state);
	inside->runs = offsetof(struct medium_head, state);
}

void publish_start(void)
{
	uintptr_t start, end;

	for (unsigned int class = 0; class < CLASS_COUNT; class ++)
		hakmem_map.class_size[class] = class_table[class].size;
	metadata_static_area(&start, &end);
	hakmem_map.extent[0] = (struct hakmem_map_extent){(uintptr_t)&hakmem_map, (uintptr_t)(&hakmem_map + 1)};
	hakmem_map.extent[1] = (struct hakmem_map_extent){(uintptr_t)&pagemap, (uintptr_t)(&pagemap + 1)};
	hakmem_map.extent[2] = (struct hakmem_map_extent){start, end};
	publish_inside(&hakmem_map.inside);
	hakmem_map.version = HAKMEM_MAP_VERSION;
	hakmem_map.size = sizeof(hakmem_map);
	__atomic_store_n(&hakmem_map.magic, HAKMEM_MAP_MAGIC, __ATOMIC_RELEASE);
	os_name_range(&hakmem_map, sizeof(hakmem_map), HAKMEM_MAP_NAME);
}

void publish_decisions(const struct hakmem_decisions *decisions)
{
	__atomic_store_n(&hakmem_map.inside.decisions, (uintptr_t)decisions, __ATOMIC_RELEASE);
}

static void count_change(void)
{
	__atomic_fetch_add(&hakmem_map.generation, 1, __ATOMIC_RELAXED);
}

static bool claim(hakmem_u64 *tag)
{
	hakmem_u64 seen = 0;

	/* Written at once and not read first: a fresh page of the map then takes one fault, not two. */
	if (__atomic_compare_exchange_n(tag, &seen, HAKMEM_TAG_BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return true;
	return seen == HAKMEM_TAG_RETIRED &&
	       __atomic_compare_exchange_n(tag, &seen, HAKMEM_TAG_BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static struct hakmem_map_slot *find_slot(uint64_t number, hakmem_u64 tag)
{
	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		struct hakmem_map_slot *slot = &hakmem_map.slots[(number + probe) % HAKMEM_MAP_SLOTS];

		if (__atomic_load_n(&slot->tag, __ATOMIC_RELAXED) == tag)
			return slot;
	}
	return NULL;
}

static hakmem_u64 *find_granule(uint64_t number, hakmem_u64 tag)
{
	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		hakmem_u64 *granule = &hakmem_map.granules[(number + probe) % HAKMEM_MAP_GRANULES];

		if (__atomic_load_n(granule, __ATOMIC_RELAXED) == tag)
			return granule;
	}
	return NULL;
}

static struct hakmem_map_slot *publish_chunk(const void *base, uint8_t slab_class, enum hakmem_range_kind kind)
{
	uint64_t number = CHUNK_NUMBER(base);

	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		struct hakmem_map_slot *slot = &hakmem_map.slots[(number + probe) % HAKMEM_MAP_SLOTS];

		if (!claim(&slot->tag))
			continue;
		for (unsigned int slab = 0; slab < HAKMEM_CHUNK_SLABS; slab++)
			slot->slab_class[slab] = slab_class;
		costs_clear((size_t)(slot - hakmem_map.slots));
		__atomic_store_n(&slot->tag, HAKMEM_TAG(number, kind), __ATOMIC_RELEASE);
		count_change();
		return slot;
	}
	__atomic_fetch_add(&hakmem_map.unpublished, 1, __ATOMIC_RELAXED);
	return NULL;
}

static bool publish_granule(const void *base, enum hakmem_range_kind kind)
{
	uint64_t number = GRANULE_NUMBER(base);

	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		hakmem_u64 *granule = &hakmem_map.granules[(number + probe) % HAKMEM_MAP_GRANULES];

		if (!claim(granule))
			continue;
		costs_clear(HAKMEM_MAP_SLOTS + (size_t)(granule - hakmem_map.granules));
		__atomic_store_n(granule, HAKMEM_TAG(number, kind), __ATOMIC_RELEASE);
		count_change();
		return true;
	}
	return false;
}

static void retire(hakmem_u64 *tag)
{
	__atomic_store_n(tag, HAKMEM_TAG_RETIRED, __ATOMIC_RELEASE);
	count_change();
}

struct hakmem_map_slot *publish_superslab(const void *base, uint8_t slab_class)
{
	struct hakmem_map_slot *slot = publish_chunk(base, slab_class, HAKMEM_RANGE_SUPERSLAB);

	if (slot != NULL)
		HAKMEM_PROBE4(hakmem, range_add, base, CHUNK_SIZE, HAKMEM_RANGE_SUPERSLAB, 0);
	return slot;
}

/* Block size of a class, 0 of none. */
static unsigned int size_of(uint8_t slab_class)
{
	return slab_class < CLASS_COUNT ? class_table[slab_class].size : 0;
}

void publish_slab_class(struct hakmem_map_slot *slot, unsigned int slab, unsigned int parts, uint8_t slab_class)
{
	if (slot == NULL || slot->slab_class[slab] == slab_class)
		return;
	if (size_of(slot->slab_class[slab]))
		HAKMEM_PROBE4(hakmem, range_del, SLAB_BASE(slot, slab), (unsigned long)parts << HAKMEM_SLAB_SHIFT,
		    HAKMEM_RANGE_SUPERSLAB, size_of(slot->slab_class[slab]));
	for (unsigned int part = 0; part < parts; part++)
		__atomic_store_n(&slot->slab_class[slab + part], slab_class, __ATOMIC_RELEASE);
	count_change();
	if (size_of(slab_class))
		HAKMEM_PROBE4(hakmem, range_add, SLAB_BASE(slot, slab), (unsigned long)parts << HAKMEM_SLAB_SHIFT,
		    HAKMEM_RANGE_SUPERSLAB, size_of(slab_class));
}

void publish_retire_superslab(struct hakmem_map_slot *slot)
{
	if (slot == NULL)
		return;
	/* Others may be looking for a free slot. */
	HAKMEM_PROBE4(hakmem, range_del, CHUNK_BASE(__atomic_load_n(&slot->tag, __ATOMIC_RELAXED)), CHUNK_SIZE,
	    HAKMEM_RANGE_SUPERSLAB, 0);
	retire(&slot->tag);
}

/* Whether the granule at `position` lies wholly in what is left of a range. */
static bool whole_granule(const char *position, const char *end)
{
	return (uintptr_t)position % GRANULE_SIZE == 0 && (size_t)(end - position) >= GRANULE_SIZE;
}

void publish_range(const void *base, size_t size, enum hakmem_range_kind kind)
{
	const char *end = (const char *)base + round_up(size, CHUNK_SIZE);
	const char *position = base;

	while (position < end) {
		if (whole_granule(position, end) && publish_granule(position, kind)) {
			position += GRANULE_SIZE;
			continue;
		}
		publish_chunk(position, HAKMEM_SLAB_FREE, kind);
		position += CHUNK_SIZE;
	}
	HAKMEM_PROBE4(hakmem, range_add, base, round_up(size, CHUNK_SIZE), kind, 0);
}

void publish_retire_range(const void *base, size_t size, enum hakmem_range_kind kind)
{
	const char *end = (const char *)base + round_up(size, CHUNK_SIZE);
	const char *position = base;

	HAKMEM_PROBE4(hakmem, range_del, base, round_up(size, CHUNK_SIZE), kind, 0);
	while (position < end) {
		hakmem_u64 *granule = NULL;
		struct hakmem_map_slot *slot;

		if (whole_granule(position, end))
			granule = find_granule(GRANULE_NUMBER(position), HAKMEM_TAG(GRANULE_NUMBER(position), kind));
		if (granule != NULL) {
			retire(granule);
			position += GRANULE_SIZE;
			continue;
		}
		slot = find_slot(CHUNK_NUMBER(position), HAKMEM_TAG(CHUNK_NUMBER(position), kind));
		if (slot != NULL)
			retire(&slot->tag);
		position += CHUNK_SIZE;
	}
}

void publish_split_range(const void *base, size_t size, size_t first, enum hakmem_range_kind kind)
{
	/* Chunk by chunk nothing changes. */
	if (size < GRANULE_SIZE)
		return;
	publish_retire_range(base, size, kind);
	publish_range(base, first, kind);
	publish_range((const char *)base + first, size - first, kind);
}

long publish_cost_index(const void *address)
{
	uint64_t chunk = CHUNK_NUMBER(address);
	uint64_t granule = GRANULE_NUMBER(address);

	for (unsigned int kind = HAKMEM_RANGE_SUPERSLAB; kind <= HAKMEM_RANGE_METADATA; kind++) {
		const struct hakmem_map_slot *slot = find_slot(chunk, HAKMEM_TAG(chunk, kind));
		const hakmem_u64 *tag = find_granule(granule, HAKMEM_TAG(granule, kind));

		if (slot != NULL)
			return slot - hakmem_map.slots;
		if (tag != NULL)
			return HAKMEM_MAP_SLOTS + (tag - hakmem_map.granules);
	}
	return -1;
}

size_t publish_static_bytes(void)
{
	size_t bytes = 0;

	for (unsigned int i = 0; i < HAKMEM_MAP_EXTENTS; i++)
		bytes += hakmem_map.extent[i].end - hakmem_map.extent[i].start;
	return bytes;
}

uint64_t publish_unpublished(void)
{
	return __atomic_load_n(&hakmem_map.unpublished, __ATOMIC_RELAXED);
}
