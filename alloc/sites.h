/* SPDX-License-Identifier: MIT */
/*
 * Who asked for memory before it was touched: two probes for tracers that are to tell which call of malloc a page's
 * fault goes back to, with the program's call on the stack.
 *
 *     hakmem:fresh(address, size)     a block of so many usable bytes is handed out of which pages were never touched,
 *                                     or purged since
 *     hakmem:reused(address, size)    a block of several pages is, that had other owners before: whether these touched
 *                                     all of it, is not known
 *
 * A block whose page the allocator itself touches while it is handed out has no probe: the fault comes in malloc, under
 * that very call. On the fast path are only blocks of such pages. While neither probe is wanted, which their semaphores
 * say, the gate pays a load and a branch.
 */
#ifndef HAKMEM_SITES_H
#define HAKMEM_SITES_H

#include "common.h"
#include "heap.h"

/* Counted by the kernel, also while the program runs: how many listen. */
union site_wishes {
	struct {
		uint16_t fresh;
		uint16_t reused;
	};
	uint32_t any;
};
extern HIDDEN union site_wishes hakmem_site_wishes;

static inline bool sites_wanted(void)
{
	return __atomic_load_n(&hakmem_site_wishes.any, __ATOMIC_RELAXED) != 0;
}

/* A block is about to be handed out, by this heap. */
static inline void sites_begin(struct heap *heap)
{
	if (heap_is_real(heap))
		heap->untouched = false;
}

/* It may lie in pages that nobody has touched. */
static inline void sites_untouched(struct heap *heap)
{
	if (heap_is_real(heap))
		heap->untouched = true;
}

/* It was handed out, by this heap: fires what is wanted. size: that was asked for; usable: that it has. */
void sites_tell(const struct heap *heap, const void *block, size_t size, size_t usable);
void sites_tell_untouched(const void *block, size_t usable);
/* The same of a block in a pool, whose last one ended at `position`. Of blocks in one page the first is told. */
void sites_tell_pool(const void *position, const void *block, size_t size);

#endif
