// SPDX-License-Identifier: MIT
/*
 * prefault: off by default, for a page that is made present and then not used costs as much as the fault it saves.
 * `auto` makes as many pages present as a slab has already, each time carving has used these up: so its waste is
 * bounded by what the slab has used. With HAKMEM_ASSIST the policy says how many.
 */
#include "prefault.h"

#include "assist.h"
#include "options.h"
#include "os.h"
#include "superslab.h"

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

/* Pages from the start of a slab that are there, as far as is known. */
static unsigned int pages_there(const struct slab *slab)
{
	return larger(slab->dirty_pages, slab->present_pages);
}

static bool populate(struct slab *slab, unsigned int from, unsigned int pages)
{
	if (!os_populate(slab->base + from * PAGE_SIZE, pages * PAGE_SIZE))
		return false;
	slab->present_pages = (uint8_t)(from + pages);
	return true;
}

static void populate_as_many_again(struct slab *slab, unsigned int end)
{
	unsigned int from = pages_there(slab), pages = larger(from, end - from);

	if (pages > class_pages(slab->class) - from)
		pages = class_pages(slab->class) - from;
	/* One page is what the fault itself makes present for less. */
	if (pages > end - from)
		populate(slab, from, pages);
}

static void populate_by_policy(struct slab *slab, unsigned int end)
{
	unsigned int dirty = slab->dirty_pages, from = pages_there(slab), pages;

	assist_caught_up((end < from ? end : from) - dirty, true);
	if (end <= from || (superslab_is_huge(slab) && assist_huge_is_given()))
		return;
	pages = assist_batch(slab->class, end - from, class_pages(slab->class) - from);
	if (pages != 0)
		assist_went_ahead(pages - (end - from), populate(slab, from, pages));
}

void prefault_carve(struct slab *slab, size_t end_offset)
{
	unsigned int end = (unsigned int)(round_up(end_offset, PAGE_SIZE) / PAGE_SIZE);

	if (assist_prefaults()) {
		populate_by_policy(slab, end);
		return;
	}
	switch (option_value(OPTION_PREFAULT)) {
	case PREFAULT_TOUCH:
		if (pages_there(slab) < class_pages(slab->class)) {
			touch(slab->base + pages_there(slab) * PAGE_SIZE,
			    slab->base + class_pages(slab->class) * PAGE_SIZE);
			slab->present_pages = (uint8_t)class_pages(slab->class);
		}
		break;
	case PREFAULT_AUTO:
		if (end > pages_there(slab))
			populate_as_many_again(slab, end);
		break;
	default:
		break;
	}
}

void prefault_forget(struct slab *slab)
{
	assist_caught_up(slab->present_pages > slab->dirty_pages ? slab->present_pages - slab->dirty_pages : 0, false);
	slab->present_pages = 0;
}
