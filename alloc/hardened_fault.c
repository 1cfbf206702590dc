// SPDX-License-Identifier: MIT
/*
 * hardened_fault: the program is about to end, so all chunks and mappings are looked through. A fault beside blocks is
 * put down to the nearest one.
 */
#include "hardened_fault.h"

#include "hardened_block.h"
#include "hardened_chunk.h"
#include "hardened_pages.h"
#include "hardened_slots.h"

/* How many pages away a block may be and still be the one that was meant. */
#define NEAR_PAGES 16

static void stray(const char *address, struct misuse *misuse)
{
	*misuse = (struct misuse){.kind = MISUSE_STRAY_ACCESS, .where = address};
}

static void beside(const struct hardened_block *block, const char *address, struct misuse *misuse)
{
	if (block->state == BLOCK_LIVE)
		block_complain(misuse, address < block->start ? MISUSE_UNDERFLOW : MISUSE_OVERFLOW, address, block);
	else
		stray(address, misuse);
}

static void inside(const struct hardened_block *block, const char *address, struct misuse *misuse)
{
	if (block->state == BLOCK_QUARANTINED)
		block_complain(misuse, MISUSE_ACCESS_AFTER_FREE, address, block);
	else
		stray(address, misuse);
}

/* The span that has this page, and not as a guard. */
static struct span *span_with(struct hardened_chunk *chunk, long page)
{
	struct span *span;

	if (page < 0 || page >= BITMAP_BITS)
		return NULL;
	span = chunk_find_span(chunk, chunk->head.chunk.base + (size_t)page * PAGE_SIZE);
	return span != NULL && page >= span->first + span->guards ? span : NULL;
}

/* The last block of a span, or the first. */
static void outermost(struct span *span, bool last, struct hardened_block *block)
{
	if (span->class == CLASS_COUNT)
		pages_of_span(span, block);
	else
		slots_read(span, last ? span->slots - 1u : 0, block);
}

static void explain_in_chunk(struct hardened_chunk *chunk, const char *address, struct misuse *misuse)
{
	long page = (address - chunk->head.chunk.base) / (long)PAGE_SIZE;
	struct span *span = span_with(chunk, page);
	struct hardened_block block;

	stray(address, misuse);
	if (span != NULL) {
		if (span->class == CLASS_COUNT) {
			pages_of_span(span, &block);
			inside(&block, address, misuse);
		}
		return;
	}
	for (long distance = 1; distance <= NEAR_PAGES; distance++) {
		struct span *before = span_with(chunk, page - distance), *after = span_with(chunk, page + distance);

		if (before != NULL || after != NULL) {
			outermost(before != NULL ? before : after, before != NULL, &block);
			beside(&block, address, misuse);
			return;
		}
	}
}

static bool lies_in(const char *address, const char *base, size_t size)
{
	return address >= base && (size_t)(address - base) < size;
}

bool fault_explain(struct shard *shard, const char *address, struct misuse *misuse)
{
	struct hardened_block block;

	for (struct hardened_chunk *chunk = shard->chunks; chunk != NULL; chunk = chunk->next) {
		if (lies_in(address, chunk->head.chunk.base, CHUNK_SIZE)) {
			explain_in_chunk(chunk, address, misuse);
			return true;
		}
	}
	for (struct hardened_large *large = shard->large; large != NULL; large = large->next) {
		if (!lies_in(address, large->head.chunk.base, large->mapped))
			continue;
		pages_of_mapping(large, &block);
		if (lies_in(address, block.low, (size_t)(block.high - block.low)))
			inside(&block, address, misuse);
		else
			beside(&block, address, misuse);
		return true;
	}
	return false;
}
