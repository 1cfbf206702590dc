// SPDX-License-Identifier: MIT
#include "space/space_pieces.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/types.h"
#include "snapshot/room.h"
#include "snapshot/spaces.h"
#include "process/published.h"

#define PAGE          4096ULL
#define UP(a)         (((a) + PAGE - 1) & ~(PAGE - 1))
#define DOWN(a)       ((a) & ~(PAGE - 1))
#define LISTED_MOST   (HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES + HAKMEM_MAP_EXTENTS)
#define ADDRESS_BOUND (1ULL << 47)

/* Room is there for all that a table can have. */
static void list(struct space_published *into, size_t *count, struct space_published range,
    const struct hakmem_costs *costs, size_t cost)
{
	if (range.start >= range.end || range.end > ADDRESS_BOUND)
		return;
	range.faults = costs ? costs->cost[cost].faults : UNKNOWN;
	range.zeroed_bytes = costs ? costs->cost[cost].zeroed_bytes : UNKNOWN;
	into[(*count)++] = range;
}

/* A range that a tag names; only if a look-up would find this tag. */
static void list_tag(const struct hakmem_map *map, const uint64_t *tag, unsigned int shift, size_t cost,
    const struct hakmem_costs *costs, struct space_published *into, size_t *count)
{
	uint64_t number = HAKMEM_TAG_NUMBER(*tag), start = number << shift;
	bool chunk = shift == HAKMEM_CHUNK_SHIFT;
	struct published found;

	if (!number || number > ADDRESS_BOUND >> shift)
		return;
	found = published_find(map, start);
	/* A chunk of its own comes before the granule around it. */
	if (chunk && found.source != tag)
		return;
	list(into, count,
	    (struct space_published){
	        .start = start,
	        .end = start + (1ULL << shift),
	        .kind = chunk ? found.kind : OWNER_ALLOCATOR_LARGE,
	        .slot = chunk && HAKMEM_TAG_KIND(*tag) == HAKMEM_RANGE_SUPERSLAB ? cost : NO_SLOT,
	    },
	    costs, cost);
}

static int by_start(const void *left, const void *right)
{
	const struct space_published *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->end < b->end ? -1 : a->end > b->end;
}

/* A lie may make some overlap: the one that begins first holds. */
static size_t without_overlaps(struct space_published *ranges, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && ranges[i].start < ranges[kept - 1].end)
			continue;
		ranges[kept++] = ranges[i];
	}
	return kept;
}

struct space_published *space_published_list(
    const struct hakmem_map *map, const struct hakmem_costs *costs, size_t *count)
{
	struct space_published *into = calloc(LISTED_MOST, sizeof(*into));

	*count = 0;
	if (!into)
		return NULL;
	for (size_t i = 0; i < HAKMEM_MAP_SLOTS; i++)
		list_tag(map, &map->slots[i].tag, HAKMEM_CHUNK_SHIFT, i, costs, into, count);
	for (size_t i = 0; i < HAKMEM_MAP_GRANULES; i++)
		list_tag(map, &map->granules[i], HAKMEM_GRANULE_SHIFT, HAKMEM_MAP_SLOTS + i, costs, into, count);
	for (size_t i = 0; i < HAKMEM_MAP_EXTENTS; i++)
		if (map->extent[i].end && map->extent[i].end < ADDRESS_BOUND)
			list(into, count,
			    (struct space_published){
			        .start = DOWN(map->extent[i].start),
			        .end = UP(map->extent[i].end),
			        .kind = OWNER_ALLOCATOR_METADATA,
			        .slot = NO_SLOT,
			    },
			    NULL, 0);
	qsort(into, *count, sizeof(*into), by_start);
	*count = without_overlaps(into, *count);
	return into;
}

static bool goes_on(const struct space_piece *piece, const struct space_piece *before)
{
	return before->end == piece->start && before->region == piece->region && before->slot == NO_SLOT &&
	       piece->slot == NO_SLOT && !strcmp(before->detail, piece->detail) &&
	       (before->faults == UNKNOWN) == (piece->faults == UNKNOWN);
}

