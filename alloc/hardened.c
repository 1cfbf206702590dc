// SPDX-License-Identifier: MIT
/*
 * hardened: the life of a block. Each call finds the block, under its shard's lock, and checks it before anything
 * changes; what is wrong is reported when the lock has been given back, for whoever handles SIGABRT may allocate.
 */
#include "hardened.h"

#include <string.h>

#include "hardened_block.h"
#include "hardened_chunk.h"
#include "hardened_fault.h"
#include "hardened_marks.h"
#include "hardened_pages.h"
#include "hardened_quarantine.h"
#include "hardened_shard.h"
#include "hardened_slots.h"
#include "metadata.h"
#include "os.h"
#include "thread.h"

/* Threads share a lock with an eighth of the others. A power of two. */
#define SHARDS 8

/* What a shard's quarantines hold: of slots' memory 4 MiB, and as many as make a ring of 128 KiB; of larger blocks only
 * address space, and so many that they don't take guards from live ones (see hardened_chunk.c). */
#define SLOTS_MOST      16384
#define SLOT_BYTES_MOST (4 * MIB)
#define PAGES_MOST      256
#define PAGE_BYTES_MOST (256 * MIB)

COMPACT bool hardened_on;
static COMPACT struct shard *shards;

static void look_at_fault(const char *address)
{
	struct misuse misuse = {.kind = MISUSE_NONE};

	for (unsigned int i = 0; i < SHARDS && misuse.kind == MISUSE_NONE; i++) {
		/* It may be held by who caused the fault. */
		if (!lock_try(&shards[i].lock))
			continue;
		fault_explain(&shards[i], address, &misuse);
		lock_give(&shards[i].lock);
	}
	if (misuse.kind != MISUSE_NONE)
		misuse_report(NULL, &misuse);
}

void hardened_start(void)
{
	shards = metadata_allocate(SHARDS * sizeof(struct shard));
	if (shards == NULL)
		misuse_fatal("HAKMEM_HARDENED: out of memory at start");
	marks_start(os_secret());
	chunk_start(os_ranges_most());
	for (unsigned int i = 0; i < SHARDS; i++) {
		shards[i].random = os_secret();
		quarantine_begin(&shards[i].slots, SLOTS_MOST, SLOT_BYTES_MOST);
		quarantine_begin(&shards[i].pages, PAGES_MOST, PAGE_BYTES_MOST);
	}
	os_on_fault(look_at_fault);
	hardened_on = true;
	thread_leave();
}

/* Threads' thread-local variables lie at least a page apart. */
static struct shard *own_shard(void)
{
	uint32_t thread = (uint32_t)((uintptr_t)&heap_current / PAGE_SIZE);

	return &shards[thread * 0x9e3779b9u >> 29]; /* the hash's upper bits, 0 to 7 */
}
_Static_assert(SHARDS == 1 << (32 - 29), "the hash's range");

static struct shard *shard_of(struct chunk *chunk)
{
	return ((struct hardened_head *)chunk)->shard;
}

/* With the lock given back. */
static void report(const char *call, const struct misuse *misuse)
{
	if (UNLIKELY(misuse->kind != MISUSE_NONE))
		misuse_report(call, misuse);
}

/* CLASS_COUNT when no slot will do. */
static unsigned int slot_class(size_t size, size_t alignment)
{
	if (alignment > PAGE_SIZE || size > SINGLE_SIZE_MAX - HARDENED_MARKS_LEAST)
		return CLASS_COUNT;
	return class_of_aligned(size + HARDENED_MARKS_LEAST, alignment);
}

static void *try_to_allocate(size_t size, size_t alignment, bool zero)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	struct shard *shard = own_shard();
	unsigned int class = slot_class(size, alignment);
	char *block;

	lock_take(&shard->lock);
	if (class < CLASS_COUNT)
		block = slots_take(shard, class, size, &misuse);
	else
		block = pages_take(shard, size, alignment);
	lock_give(&shard->lock);
	report("malloc", &misuse);
	/* What has pages of its own is zero. */
	return block != NULL && zero && class < CLASS_COUNT ? memset(block, 0, size) : block;
}

