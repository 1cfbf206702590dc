// SPDX-License-Identifier: MIT
/*
 * hardened_chunk: a chunk is reserved without rights, and a span's pages get theirs when it is taken. Each span brings
 * the guards before it; what is behind it is the next one's guard, an unused page, or the chunk's last page, which is
 * never used.
 */
#include "hardened_chunk.h"

#include <limits.h>
#include <string.h>

#include "huge.h"
#include "metadata.h"
#include "os.h"
#include "publish.h"

/*
 * A limit on ranges of different rights (vm.max_map_count) must not be a limit on memory. A guarded span takes two, its
 * pages and the guard before them; half of what there is stays for the program's own mappings. What comes beyond gets a
 * chunk that is opened while it is new and so one range: ranges that were touched apart the kernel does not join.
 */
#define RANGES_EACH 2

/* Spans and mappings with guards, of all shards, and how many there may be. */
static COMPACT unsigned int guarded;
static COMPACT unsigned int guarded_most;

void chunk_start(size_t ranges_most)
{
	size_t most = ranges_most / 2 / RANGES_EACH;

	guarded_most = most < UINT_MAX / 2 ? (unsigned int)most : UINT_MAX / 2;
}

bool chunk_may_guard(void)
{
	if (__atomic_add_fetch(&guarded, 1, __ATOMIC_RELAXED) <= guarded_most)
		return true;
	chunk_unguard(1);
	return false;
}

void chunk_unguard(unsigned int count)
{
	__atomic_fetch_sub(&guarded, count, __ATOMIC_RELAXED);
}

/* The kernel may refuse all the same: the program has taken its half, too. */
static bool allow(struct hardened_chunk *chunk, char *pages, size_t length)
{
	if (chunk->unguarded)
		return true;
	if (os_allow(pages, length)) {
		chunk->guarded++;
		return true;
	}
	if (!os_allow(chunk->head.chunk.base, CHUNK_SIZE))
		return false;
	chunk->unguarded = true;
	chunk_unguard(chunk->guarded);
	chunk->guarded = 0;
	return true;
}

static void link_chunk(struct shard *shard, struct hardened_chunk *chunk)
{
	chunk->previous = NULL;
	chunk->next = shard->chunks;
	if (chunk->next != NULL)
		chunk->next->previous = chunk;
	shard->chunks = chunk;
	shard->totals.chunks++;
}

static void unlink_chunk(struct shard *shard, struct hardened_chunk *chunk)
{
	if (chunk->previous != NULL)
		chunk->previous->next = chunk->next;
	else
		shard->chunks = chunk->next;
	if (chunk->next != NULL)
		chunk->next->previous = chunk->previous;
	shard->totals.chunks--;
}

static struct hardened_chunk *take_descriptor(struct shard *shard)
{
	struct hardened_chunk *chunk = shard->spare_chunks;

	if (chunk != NULL) {
		shard->spare_chunks = chunk->next;
		return chunk;
	}
	chunk = metadata_allocate(sizeof(*chunk));
	if (chunk != NULL) {
		chunk->head.chunk.kind = CHUNK_HARDENED;
		chunk->head.shard = shard;
	}
	return chunk;
}

static void give_descriptor(struct shard *shard, struct hardened_chunk *chunk)
{
	chunk->head.chunk.base = NULL;
	chunk->next = shard->spare_chunks;
	shard->spare_chunks = chunk;
}

static struct hardened_chunk *map_chunk(struct shard *shard, bool guard)
{
	struct hardened_chunk *chunk = take_descriptor(shard);
	char *base = chunk != NULL ? os_reserve_aligned(CHUNK_SIZE, CHUNK_SIZE) : NULL;

	if (base == NULL) {
		if (chunk != NULL)
			give_descriptor(shard, chunk);
		return NULL;
	}
	chunk->head.chunk.base = base;
	chunk->unguarded = !guard;
	if ((chunk->unguarded && !os_allow(base, CHUNK_SIZE)) || !pagemap_insert(&chunk->head.chunk)) {
		os_unmap(base, CHUNK_SIZE);
		give_descriptor(shard, chunk);
		return NULL;
	}
	chunk->slot = publish_superslab(base, HAKMEM_SLAB_FREE);
	huge_advise(base, CHUNK_SIZE, HUGE_FORBIDDEN, HUGE_UNADVISED);
	bitmap_fill(chunk->used, 0, BITMAP_BITS, false);
	bitmap_fill(chunk->used, BITMAP_BITS - 1, 1, true);
	link_chunk(shard, chunk);
	return chunk;
}

