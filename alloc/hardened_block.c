// SPDX-License-Identifier: MIT
/*
 * hardened_block: what can be said about a block under its shard's lock, and its way out: into quarantine, and from
 * there back to its slab or to the kernel.
 */
#include "hardened_block.h"

#include "hardened_chunk.h"
#include "hardened_marks.h"
#include "hardened_pages.h"
#include "hardened_quarantine.h"
#include "hardened_slots.h"

static size_t held_bytes(const struct hardened_block *block)
{
	return (size_t)(block->high - block->low);
}

/* The block that an address lies in, its marks included; false when in none. The chunk may be gone by now, or be
 * another one, if the pointer is a stale one. */
static bool find(struct chunk *chunk, const void *pointer, struct hardened_block *block)
{
	struct span *span;

	if (round_down((uintptr_t)pointer, CHUNK_SIZE) != (uintptr_t)chunk->base)
		return false;
	if (chunk->kind == CHUNK_HARDENED_LARGE) {
		pages_of_mapping((struct hardened_large *)chunk, block);
		return (const char *)pointer >= block->low && (const char *)pointer < block->high;
	}
	span = chunk_find_span((struct hardened_chunk *)chunk, pointer);
	if (span == NULL)
		return false;
	if (span->class < CLASS_COUNT)
		return slots_find(span, pointer, block);
	pages_of_span(span, block);
	return (const char *)pointer >= block->low && (const char *)pointer < block->high;
}

void block_complain(struct misuse *misuse, enum misuse_kind kind, const char *where, const struct hardened_block *block)
{
	*misuse = (struct misuse){.kind = kind, .where = where, .block = block->start, .size = block->size};
}

/* The marks around a live block. */
bool block_check_edges(const struct hardened_block *block, struct misuse *misuse)
{
	const char *damage = marks_find_damage(block->start + block->size, block->high);
	enum misuse_kind kind = MISUSE_OVERFLOW;

	if (damage == NULL) {
		damage = marks_find_damage(block->low, block->start);
		kind = MISUSE_UNDERFLOW;
	}
	if (damage == NULL)
		return true;
	block_complain(misuse, kind, damage, block);
	return false;
}

bool block_check_unused(const struct hardened_block *block, struct misuse *misuse)
{
	bool fresh = block->state == BLOCK_FRESH;
	const char *damage;

	if (block->pages != NULL && pages_are_forbidden(block))
		return true;
	damage = fresh || block->pages != NULL ? marks_find_nonzero(block->low, block->high)
	                                       : marks_find_damage(block->low, block->high);
	if (damage == NULL)
		return true;
	block_complain(misuse, fresh ? MISUSE_STRAY_WRITE : MISUSE_WRITE_AFTER_FREE, damage, block);
	if (fresh)
		misuse->size = held_bytes(block);
	return false;
}

/* The pointer must be a live block's and the block whole. */
bool block_find_live(
    struct chunk *chunk, void *pointer, enum misuse_kind if_freed, struct hardened_block *block, struct misuse *misuse)
{
	if (!find(chunk, pointer, block) || block->state == BLOCK_FRESH) {
		*misuse = (struct misuse){.kind = MISUSE_INVALID_POINTER, .where = pointer};
		return false;
	}
	if (pointer != block->start) {
		block_complain(
		    misuse, block->state == BLOCK_LIVE ? MISUSE_INTERIOR : MISUSE_INTERIOR_FREED, pointer, block);
		return false;
	}
	if (block->state != BLOCK_LIVE) {
		block_complain(misuse, if_freed, pointer, block);
		return false;
	}
	return block_check_edges(block, misuse);
}

void block_release_first(struct shard *shard, struct quarantine *quarantine, struct misuse *misuse)
{
	char *start = quarantine_first(quarantine);
	struct hardened_block block;

	find(pagemap_find(start), start, &block);
	if (!block_check_unused(&block, misuse))
		return;
	quarantine_drop_first(quarantine, held_bytes(&block));
	if (block.pages != NULL)
		pages_give(shard, &block);
	else
		slots_give(shard, &block);
}

static void uncount(struct shard *shard, const struct hardened_block *block)
{
	struct hardened_totals *totals = &shard->totals;

	if (block->pages == NULL) {
		totals->blocks[block->span->class]--;
	} else if (block->large == NULL) {
		totals->medium_blocks--;
		totals->medium_bytes -= held_bytes(block);
	} else {
		totals->large_blocks--;
		totals->large_bytes -= held_bytes(block);
	}
}

void block_retire(struct shard *shard, struct hardened_block *block, struct misuse *misuse)
{
	struct quarantine *quarantine = block->pages != NULL ? &shard->pages : &shard->slots;

	uncount(shard, block);
	if (block->pages != NULL) {
		block->pages->state = BLOCK_QUARANTINED;
		pages_forbid(block);
	} else {
		slots_record(block, BLOCK_QUARANTINED, block->size);
		marks_write(block->low, block->high);
	}
	if (!quarantine_put(quarantine, block->start, held_bytes(block))) {
		if (block->pages != NULL)
			pages_give(shard, block);
		else
			slots_give(shard, block);
		return;
	}
	while (quarantine_is_over(quarantine) && misuse->kind == MISUSE_NONE)
		block_release_first(shard, quarantine, misuse);
}
