// SPDX-License-Identifier: MIT
/*
 * superslab_cut: gives a wholly unused SuperSlab slabs of another length. How far each slab was written to is known
 * from its start on only; what a long slab has of that goes to its parts, and is put together from them.
 */
#include "assist.h"
#include "prefault.h"
#include "purge.h"
#include "superslab.h"

const uint32_t superslab_all[LENGTHS] = {0xffffffff, 0x55555555, 0x11111111, 0x01010101, 0x00010001};

#define SINGLE_PAGES ((unsigned int)(SLAB_SIZE / PAGE_SIZE))

static unsigned int least(unsigned int one, unsigned int other)
{
	return one < other ? one : other;
}

/* Pages of the 64 KiB at `part` of a slab, of which so many from the start are something. */
static unsigned int part_of(unsigned int pages, unsigned int part)
{
	return pages > part * SINGLE_PAGES ? least(pages - part * SINGLE_PAGES, SINGLE_PAGES) : 0;
}

/* How far pages are dirty, of slabs of 64 KiB, from what is known of the unused SuperSlab's own. What was made present
 * ahead counts as dirty from now on. */
static void cut_into_singles(struct superslab *superslab, unsigned int dirty[HAKMEM_CHUNK_SLABS])
{
	unsigned int parts = 1u << superslab->length;

	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++) {
		const struct slab *slab = &superslab->slabs.slab[i - i % parts];

		dirty[i] = part_of(
		    slab->dirty_pages > slab->present_pages ? slab->dirty_pages : slab->present_pages, i % parts);
	}
}

void superslab_cut(struct superslab *superslab, unsigned int length)
{
	unsigned int dirty[HAKMEM_CHUNK_SLABS], parts = 1u << length;

	cut_into_singles(superslab, dirty);
	superslab->dirty = 0;
	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++) {
		struct slab *slab = &superslab->slabs.slab[i], *first = slab - i % parts;
		unsigned int before = slab->dirty_pages;

		if (slab->base != NULL)
			prefault_forget(slab);
		slab->dirty_pages = 0;
		if (dirty[i] != 0) {
			first->dirty_pages = (uint8_t)least(i % parts * SINGLE_PAGES + dirty[i], UINT8_MAX);
			superslab->dirty |= 1u << (i - i % parts);
		}
		purge_count_reused(before * PAGE_SIZE);
	}
	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++)
		purge_count_kept(superslab->slabs.slab[i].dirty_pages * PAGE_SIZE);
	superslab->length = (uint8_t)length;
	superslab->clean = superslab_all[length] & ~superslab->dirty;
}