static bool is_unused(const struct hardened_chunk *chunk)
{
	return bitmap_next(chunk->used, 0, true) == BITMAP_BITS - 1;
}

static void unmap_chunk(struct shard *shard, struct hardened_chunk *chunk)
{
	unlink_chunk(shard, chunk);
	pagemap_remove(&chunk->head.chunk);
	publish_retire_superslab(chunk->slot);
	os_unmap(chunk->head.chunk.base, CHUNK_SIZE);
	give_descriptor(shard, chunk);
}

static void publish_span(const struct span *span, uint8_t map_class)
{
	unsigned int last = span->first + span->guards + span->pages - 1u;

	for (unsigned int slab = span->first / SLAB_PAGES; slab <= last / SLAB_PAGES; slab++)
		publish_slab_class(span->chunk->slot, slab, 1, map_class);
}

static struct span *make_span(
    struct hardened_chunk *chunk, unsigned int first, unsigned int guards, unsigned int pages, uint8_t map_class)
{
	struct span *span = &chunk->span[first];

	*span = (struct span){.first = (uint16_t)first,
	    .guards = (uint16_t)guards,
	    .pages = (uint16_t)pages,
	    .class = CLASS_COUNT,
	    .chunk = chunk};
	publish_span(span, map_class);
	if (!allow(chunk, span_pages(span), pages * PAGE_SIZE)) {
		span->pages = 0;
		return NULL;
	}
	bitmap_fill(chunk->used, first, guards + pages, true);
	for (unsigned int page = first; page < first + guards + pages; page++)
		chunk->span_of_page[page] = (uint16_t)(first + 1);
	return span;
}

struct span *chunk_take_span(
    struct shard *shard, unsigned int guards, unsigned int pages, unsigned int step, uint8_t map_class)
{
	struct hardened_chunk *chunk = shard->chunks;
	bool guard = chunk_may_guard();
	unsigned int first = BITMAP_BITS;
	struct span *span;

	for (; chunk != NULL; chunk = chunk->next) {
		if (!guard && !chunk->unguarded)
			continue;
		first = bitmap_find_clear(chunk->used, guards + pages, step);
		if (first < BITMAP_BITS)
			break;
	}
	if (chunk == NULL) {
		chunk = map_chunk(shard, guard);
		first = 0;
	}
	span = chunk != NULL ? make_span(chunk, first, guards, pages, map_class) : NULL;
	if (guard && (span == NULL || chunk->unguarded))
		chunk_unguard(1);
	return span;
}

void chunk_clear(char *pages, size_t length)
{
	if (!os_purge(pages, length)) /* locked */
		memset(pages, 0, length);
}

/* One chunk may stay empty, for who frees and allocates in turns. */
void chunk_give_span(struct shard *shard, struct span *span)
{
	struct hardened_chunk *chunk = span->chunk;
	unsigned int pages = span->guards + span->pages;

	/* What is forbidden has been cleared, and nobody has touched it since, unless the chunk has been opened. */
	if (!span->block.forbidden || chunk->unguarded)
		chunk_clear(span_pages(span), span->pages * PAGE_SIZE);
	if (!span->block.forbidden && !chunk->unguarded)
		os_forbid(span_pages(span), span->pages * PAGE_SIZE);
	if (!chunk->unguarded) {
		chunk->guarded--;
		chunk_unguard(1);
	}
	if (span->class < CLASS_COUNT)
		publish_span(span, HAKMEM_SLAB_FREE);
	for (unsigned int i = 0; i < pages; i++)
		chunk->span_of_page[span->first + i] = 0;
	bitmap_fill(chunk->used, span->first, pages, false);
	span->pages = 0;
	if (is_unused(chunk) && chunk != shard->chunks)
		unmap_chunk(shard, chunk);
}

struct span *chunk_find_span(struct hardened_chunk *chunk, const void *address)
{
	size_t page = (size_t)((const char *)address - chunk->head.chunk.base) / PAGE_SIZE;

	if (page >= BITMAP_BITS || chunk->span_of_page[page] == 0)
		return NULL;
	return &chunk->span[chunk->span_of_page[page] - 1];
}

bool chunk_trim(struct shard *shard)
{
	struct hardened_chunk *next;
	bool any = false;

	for (struct hardened_chunk *chunk = shard->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		if (!is_unused(chunk))
			continue;
		unmap_chunk(shard, chunk);
		any = true;
	}
	return any;
}
