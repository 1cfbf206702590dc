// SPDX-License-Identifier: MIT
/* Its mappings, cut by who has what; then what is resident of each, then how full those are that are listed. */
#include "space/space_process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.skel.h"
#include "trace/cost_tables.h"
#include "process/memory.h"
#include "process/published.h"
#include "space/slab_fill.h"
#include "space/space_pieces.h"
#include "space/space_table.h"
#include "process/told_decisions.h"

#define PAGE            4096UL
#define PAGES_MOST      (4UL << 20) /* of a process that are looked at one by one (resident.c) */
#define LOOKS_MOST      512         /* at blocks of slabs (slab_fill.h) */
#define CANNOT          160
#define LARGE           (64UL << 20)
#define BY_MAPPING_MOST (2UL << 30) /* resident: the kernel holds the lock on mappings while it counts */
#define NOT_IN_TIME     "it took too long: what is resident, and how full slabs are, is not known of all"

_Static_assert(
    SPACES_SLABS == HAKMEM_CHUNK_SLABS && SPACES_SLAB_BYTES == 1UL << HAKMEM_SLAB_SHIFT, "what a SuperSlab is");

struct look {
	struct space_looker *looker;
	const struct traced_process *process;
	struct spaces_process *into;
	struct memory memory;
	struct hakmem_map *map; /* NULL: it has none */
	struct space_pieces pieces;
	struct memory_limit limit;
	const struct space_maps *maps;
	bool by_mapping; /* pages can only be asked for one by one, and mappings say how much they have */
};

/* The first reason stays. */
static void cannot(struct look *look, const char *why)
{
	if (!look->into->cannot)
		look->into->cannot = strdup(why);
}

static const char *object_name(void *context, uint32_t object)
{
	return object_names_find(context, object);
}

/* NULL: it was given none. The process may write there; it can mislead about its own costs only by that. */
static struct cost_area *read_costs(const struct look *look)
{
	const struct cost_tables *tables = look->looker->tracer->cost_tables;
	const struct cost_table *table = tables ? cost_tables_find(tables, look->process->process) : NULL;
	struct cost_area *area = table ? malloc(sizeof(*area)) : NULL;

	if (area && !cost_table_read(table, area) && area->costs.magic == HAKMEM_COSTS_MAGIC)
		return area;
	free(area);
	return NULL;
}

/* libhakmem's table. 0, or -1 when out of memory. */
static int read_map(struct look *look)
{
	if (!look->process->map)
		return 0;
	look->map = malloc(sizeof(*look->map));
	if (!look->map)
		return -1;
	if (published_read(&look->memory, look->process->map, look->map)) {
		free(look->map);
		look->map = NULL;
	}
	return 0;
}

static int make_pieces(struct look *look, const struct space_maps *maps)
{
	struct space_table *table = malloc(sizeof(*table));
	struct space_published *published = NULL;
	struct cost_area *costs = NULL;
	struct space_source source = {.maps = maps, .name = object_name, .name_context = &look->looker->names};
	int result = table ? 0 : -1;

	if (!result && !space_table_open(table, look->looker->tracer->skeleton, look->process->space)) {
		source.owner = space_table_run;
		source.owner_context = table;
	}
	if (!result && look->map) {
		costs = read_costs(look);
		published = space_published_list(look->map, costs ? &costs->costs : NULL, &source.published_count);
		source.published = published;
		result = published ? 0 : -1;
	}
	if (!result)
		result = space_pieces_make(&look->pieces, &source);
	if (!result && source.owner && !table->looks)
		cannot(look, "its address space is too scattered: who asked for some of it is not known");
	free(published);
	free(costs);
	free(table);
	return result;
}

static void add_resident(void *context, uint64_t start, uint64_t end)
{
	spaces_range_resident(context, start, end);
}

static int look_between(struct look *look, uint64_t start, uint64_t end, struct spaces_range *range)
{
	return memory_each_resident(&look->memory, start, end, &look->limit, add_resident, range);
}

/* Mapping by mapping: what is wholly resident, or not at all, needs no look at its pages. 0, or -1 with errno. */
static int look_at_mappings(struct look *look, struct spaces_range *range)
{
	uint64_t range_end = range->start + range->bytes;

	for (size_t i = 0; i < look->maps->count; i++) {
		const struct space_mapping *mapping = &look->maps->mappings[i];
		uint64_t start = mapping->start > range->start ? mapping->start : range->start;
		uint64_t end = mapping->end < range_end ? mapping->end : range_end;

		if (start >= end || !mapping->resident)
			continue;
		if (mapping->resident == mapping->end - mapping->start)
			spaces_range_resident(range, start, end);
		else if (look_between(look, start, end, range))
			return -1;
	}
	return 0;
}

static void look_at_resident(struct look *look, struct spaces_range *range)
{
	spaces_range_cut(range);
	if (!memory_in_time(&look->limit))
		errno = ETIMEDOUT;
	else if (!(look->by_mapping ? look_at_mappings(look, range)
	                            : look_between(look, range->start, range->start + range->bytes, range)))
		return;
	if (errno == ETIMEDOUT)
		cannot(look, NOT_IN_TIME);
	range->resident_bytes = UNKNOWN;
	for (size_t i = 0; i < SPACES_PARTS; i++)
		range->parts[i] = UNKNOWN;
}

