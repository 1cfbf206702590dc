// SPDX-License-Identifier: MIT
/*
 * hardened_pages: mappings are whole chunks of address space, as all of libhakmem's are; what a block does not need of
 * it stays without rights and costs nothing.
 */
#include "hardened_pages.h"

#include "hardened_chunk.h"
#include "hardened_marks.h"
#include "metadata.h"
#include "os.h"
#include "publish.h"

/* What is larger, or aligned to more, has a mapping. */
#define SPAN_SIZE_MAX      (1 * MIB)
#define SPAN_ALIGNMENT_MAX (64 * KIB)

static void place(struct pages_block *block, char *pages, size_t length, size_t size, size_t alignment)
{
	uintptr_t end = (uintptr_t)pages + length;

	*block = (struct pages_block){.pages = pages, .length = length, .size = size, .state = BLOCK_LIVE};
	block->start = (char *)round_down(end - size, alignment);
	marks_write(pages, block->start);
	marks_write(block->start + size, pages + length);
}

static char *take_in_chunk(struct shard *shard, size_t length, size_t size, size_t alignment)
{
	/* Of an alignment above a page, the guards take one: then what is behind them is aligned, too. */
	unsigned int guards = alignment > PAGE_SIZE ? (unsigned int)(alignment / PAGE_SIZE) : 1;
	struct span *span =
	    chunk_take_span(shard, guards, (unsigned int)(length / PAGE_SIZE), guards, HAKMEM_SLAB_MEDIUM);

	if (span == NULL)
		return NULL;
	place(&span->block, span_pages(span), length, size, alignment);
	shard->totals.medium_blocks++;
	shard->totals.medium_bytes += length;
	return span->block.start;
}

static struct hardened_large *take_descriptor(struct shard *shard)
{
	struct hardened_large *large = shard->spare_large;

	if (large != NULL) {
		shard->spare_large = large->next;
		return large;
	}
	large = metadata_allocate(sizeof(*large));
	if (large != NULL) {
		large->head.chunk.kind = CHUNK_HARDENED_LARGE;
		large->head.shard = shard;
	}
	return large;
}

static void give_descriptor(struct shard *shard, struct hardened_large *large)
{
	large->head.chunk.base = NULL;
	large->next = shard->spare_large;
	shard->spare_large = large;
}

static void link_large(struct shard *shard, struct hardened_large *large)
{
	large->previous = NULL;
	large->next = shard->large;
	if (large->next != NULL)
		large->next->previous = large;
	shard->large = large;
	shard->totals.large_mapped += large->mapped;
}

static void unlink_large(struct shard *shard, struct hardened_large *large)
{
	if (large->previous != NULL)
		large->previous->next = large->next;
	else
		shard->large = large->next;
	if (large->next != NULL)
		large->next->previous = large->previous;
	shard->totals.large_mapped -= large->mapped;
}

/* Reserves, enters and publishes a mapping, and lets the block's pages be touched. */
static bool map(struct hardened_large *large, size_t lead, size_t length, size_t alignment)
{
	char *base = os_reserve_aligned(large->mapped, alignment < CHUNK_SIZE ? CHUNK_SIZE : alignment);

	if (base == NULL)
		return false;
	large->head.chunk.base = base;
	if (!pagemap_insert(&large->head.chunk)) {
		os_unmap(base, large->mapped);
		return false;
	}
	publish_range(base, large->mapped, HAKMEM_RANGE_LARGE);
	large->guarded = chunk_may_guard();
	if (large->guarded && os_allow(base + lead, length))
		return true;
	chunk_unguard(large->guarded);
	large->guarded = false;
	if (os_allow(base, large->mapped))
		return true;
	pagemap_remove(&large->head.chunk);
	publish_retire_range(base, large->mapped, HAKMEM_RANGE_LARGE);
	os_unmap(base, large->mapped);
	return false;
}

/* A mapping is found by its first chunk, so the block begins in that: aligned to a chunk or more, it has no guard
 * before it. */
static char *take_mapping(struct shard *shard, size_t length, size_t size, size_t alignment)
{
	size_t lead = alignment >= CHUNK_SIZE ? 0 : alignment > PAGE_SIZE ? alignment : PAGE_SIZE;
	struct hardened_large *large = take_descriptor(shard);

	if (large == NULL)
		return NULL;
	large->mapped = round_up(lead + length + PAGE_SIZE, CHUNK_SIZE);
	if (!map(large, lead, length, alignment)) {
		give_descriptor(shard, large);
		return NULL;
	}
	place(&large->block, large->head.chunk.base + lead, length, size, alignment);
	link_large(shard, large);
	shard->totals.large_blocks++;
	shard->totals.large_bytes += length;
	return large->block.start;
}

char *pages_take(struct shard *shard, size_t size, size_t alignment)
{
	size_t length = round_up(size, PAGE_SIZE);

	if (length == 0)
		length = PAGE_SIZE;
	if (length <= SPAN_SIZE_MAX && alignment <= SPAN_ALIGNMENT_MAX)
		return take_in_chunk(shard, length, size, alignment);
	return take_mapping(shard, length, size, alignment);
}

static void read_block(struct pages_block *pages, struct hardened_block *block)
{
	*block = (struct hardened_block){.low = pages->pages,
	    .high = pages->pages + pages->length,
	    .start = pages->start,
	    .size = pages->size,
	    .state = pages->state,
	    .pages = pages};
}

void pages_of_span(struct span *span, struct hardened_block *block)
{
	read_block(&span->block, block);
	block->span = span;
}

void pages_of_mapping(struct hardened_large *large, struct hardened_block *block)
{
	read_block(&large->block, block);
	block->large = large;
}

void pages_forbid(struct hardened_block *block)
{
	struct pages_block *pages = block->pages;

	chunk_clear(pages->pages, pages->length);
	if (block->large != NULL)
		pages->forbidden = os_forbid(block->large->head.chunk.base, block->large->mapped);
	else
		pages->forbidden = !block->span->chunk->unguarded && os_forbid(pages->pages, pages->length);
}

bool pages_are_forbidden(const struct hardened_block *block)
{
	return block->pages->forbidden && (block->large != NULL || !block->span->chunk->unguarded);
}

void pages_give(struct shard *shard, struct hardened_block *block)
{
	struct hardened_large *large = block->large;

	block->pages->state = BLOCK_FREE;
	if (large == NULL) {
		chunk_give_span(shard, block->span);
		return;
	}
	unlink_large(shard, large);
	chunk_unguard(large->guarded);
	pagemap_remove(&large->head.chunk);
	publish_retire_range(large->head.chunk.base, large->mapped, HAKMEM_RANGE_LARGE);
	os_unmap(large->head.chunk.base, large->mapped);
	give_descriptor(shard, large);
}
