// SPDX-License-Identifier: MIT
#include "space/space_table.h"

#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "trace.skel.h"

#define PAGE_SHIFT 12
#define GIB_SHIFT  30
#define ENTRY(a)   ((a) & (TABLE_FANOUT - 1))

static bool look(struct space_table *table, int map, uint64_t number, struct table_node *node)
{
	struct table_key key = {.space = table->number, .number = number};

	if (!table->looks)
		return false;
	table->looks--;
	return !bpf_map_lookup_elem(map, &key, node);
}

static int by_number(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Along the space's list, for a reservation may be thousands of GiB of which the table has nothing. */
static void list_gibs(struct space_table *table)
{
	for (uint64_t next = table->space.middles; next && table->gib_count < SPACE_TABLE_GIBS;) {
		if (!look(table, table->middles, next - 1, &table->middle.node))
			break;
		table->gibs[table->gib_count++] = next - 1;
		next = table->middle.node.next;
	}
	qsort(table->gibs, table->gib_count, sizeof(table->gibs[0]), by_number);
}

/* The first of these from this one on; UINT64_MAX: there is none. */
static uint64_t next_gib(const struct space_table *table, uint64_t from)
{
	size_t low = 0, high = table->gib_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table->gibs[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->gib_count ? table->gibs[low] : UINT64_MAX;
}

int space_table_open(struct space_table *table, struct trace *skeleton, uint32_t number)
{
	*table = (struct space_table){
	    .middles = bpf_map__fd(skeleton->maps.middles),
	    .leaves = bpf_map__fd(skeleton->maps.leaves),
	    .number = number,
	    .looks = SPACE_TABLE_LOOKS,
	};
	if (bpf_map_lookup_elem(bpf_map__fd(skeleton->maps.spaces), &number, &table->space))
		return -1;
	list_gibs(table);
	return 0;
}

/* Entries from `from` on that have one owner, and what it is; returns the first that has another. */
static uint64_t same(const struct table_node *node, uint64_t from, uint32_t *owner)
{
	uint64_t at = from;

	*owner = node->owner[from];
	while (++at < TABLE_FANOUT && node->owner[at] == *owner)
		;
	return at;
}

static uint64_t run_in_chunk(struct space_table *table, uint64_t start, uint32_t *owner)
{
	uint64_t chunk = start >> HAKMEM_CHUNK_SHIFT, base = chunk << HAKMEM_CHUNK_SHIFT;

	if (table->leaf.number != chunk + 1) {
		table->leaf.number = chunk + 1;
		table->leaf.there = look(table, table->leaves, chunk, &table->leaf.node);
	}
	if (!table->leaf.there) {
		*owner = OWNER_NONE;
		return base + (1UL << HAKMEM_CHUNK_SHIFT);
	}
	return base + (same(&table->leaf.node, ENTRY(start >> PAGE_SHIFT), owner) << PAGE_SHIFT);
}

static uint64_t run_in_nodes(struct space_table *table, uint64_t start, uint32_t *owner)
{
	uint64_t gib = start >> GIB_SHIFT, base = gib << GIB_SHIFT, next = next_gib(table, gib), end;

	if (next != gib) {
		*owner = OWNER_NONE;
		return next == UINT64_MAX ? next : next << GIB_SHIFT;
	}

	if (table->middle.number != gib + 1) {
		table->middle.number = gib + 1;
		table->middle.there = look(table, table->middles, gib, &table->middle.node);
	}
	if (!table->middle.there) {
		*owner = OWNER_NONE;
		return base + (1UL << GIB_SHIFT);
	}
	end = same(&table->middle.node, ENTRY(start >> HAKMEM_CHUNK_SHIFT), owner);
	return *owner == OWNER_SPLIT ? run_in_chunk(table, start, owner) : base + (end << HAKMEM_CHUNK_SHIFT);
}

/* Long requests are asked last. */
static uint64_t run_in_list(const struct space *space, uint64_t start, uint64_t end, uint32_t *owner)
{
	for (size_t i = 0; i < SPACE_LONG_RANGES; i++) {
		const struct address_range *range = &space->long_range[i];

		if (start >= range->start && start < range->end) {
			*owner = space->long_owner[i];
			return range->end < end ? range->end : end;
		}
		if (range->start > start && range->start < end && range->end > range->start)
			end = range->start;
	}
	return end;
}

uint64_t space_table_run(void *context, uint64_t start, uint64_t end, uint32_t *owner)
{
	struct space_table *table = context;
	uint64_t until = run_in_nodes(table, start, owner);

	if (until > end)
		until = end;
	return *owner == OWNER_NONE ? run_in_list(&table->space, start, until, owner) : until;
}
