// SPDX-License-Identifier: MIT
/*
 * prefault: off by default, for a page that is made present and then not used costs as much as the fault it saves.
 * `auto` starts at one page and doubles the batch each time carving has used the last one up, so its waste is bounded
 * by what the slab has already used.
 */
#include "prefault.h"

#include "options.h"
#include "os.h"

#define AUTO_BATCH_MAX 16 /* pages: a whole slab */

void prefault_superslab(void *base)
{
	if (option_value(OPTION_PREFAULT) == PREFAULT_POPULATE)
		os_populate(base, CHUNK_SIZE);
}

static void touch(char *start, const char *end)
{
	/* Zero onto the kernel's zeroes: present, and still known to be zero. */
	for (; start < end; start += PAGE_SIZE)
		*(volatile char *)start = 0;
}

static void populate_batch(struct slab *slab, size_t from, size_t end)
{
	size_t pages = slab->prefault_pages * 2;
	size_t until;

	if (pages == 0)
		pages = 1;
	if (pages > AUTO_BATCH_MAX)
		pages = AUTO_BATCH_MAX;
	until = from + pages * PAGE_SIZE;
	if (until > SLAB_SIZE)
		until = SLAB_SIZE;
	slab->prefault_pages = (uint8_t)pages;
	/* A batch of one page is what the fault itself does for less. */
	if (until > round_up(end, PAGE_SIZE))
		os_populate(slab->base + from, until - from);
}

void prefault_carve(struct slab *slab, size_t end)
{
	size_t dirty = slab->dirty_pages * PAGE_SIZE;

	switch (option_value(OPTION_PREFAULT)) {
	case PREFAULT_TOUCH:
		if (slab->carved == 0)
			touch(slab->base + dirty, slab->base + SLAB_SIZE);
		break;
	case PREFAULT_AUTO:
		/* Pages carved from since the last batch: look again only when that one is used up. */
		if (dirty % ((slab->prefault_pages ? slab->prefault_pages : 1) * PAGE_SIZE) == 0)
			populate_batch(slab, dirty, end);
		break;
	default:
		break;
	}
}