static int append(struct space_pieces *pieces, const struct space_piece *piece)
{
	struct space_piece *last = pieces->count ? &pieces->pieces[pieces->count - 1] : NULL;

	if (last && goes_on(piece, last)) {
		last->end = piece->end;
		last->faults = spaces_add(last->faults, piece->faults);
		last->zeroed_bytes = spaces_add(last->zeroed_bytes, piece->zeroed_bytes);
		return 0;
	}
	if (pieces->count == SPACE_PIECES_MOST) {
		pieces->more++;
		pieces->more_bytes += piece->end - piece->start;
		return 0;
	}
	if (room_for_one(&pieces->pieces, &pieces->room, pieces->count, sizeof(*piece)))
		return -1;
	pieces->pieces[pieces->count++] = *piece;
	return 0;
}

/* As bpf/classify.h has it. */
static bool may_be_published(enum owner_kind kind)
{
	return kind == OWNER_NONE || kind == OWNER_ANON || kind == OWNER_PROGRAM_DATA || kind == OWNER_PROGRAM_BSS ||
	       kind == OWNER_IMAGE_DATA || kind == OWNER_IMAGE_BSS;
}

struct maker {
	const struct space_source *source;
	struct space_pieces *pieces;
	size_t at; /* the next published range */
};

static int add_published(struct maker *maker, const struct space_published *range, uint64_t start, uint64_t end)
{
	struct space_piece piece = {
	    .start = start,
	    .end = end,
	    .slot = range->slot,
	    .faults = range->faults,
	    .zeroed_bytes = range->zeroed_bytes,
	};

	/* Its slabs have classes, not the whole of it. */
	if (range->slot != NO_SLOT) {
		piece.region = REGION_ALLOCATOR;
		strcpy(piece.detail, "SuperSlab");
	} else {
		piece.region = owner_region(OWNER(range->kind, 0), 0, "", piece.detail);
	}
	return append(maker->pieces, &piece);
}

/* [start, end) has one owner; what libhakmem publishes there comes first. */
static int add_owned(struct maker *maker, const struct space_piece *owned, bool publishes)
{
	const struct space_source *source = maker->source;
	struct space_piece rest = *owned;

	while (publishes && maker->at < source->published_count && rest.start < owned->end) {
		const struct space_published *range = &source->published[maker->at];
		uint64_t start = range->start > rest.start ? range->start : rest.start;
		uint64_t end = range->end < owned->end ? range->end : owned->end;

		if (range->end <= rest.start) {
			maker->at++;
			continue;
		}
		if (range->start >= owned->end)
			break;
		rest.end = start;
		if ((rest.start < rest.end && append(maker->pieces, &rest)) || add_published(maker, range, start, end))
			return -1;
		rest.start = end;
	}
	rest.end = owned->end;
	return rest.start < rest.end ? append(maker->pieces, &rest) : 0;
}

static int add_run(
    struct maker *maker, const struct space_mapping *mapping, uint64_t start, uint64_t end, uint32_t owner)
{
	const struct space_source *source = maker->source;
	struct space_piece piece = {
	    .start = start, .end = end, .slot = NO_SLOT, .faults = UNKNOWN, .zeroed_bytes = UNKNOWN};
	const char *name = mapping->name;
	enum owner_kind kind;

	if (owner == OWNER_NONE)
		owner = OWNER(mapping->kind, 0);
	else
		name = source->name(source->name_context, OWNER_OBJECT(owner));
	kind = OWNER_KIND(owner);
	piece.region = owner_region(owner, 0, name, piece.detail);
	return add_owned(maker, &piece, may_be_published(kind));
}

int space_pieces_make(struct space_pieces *pieces, const struct space_source *source)
{
	struct maker maker = {.source = source, .pieces = pieces};

	*pieces = (struct space_pieces){};
	for (size_t i = 0; i < source->maps->count; i++) {
		const struct space_mapping *mapping = &source->maps->mappings[i];

		for (uint64_t at = mapping->start, end; at < mapping->end; at = end) {
			uint32_t owner = OWNER_NONE;

			end = source->owner ? source->owner(source->owner_context, at, mapping->end, &owner)
			                    : mapping->end;
			if (add_run(&maker, mapping, at, end, owner))
				return -1;
		}
	}
	return 0;
}