void *hardened_allocate(size_t size, size_t alignment, bool zero)
{
	void *block;

	/* With room for guards and for rounding up. */
	if (size > SIZE_LIMIT - 2 * CHUNK_SIZE)
		return NULL;
	if (alignment < BLOCK_ALIGNMENT)
		alignment = BLOCK_ALIGNMENT;
	block = try_to_allocate(size, alignment, zero);
	if (block == NULL && hardened_trim())
		block = try_to_allocate(size, alignment, zero);
	return block;
}

void hardened_free(const char *call, struct chunk *chunk, void *pointer)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	struct shard *shard = shard_of(chunk);
	struct hardened_block block;

	lock_take(&shard->lock);
	if (block_find_live(chunk, pointer, MISUSE_DOUBLE_FREE, &block, &misuse))
		block_retire(shard, &block, &misuse);
	lock_give(&shard->lock);
	report(call, &misuse);
}

/* Where it lies, if a block of the new size would have been given such a slot. */
static bool resize_in_place(struct hardened_block *block, size_t size)
{
	if (block->pages != NULL || slot_class(size, BLOCK_ALIGNMENT) != block->span->class)
		return false;
	slots_record(block, BLOCK_LIVE, size);
	marks_write(block->start + size, block->high);
	return true;
}

void *hardened_resize(const char *call, struct chunk *chunk, void *pointer, size_t size)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	struct shard *shard = shard_of(chunk);
	struct hardened_block block;
	bool in_place = false;
	void *other;

	lock_take(&shard->lock);
	if (block_find_live(chunk, pointer, MISUSE_DOUBLE_FREE, &block, &misuse))
		in_place = resize_in_place(&block, size);
	lock_give(&shard->lock);
	report(call, &misuse);
	if (in_place)
		return pointer;
	other = hardened_allocate(size, BLOCK_ALIGNMENT, false);
	if (other == NULL)
		return NULL;
	memcpy(other, pointer, block.size < size ? block.size : size);
	hardened_free(call, chunk, pointer);
	return other;
}

size_t hardened_usable_size(const char *call, struct chunk *chunk, void *pointer)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	struct shard *shard = shard_of(chunk);
	struct hardened_block block;

	lock_take(&shard->lock);
	block_find_live(chunk, pointer, MISUSE_USE_AFTER_FREE, &block, &misuse);
	lock_give(&shard->lock);
	report(call, &misuse);
	return block.size;
}

void hardened_check_given(const char *call, struct chunk *chunk, void *pointer, size_t size, size_t alignment)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	struct shard *shard = shard_of(chunk);
	struct hardened_block block;

	lock_take(&shard->lock);
	if (block_find_live(chunk, pointer, MISUSE_DOUBLE_FREE, &block, &misuse)) {
		if (alignment != 0 && (uintptr_t)pointer % alignment != 0)
			block_complain(&misuse, MISUSE_WRONG_ALIGNMENT, pointer, &block);
		else if (size != block.size)
			block_complain(&misuse, MISUSE_WRONG_SIZE, pointer, &block);
	}
	lock_give(&shard->lock);
	misuse.given = misuse.kind == MISUSE_WRONG_ALIGNMENT ? alignment : size;
	report(call, &misuse);
}

static void check_block(const struct hardened_block *block, struct misuse *misuse)
{
	if (misuse->kind != MISUSE_NONE)
		return;
	if (block->state == BLOCK_LIVE)
		block_check_edges(block, misuse);
	else
		block_check_unused(block, misuse);
}