static int add_range(struct look *look, const struct space_piece *piece)
{
	struct spaces_range *range = &look->into->ranges[look->into->range_count];

	*range = (struct spaces_range){
	    .start = piece->start,
	    .bytes = piece->end - piece->start,
	    .region = piece->region,
	    .detail = strdup(piece->detail),
	    .faults = piece->faults,
	    .zeroed_bytes = piece->zeroed_bytes,
	};
	if (!range->detail)
		return -1;
	look->into->range_count++;
	/* Only whole: a lie may name one that is mapped in part. */
	if (piece->slot != NO_SLOT && range->bytes == SPACES_CHUNK) {
		range->slabs = calloc(SPACES_SLABS, sizeof(*range->slabs));
		if (!range->slabs)
			return -1;
		for (size_t i = 0; i < SPACES_SLABS; i++)
			range->slabs[i].used = UNKNOWN;
	}
	return 0;
}

/* Small ones first, in case that the time is not enough for all. */
static void look_at_all_resident(struct look *look)
{
	for (int large = 0; large < 2; large++)
		for (size_t i = 0; i < look->into->range_count; i++)
			if ((look->into->ranges[i].bytes > LARGE) == large)
				look_at_resident(look, &look->into->ranges[i]);
}

static int add_ranges(struct look *look)
{
	look->into->ranges = calloc(look->pieces.count + 1, sizeof(*look->into->ranges));
	if (!look->into->ranges)
		return -1;
	for (size_t i = 0; i < look->pieces.count; i++)
		if (add_range(look, &look->pieces.pieces[i]))
			return -1;
	look_at_all_resident(look);
	look->into->others.ranges = look->pieces.more;
	look->into->others.bytes = look->pieces.more_bytes;
	if (look->pieces.more)
		look->into->others.resident_bytes = UNKNOWN;
	return 0;
}

static const struct hakmem_map_slot *slot_of(const struct look *look, uint64_t start)
{
	struct published found = published_find(look->map, start);
	const char *tag = (const char *)found.source, *slots = (const char *)look->map->slots;

	if (!tag || tag < slots || tag >= slots + sizeof(look->map->slots))
		return NULL;
	return (const struct hakmem_map_slot *)tag; /* which is its first member */
}

static void fill_slabs(struct look *look)
{
	struct slab_reader reader = {.map = look->map,
	    .read = memory_read,
	    .untouched = memory_untouched,
	    .context = &look->memory,
	    .looks = LOOKS_MOST};

	for (size_t i = 0; i < look->into->range_count; i++) {
		struct spaces_range *range = &look->into->ranges[i];
		const struct hakmem_map_slot *slot = range->slabs ? slot_of(look, range->start) : NULL;

		if (!slot)
			continue;
		if (!memory_in_time(&look->limit)) {
			cannot(look, NOT_IN_TIME);
			reader.looks = 0;
		}
		slab_fill(&reader, slot, range->slabs);
	}
}

static int look_at(struct look *look, const struct space_maps *maps, size_t ranges, size_t super_slabs)
{
	struct hakmem_decisions told;

	if (read_map(look) || make_pieces(look, maps) || add_ranges(look))
		return -1;
	spaces_bound(look->into, ranges, super_slabs);
	if (!look->map)
		return 0;
	fill_slabs(look);
	if (told_decisions_read(look->map, memory_read, &look->memory, &told))
		return 0;
	return told_decisions(&told, &look->into->decisions);
}

int space_process_look(struct space_looker *looker, const struct traced_process *process, struct spaces_process *into,
    size_t ranges, size_t super_slabs)
{
	struct look look = {
	    .looker = looker, .process = process, .into = into, .limit = {looker->until_ns, PAGES_MOST}};
	struct space_maps maps;
	char why[CANNOT];
	int result = 0;

	if (!memory_in_time(&look.limit)) {
		cannot(&look, "it took too long: its ranges were not looked at");
		return 0;
	}
	if (memory_open(&look.memory, process->process)) {
		snprintf(why, sizeof(why), "its memory can't be looked at: %s", strerror(errno));
		cannot(&look, why);
	}
	look.maps = &maps;
	look.by_mapping = look.memory.process && look.memory.pages < 0 && into->resident_bytes <= BY_MAPPING_MOST;
	if (space_maps_read(&maps, process->process, look.by_mapping)) {
		snprintf(why, sizeof(why), "its mappings can't be read: %s", strerror(errno));
		cannot(&look, why);
	} else {
		if (maps.more)
			cannot(&look, "it has too many mappings: those at the highest addresses are left out");
		result = look_at(&look, &maps, ranges, super_slabs);
	}
	space_maps_free(&maps);
	memory_close(&look.memory);
	free(look.map);
	free(look.pieces.pieces);
	return result;
}
