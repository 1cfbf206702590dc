// SPDX-License-Identifier: MIT
#include "output/spaces_strip.h"

#define ADDRESS_SPACE (1ULL << 47)

struct strip {
	struct strip_cell *cells;
	size_t count, most;
	uint64_t cell_bytes;
	struct strip_cell last;           /* the same that is written last, if it is */
	uint64_t end;                     /* of what it has */
	const struct spaces_range *range; /* that was added to it last, */
	uint64_t resident;                /* with so much */
};

static void write_last(struct strip *strip)
{
	if (strip->count && strip->count <= strip->most)
		strip->cells[strip->count - 1] = strip->last;
}

static bool is_same_cell(const struct strip *strip, const struct spaces_range *range, uint64_t start, uint64_t resident)
{
	const struct strip_cell *last = &strip->last;

	if (!strip->count)
		return false;
	if (start / strip->cell_bytes == (strip->end - 1) / strip->cell_bytes)
		return true;
	return last->range == range && !last->resident_bytes && !resident && start == strip->end;
}

static bool is_more(uint64_t resident, uint64_t than)
{
	return resident != UNKNOWN && (than == UNKNOWN || resident > than);
}

/* [start, end) of a range lies within one cell, or isn't touched. */
static void add(struct strip *strip, const struct spaces_range *range, uint64_t start, uint64_t end, uint64_t resident)
{
	struct strip_cell *last = &strip->last;

	if (!is_same_cell(strip, range, start, resident)) {
		write_last(strip);
		*last = (struct strip_cell){.start = start, .apart = strip->count && start != strip->end};
		strip->count++;
		strip->range = NULL;
	}
	last->bytes += end - start;
	last->resident_bytes = spaces_add(last->resident_bytes, resident);
	strip->resident = spaces_add(strip->range == range ? strip->resident : 0, resident);
	strip->range = range;
	if (!last->range || last->range == range || is_more(strip->resident, last->range_resident)) {
		last->range = range;
		last->range_resident = strip->resident;
	}
	strip->end = end;
}

/* A part of a range, whose resident bytes are taken to lie evenly in it. */
static void add_part(
    struct strip *strip, const struct spaces_range *range, uint64_t start, uint64_t end, uint64_t resident)
{
	uint64_t bytes = end - start;

	while (start < end) {
		uint64_t until = resident ? (start / strip->cell_bytes + 1) * strip->cell_bytes : end;

		if (until > end)
			until = end;
		add(strip, range, start, until,
		    resident == UNKNOWN ? UNKNOWN : (double)resident * (until - start) / bytes + 0.5);
		start = until;
	}
}

size_t spaces_strip(const struct spaces_process *process, uint64_t cell_bytes, struct strip_cell *cells, size_t most)
{
	struct strip strip = {.cells = cells, .most = most, .cell_bytes = cell_bytes};

	for (size_t i = 0; i < process->range_count; i++) {
		const struct spaces_range *range = &process->ranges[i];
		uint64_t end = range->start + range->bytes;
		size_t parts = spaces_range_parts(range);

		for (size_t part = 0; part < parts; part++) {
			uint64_t from = range->start + part * range->part_bytes, to = from + range->part_bytes;

			add_part(&strip, range, from, to < end ? to : end, range->parts[part]);
		}
	}
	write_last(&strip);
	return strip.count;
}

uint64_t spaces_strip_cell_bytes(const struct spaces_process *process, size_t most)
{
	uint64_t bytes = SPACES_CHUNK;

	/* From what is mapped follows what is surely too many; then they are counted. */
	while (bytes < ADDRESS_SPACE && process->resident_bytes != UNKNOWN && process->resident_bytes / bytes > most)
		bytes *= 2;
	while (bytes < ADDRESS_SPACE && spaces_strip(process, bytes, NULL, 0) > most)
		bytes *= 2;
	return bytes;
}

const char *strip_level(uint64_t part, uint64_t whole)
{
	static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

	if (part == UNKNOWN || whole == UNKNOWN)
		return "?";
	if (!part || !whole)
		return "·";
	if (part >= whole)
		return "█";
	/* All but the whole is less than the full block. */
	return levels[(size_t)((double)part * 7 / whole)];
}

const char *strip_slab_full(const struct spaces_range *range, size_t slab)
{
	const struct spaces_slab *of = &range->slabs[slab];

	if (of->holds == SLAB_HOLDS_METADATA)
		return "m";
	return strip_level(of->used, of->blocks);
}
