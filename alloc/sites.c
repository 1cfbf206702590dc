// SPDX-License-Identifier: MIT
/*
 * sites: the probes hakmem:fresh and hakmem:reused, and what is known of the memory that is handed out.
 */
#include "sites.h"

#include "hakmem_probe.h"
#include "hardened.h"
#include "medium.h"
#include "pagemap.h"

/* In the section where tools look for semaphores. */
__attribute__((section(".probes"))) union site_wishes hakmem_site_wishes;

static uintptr_t page_of(const void *address)
{
	return (uintptr_t)address / PAGE_SIZE;
}

void sites_tell_untouched(const void *block, size_t usable)
{
	if (__atomic_load_n(&hakmem_site_wishes.fresh, __ATOMIC_RELAXED) != 0)
		HAKMEM_PROBE2_WANTED(hakmem, fresh, hakmem_site_wishes, block, usable);
}

static void tell_reused(const void *block, size_t usable)
{
	const struct chunk *chunk = pagemap_find(block);

	/* Freeing touched the first page of a block in a slab; of others nothing may be touched. */
	if (chunk != NULL && chunk->kind == CHUNK_SUPERSLAB &&
	    page_of(block) == page_of((const char *)block + usable - 1))
		return;
	if (__atomic_load_n(&hakmem_site_wishes.reused, __ATOMIC_RELAXED) != 0)
		HAKMEM_PROBE2_WANTED(hakmem, reused, hakmem_site_wishes + 2, block, usable);
}

/* Large blocks are told always: they are few, and what was kept dirty need not have been touched. Hardened mode touches
 * small ones all over, and gives larger ones pages that are not there. */
static bool is_untouched(const struct heap *heap, size_t size)
{
	if (size > MEDIUM_SIZE_MAX)
		return true;
	if (hardened_is_on())
		return size > SINGLE_SIZE_MAX;
	return !heap_is_real(heap) || heap->untouched;
}

void sites_tell(const struct heap *heap, const void *block, size_t size, size_t usable)
{
	if (is_untouched(heap, size))
		sites_tell_untouched(block, usable);
	else
		tell_reused(block, usable);
}

void sites_tell_pool(const void *position, const void *block, size_t size)
{
	const char *last = (const char *)block + size - 1;

	if (page_of((const char *)position - 1) != page_of(last))
		sites_tell_untouched(block, (page_of(last) + 1) * PAGE_SIZE - (uintptr_t)block);
}
