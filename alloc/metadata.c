// SPDX-License-Identifier: MIT
/*
 * metadata: a bump allocator that never frees. Structures that come and go keep free lists of their own; they are
 * type-stable, so that a stale pointer to one always points at one.
 */
#include "metadata.h"

#include "huge.h"
#include "lock.h"
#include "os.h"
#include "publish.h"

#define STATIC_SIZE (64 * KIB) /* 22 SuperSlabs, or 2 threads, before a mapping is needed */

extern char static_area[STATIC_SIZE] __asm__("hakmem_static_area");
TABLE(hakmem_static_area, 65536);
_Static_assert(STATIC_SIZE == 65536, "the table's size");

static COMPACT struct lock lock;
/* Offsets rather than pointers: all zero at start, so that nothing needs initialising. */
static COMPACT size_t static_used;
static COMPACT char *mapped_end;
static COMPACT size_t mapped_left;
static COMPACT size_t mapped_total;

void metadata_static_area(uintptr_t *start, uintptr_t *end)
{
	*start = (uintptr_t)static_area;
	*end = (uintptr_t)static_area + STATIC_SIZE;
}

static bool map_more(void)
{
	char *chunk = os_map_aligned(CHUNK_SIZE, CHUNK_SIZE);

	if (chunk == NULL)
		return false;
	publish_range(chunk, CHUNK_SIZE, HAKMEM_RANGE_METADATA);
	huge_advise(chunk, CHUNK_SIZE, HUGE_FORBIDDEN, HUGE_UNADVISED);
	mapped_end = chunk + CHUNK_SIZE;
	mapped_left = CHUNK_SIZE;
	mapped_total += CHUNK_SIZE;
	return true;
}

void *metadata_allocate(size_t size)
{
	size_t alignment = size > PAGE_SIZE ? PAGE_SIZE : 64;
	void *result = NULL;

	size = round_up(size, 64);
	lock_take(&lock);
	if (round_up(static_used, alignment) + size <= STATIC_SIZE) {
		static_used = round_up(static_used, alignment) + size;
		result = static_area + static_used - size;
	} else if (size <= CHUNK_SIZE && (size <= round_down(mapped_left, alignment) || map_more())) {
		/* The end of what is left is the end of a chunk. */
		mapped_left = round_down(mapped_left, alignment);
		result = mapped_end - mapped_left;
		mapped_left -= size;
	}
	lock_give(&lock);
	return result;
}

size_t metadata_mapped(void)
{
	return __atomic_load_n(&mapped_total, __ATOMIC_RELAXED);
}

void metadata_lock(void)
{
	lock_take(&lock);
}

void metadata_unlock(void)
{
	lock_give(&lock);
}

void metadata_reset_lock(void)
{
	lock_reset(&lock);
}
