// SPDX-License-Identifier: MIT
/*
 * hardened_slots: all that is known about a slot is its record, 16 bits in the chunk's descriptor. No list leads
 * through free slots; one is looked for in the records, from a random one on.
 */
#include "hardened_slots.h"

#include <string.h>

#include "hardened_block.h"
#include "hardened_chunk.h"
#include "hardened_marks.h"

static uint16_t *records(const struct span *span)
{
	return span->chunk->record[span->first];
}

void slots_read(struct span *span, unsigned int slot, struct hardened_block *block)
{
	uint16_t *record = &records(span)[slot];
	size_t room = class_table[span->class].size;
	char *start = span_pages(span) + slot * room;

	*block = (struct hardened_block){.low = start,
	    .high = start + room,
	    .start = start,
	    .size = *record & RECORD_SIZE_MASK,
	    .state = (enum block_state)(*record >> RECORD_SIZE_BITS),
	    .span = span,
	    .record = record};
}

void slots_record(struct hardened_block *block, enum block_state state, size_t size)
{
	block->state = state;
	block->size = size;
	*block->record = (uint16_t)((unsigned int)state << RECORD_SIZE_BITS | size);
}

bool slots_find(struct span *span, const void *address, struct hardened_block *block)
{
	const char *pages = span_pages(span);
	size_t slot = (size_t)((const char *)address - pages) / class_table[span->class].size;

	if ((const char *)address < pages || slot >= span->slots)
		return false;
	slots_read(span, (unsigned int)slot, block);
	return true;
}

/*
 * Where few slots are left, the next one is no secret, and takes long to find. So a slab rests when less than an eighth
 * of its slots may be handed out, until it is a quarter.
 */
static unsigned int too_few(const struct span *span)
{
	return span->slots / 8 + 1;
}

static unsigned int enough(const struct span *span)
{
	return span->slots / 4 + 1;
}

static void link_with_room(struct shard *shard, struct span *span)
{
	struct span **first = &shard->with_room[span->class];

	span->listed = true;
	span->previous = NULL;
	span->next = *first;
	if (span->next != NULL)
		span->next->previous = span;
	*first = span;
}

static void unlink_with_room(struct shard *shard, struct span *span)
{
	span->listed = false;
	if (span->previous != NULL)
		span->previous->next = span->next;
	else
		shard->with_room[span->class] = span->next;
	if (span->next != NULL)
		span->next->previous = span->previous;
}

static struct span *new_slab(struct shard *shard, unsigned int class)
{
	struct span *span = chunk_take_span(shard, 1, SLAB_SPAN_PAGES, SLAB_PAGES, (uint8_t) class);

	if (span == NULL)
		return NULL;
	span->class = (uint8_t) class;
	span->slots = (uint16_t)(SLAB_SPAN_PAGES * PAGE_SIZE / class_table[class].size);
	span->room = span->slots;
	memset(records(span), 0, span->slots * sizeof(uint16_t));
	link_with_room(shard, span);
	shard->totals.slabs[class]++;
	return span;
}

static void choose(struct shard *shard, struct span *span, struct hardened_block *block)
{
	unsigned int slot = (unsigned int)(shard_random(shard) % span->slots);

	for (;; slot = slot + 1 < span->slots ? slot + 1 : 0) {
		slots_read(span, slot, block);
		if (block->state == BLOCK_FRESH || block->state == BLOCK_FREE)
			return;
	}
}

char *slots_take(struct shard *shard, unsigned int class, size_t size, struct misuse *misuse)
{
	struct span *span = shard->with_room[class];
	struct hardened_block block;

	if (span == NULL)
		span = new_slab(shard, class);
	if (span == NULL)
		return NULL;
	choose(shard, span, &block);
	if (!block_check_unused(&block, misuse))
		return NULL;
	if (--span->room < too_few(span))
		unlink_with_room(shard, span);
	slots_record(&block, BLOCK_LIVE, size);
	marks_write(block.start + size, block.high);
	shard->totals.blocks[class]++;
	shard->totals.total[class]++;
	return block.start;
}

static void give_slab(struct shard *shard, struct span *span)
{
	unlink_with_room(shard, span);
	shard->totals.slabs[span->class]--;
	chunk_give_span(shard, span);
}

/* One empty slab a class stays. */
void slots_give(struct shard *shard, struct hardened_block *block)
{
	struct span *span = block->span;

	slots_record(block, BLOCK_FREE, block->size);
	span->room++;
	if (!span->listed && span->room >= enough(span))
		link_with_room(shard, span);
	if (span->room == span->slots && (span->previous != NULL || span->next != NULL))
		give_slab(shard, span);
}

void slots_trim(struct shard *shard)
{
	struct span *next;

	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		for (struct span *span = shard->with_room[class]; span != NULL; span = next) {
			next = span->next;
			if (span->room == span->slots)
				give_slab(shard, span);
		}
	}
}
