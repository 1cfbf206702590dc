// SPDX-License-Identifier: MIT
#include "snapshot/spaces.h"

#include <stdlib.h>

static void free_range(struct spaces_range *range)
{
	free(range->detail);
	free(range->slabs);
}

void spaces_process_free(struct spaces_process *process)
{
	for (size_t i = 0; i < process->range_count; i++)
		free_range(&process->ranges[i]);
	free(process->ranges);
	free(process->comm);
	free(process->cannot);
	decisions_free(&process->decisions);
	*process = (struct spaces_process){};
}

void spaces_free(struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->process_count; i++)
		spaces_process_free(&spaces->processes[i]);
	free(spaces->processes);
	*spaces = (struct spaces){};
}

uint64_t spaces_add(uint64_t a, uint64_t b)
{
	return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : a + b;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint64_t at_most_resident(const struct spaces_range *range)
{
	return range->resident_bytes == UNKNOWN ? range->bytes : range->resident_bytes;
}

static int by_size(const void *left, const void *right)
{
	const struct spaces_range *a = left, *b = right;
	int order = compare(at_most_resident(b), at_most_resident(a));

	if (!order)
		order = compare(b->bytes, a->bytes);
	return order ? order : compare(a->start, b->start);
}

static int by_address(const void *left, const void *right)
{
	const struct spaces_range *a = left, *b = right;

	return compare(a->start, b->start);
}

static void leave_out(struct spaces_process *process, struct spaces_range *range)
{
	process->others.ranges++;
	process->others.bytes += range->bytes;
	process->others.resident_bytes = spaces_add(process->others.resident_bytes, range->resident_bytes);
	free_range(range);
}

size_t spaces_bound(struct spaces_process *process, size_t ranges, size_t super_slabs)
{
	size_t kept = 0, kept_slabs = 0, count = process->range_count;

	if (!count)
		return 0;
	qsort(process->ranges, count, sizeof(*process->ranges), by_size);
	for (size_t i = 0; i < count; i++) {
		struct spaces_range *range = &process->ranges[i];

		if (kept >= ranges || (range->slabs && kept_slabs >= super_slabs)) {
			leave_out(process, range);
			continue;
		}
		kept_slabs += range->slabs != NULL;
		process->ranges[kept++] = *range;
	}
	process->range_count = kept;
	qsort(process->ranges, kept, sizeof(*process->ranges), by_address);
	return kept_slabs;
}

#define PAGE 4096UL

size_t spaces_range_parts(const struct spaces_range *range)
{
	return range->part_bytes ? (range->bytes + range->part_bytes - 1) / range->part_bytes : 0;
}

size_t spaces_range_cut(struct spaces_range *range)
{
	uint64_t pages = (range->bytes + PAGE - 1) / PAGE;

	range->part_bytes = (pages + SPACES_PARTS - 1) / SPACES_PARTS * PAGE;
	return spaces_range_parts(range);
}

void spaces_range_resident(struct spaces_range *range, uint64_t start, uint64_t end)
{
	range->resident_bytes += end - start;
	while (start < end) {
		uint64_t part = (start - range->start) / range->part_bytes;
		uint64_t until = range->start + (part + 1) * range->part_bytes;

		if (until > end)
			until = end;
		range->parts[part] += until - start;
		start = until;
	}
}

const char *slab_holds_name(enum slab_holds holds)
{
	static const char *const names[] = {
	    [SLAB_HOLDS_NOTHING] = "nothing",
	    [SLAB_HOLDS_BLOCKS] = "blocks",
	    [SLAB_HOLDS_PAGES] = "pages",
	    [SLAB_HOLDS_METADATA] = "metadata",
	};

	return names[holds];
}
