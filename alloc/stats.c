// SPDX-License-Identifier: MIT
/*
 * stats: a class's live blocks follow from its slabs' descriptors, its total from what each heap has made ready. Both
 * are read while other threads write them: a figure may be a moment old, which a snapshot is anyway.
 */
#include "stats.h"

#include "assist.h"
#include "costs.h"
#include "hardened.h"
#include "heap.h"
#include "extents.h"
#include "large.h"
#include "medium.h"
#include "metadata.h"
#include "publish.h"
#include "purge.h"
#include "superslab.h"
#include "text.h"
#include "thread.h"

_Static_assert(HAKMEM_CLASSES == CLASS_COUNT, "the public array has an entry for each class");

static void count_slab(struct slab *slab, void *argument)
{
	struct hakmem_class_statistics *class = &((struct hakmem_statistics *)argument)->classes[slab->class];

	class->slabs++;
	class->live_blocks += slab_live(slab);
	if (slab->state == SLAB_CURRENT)
		class->total_blocks += slab_frees(slab);
}

static uint64_t length(const struct block *block)
{
	uint64_t count = 0;

	for (; block != NULL; block = block->next)
		count++;
	return count;
}

static void uncount_ready(struct heap *heap, void *argument)
{
	struct hakmem_statistics *statistics = argument;

	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		uint64_t ready = length(heap->ready[class]);

		statistics->classes[class].total_blocks -= ready;
		statistics->classes[class].live_blocks -= ready;
	}
}

static void count_heaps(struct hakmem_statistics *statistics)
{
	for (struct heap *heap = thread_known_heaps(); heap != NULL; heap = heap->next_known) {
		statistics->heaps++;
		for (unsigned int class = 0; class < CLASS_COUNT; class ++)
			statistics->classes[class].total_blocks += heap->classes[class].handed_out;
	}
	/* Other threads' ready lists can't be walked. */
	if (heap_is_real(heap_current))
		uncount_ready(heap_current, statistics);
	thread_each_abandoned(uncount_ready, statistics);
}

void stats_collect(struct hakmem_statistics *statistics)
{
	struct superslab_totals superslabs;
	struct medium_totals medium;
	struct extent_totals extents;
	struct large_totals large;

	*statistics = (struct hakmem_statistics){.superslabs = 0};
	superslab_count(&superslabs);
	medium_count(&medium);
	large_count(&large);
	extents_count(&extents);
	superslab_each_slab(count_slab, statistics);
	count_heaps(statistics);
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		statistics->classes[class].block_bytes = class_table[class].size;
		statistics->small_live_bytes += statistics->classes[class].live_blocks * class_table[class].size;
	}
	statistics->superslabs = superslabs.superslabs;
	statistics->slabs_used = superslabs.slabs_used;
	statistics->medium_chunks = medium.chunks;
	statistics->medium_blocks = medium.blocks;
	statistics->medium_live_bytes = medium.live_bytes;
	statistics->large_blocks = large.blocks;
	statistics->large_live_bytes = large.live_bytes;
	statistics->large_cached_bytes = extents.kept_bytes;
	statistics->mapped_bytes = (superslabs.superslabs + medium.chunks) * CHUNK_SIZE + extents.mapped_bytes;
	statistics->metadata_bytes = metadata_mapped() + publish_static_bytes();
	statistics->kept_dirty_bytes = purge_kept_bytes();
	hardened_count(statistics);
	statistics->purged_bytes = purge_total_bytes();
	statistics->unpublished = publish_unpublished();
}

static void line(const char *name, uint64_t value, const char *unit)
{
	struct text text = {.length = 0};

	text_string(&text, "  ");
	text_string(&text, name);
	text_number_to(&text, value, 40);
	text_string(&text, unit);
	text_string(&text, "\n");
	text_write_error(&text);
}

static void print_class(const struct hakmem_class_statistics *class)
{
	struct text text = {.length = 0};

	if (class->total_blocks == 0)
		return;
	text_number_to(&text, class->block_bytes, 8);
	text_number_to(&text, class->slabs, 16);
	text_number_to(&text, class->live_blocks, 28);
	text_number_to(&text, class->total_blocks, 40);
	text_string(&text, "\n");
	text_write_error(&text);
}

static void print_costs(void)
{
	struct hakmem_cost sum = {.faults = 0};
	struct hakmem_cost cost;

	for (size_t i = 0; i < HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES; i++) {
		if (!costs_read(i, &cost))
			return;
		sum.faults += cost.faults;
		sum.timed += cost.timed;
		sum.fault_ns += cost.fault_ns;
		sum.zeroed_bytes += cost.zeroed_bytes;
		sum.zero_timed_bytes += cost.zero_timed_bytes;
		sum.zero_ns += cost.zero_ns;
	}
	line("faults (traced)", sum.faults, "");
	line("of these timed", sum.timed, "");
	line("their time", sum.fault_ns, " ns");
	line("zeroed by the kernel", sum.zeroed_bytes, " bytes");
	line("of these timed", sum.zero_timed_bytes, " bytes");
	line("their time", sum.zero_ns, " ns");
}

void stats_print(void)
{
	struct hakmem_statistics statistics;
	struct text text = {.length = 0};

	stats_collect(&statistics);
	text_string(&text, "hakmem " HAKMEM_VERSION ": statistics\n");
	text_write_error(&text);
	line("superslabs", statistics.superslabs, "");
	line("slabs in use", statistics.slabs_used, "");
	line("small blocks live", statistics.small_live_bytes, " bytes");
	line("medium chunks", statistics.medium_chunks, "");
	line("medium blocks live", statistics.medium_live_bytes, " bytes");
	line("large blocks live", statistics.large_live_bytes, " bytes");
	line("large blocks kept", statistics.large_cached_bytes, " bytes");
	line("mapped", statistics.mapped_bytes, " bytes");
	line("metadata", statistics.metadata_bytes, " bytes");
	line("free but dirty", statistics.kept_dirty_bytes, " bytes");
	line("purged", statistics.purged_bytes, " bytes");
	line("heaps", statistics.heaps, "");
	line("ranges not published", statistics.unpublished, "");
	print_costs();
	assist_print();
	text_string(&text, "   class");
	text_column(&text, 11);
	text_string(&text, "slabs        live   allocated\n");
	text_write_error(&text);
	for (unsigned int class = 0; class < CLASS_COUNT; class ++)
		print_class(&statistics.classes[class]);
}