static void check_chunk(struct hardened_chunk *chunk, struct misuse *misuse)
{
	struct hardened_block block;

	for (unsigned int page = 0; page < BITMAP_BITS; page++) {
		struct span *span = &chunk->span[page];

		if (chunk->span_of_page[page] != page + 1)
			continue;
		if (span->class == CLASS_COUNT) {
			pages_of_span(span, &block);
			check_block(&block, misuse);
			continue;
		}
		for (unsigned int slot = 0; slot < span->slots; slot++) {
			slots_read(span, slot, &block);
			check_block(&block, misuse);
		}
	}
}

void hardened_check_all(void)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	struct hardened_block block;

	for (unsigned int i = 0; i < SHARDS; i++) {
		/* exit() may have been called by a signal handler that interrupted the holder. */
		if (!lock_try(&shards[i].lock))
			continue;
		for (struct hardened_chunk *chunk = shards[i].chunks; chunk != NULL; chunk = chunk->next)
			check_chunk(chunk, &misuse);
		for (struct hardened_large *large = shards[i].large; large != NULL; large = large->next) {
			pages_of_mapping(large, &block);
			check_block(&block, &misuse);
		}
		lock_give(&shards[i].lock);
	}
	report("exit", &misuse);
}

static bool end_quarantine(struct shard *shard, struct quarantine *quarantine, struct misuse *misuse)
{
	bool any = quarantine_first(quarantine) != NULL;

	while (quarantine_first(quarantine) != NULL && misuse->kind == MISUSE_NONE)
		block_release_first(shard, quarantine, misuse);
	return any;
}

bool hardened_trim(void)
{
	struct misuse misuse = {.kind = MISUSE_NONE};
	bool any = false;

	if (!hardened_is_on())
		return false;
	for (unsigned int i = 0; i < SHARDS; i++) {
		lock_take(&shards[i].lock);
		any |= end_quarantine(&shards[i], &shards[i].slots, &misuse);
		any |= end_quarantine(&shards[i], &shards[i].pages, &misuse);
		slots_trim(&shards[i]);
		any |= chunk_trim(&shards[i]);
		lock_give(&shards[i].lock);
		report("malloc", &misuse);
	}
	return any;
}

static void count_shard(const struct hardened_totals *totals, struct hakmem_statistics *statistics)
{
	for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
		statistics->classes[class].slabs += totals->slabs[class];
		statistics->classes[class].live_blocks += totals->blocks[class];
		statistics->classes[class].total_blocks += totals->total[class];
		statistics->slabs_used += totals->slabs[class];
		statistics->small_live_bytes += totals->blocks[class] * class_table[class].size;
	}
	statistics->superslabs += totals->chunks;
	statistics->medium_blocks += totals->medium_blocks;
	statistics->medium_live_bytes += totals->medium_bytes;
	statistics->large_blocks += totals->large_blocks;
	statistics->large_live_bytes += totals->large_bytes;
	statistics->mapped_bytes += totals->chunks * CHUNK_SIZE + totals->large_mapped;
}

void hardened_count(struct hakmem_statistics *statistics)
{
	if (!hardened_is_on())
		return;
	for (unsigned int i = 0; i < SHARDS; i++) {
		lock_take(&shards[i].lock);
		count_shard(&shards[i].totals, statistics);
		lock_give(&shards[i].lock);
	}
}

void hardened_lock(void)
{
	for (unsigned int i = 0; hardened_is_on() && i < SHARDS; i++) {
		lock_take(&shards[i].lock);
		shard_random_step(&shards[i]);
	}
}

void hardened_unlock(void)
{
	for (unsigned int i = 0; hardened_is_on() && i < SHARDS; i++)
		lock_give(&shards[i].lock);
}

/* The parent has made a step, so its next child differs from this one, too. */
void hardened_reset_lock(void)
{
	for (unsigned int i = 0; hardened_is_on() && i < SHARDS; i++) {
		lock_reset(&shards[i].lock);
		shards[i].random = shard_random(&shards[i]);
	}
}
