// SPDX-License-Identifier: MIT
/*
 * superslab_parts: where in a SuperSlab a slab is to lie, and what becomes of that which is known of its pages. Unused
 * memory is known by parts of 64 KiB, how far each was written to from its start on. A long slab has that put together
 * while it is in use.
 */
#include "assist.h"
#include "prefault.h"
#include "superslab.h"

/* Every (1 << length)th bit. */
#define EVERY(length) (UINT32_MAX / ((UINT64_C(1) << (1 << (length))) - 1))

static const uint32_t starts[] = {EVERY(0), EVERY(1), EVERY(2), EVERY(3), EVERY(4), EVERY(5)};
_Static_assert(sizeof(starts) / sizeof(*starts) == SUPERSLAB_WHOLE + 1, "one for each length");

/* Where so many neighbouring parts begin that are all unused, at multiples of their number. */
static uint32_t places(uint32_t unused, unsigned int length)
{
	for (unsigned int i = 0; i < length; i++)
		unused &= unused >> (1u << i);
	return unused & starts[length];
}

/* All parts of those at such places. */
static uint32_t parts_at(uint32_t place, unsigned int length)
{
	for (unsigned int i = 0; i < length; i++)
		place |= place << (1u << i);
	return place;
}

unsigned int superslab_room(uint32_t unused)
{
	unsigned int length = SUPERSLAB_WHOLE;

	while (places(unused, length) == 0)
		length--;
	return length;
}

/* Of these places those where something is dirty. */
static uint32_t dirty_places(uint32_t place, uint32_t dirty, unsigned int length)
{
	uint32_t found = 0;

	for (; place != 0; place &= place - 1)
		if (dirty & superslab_bits((unsigned int)__builtin_ctz(place), length))
			found |= place & -place;
	return found;
}

unsigned int superslab_place(uint32_t dirty, uint32_t clean, unsigned int length)
{
	uint32_t unused = dirty | clean, fit = places(unused, length), better = dirty_places(fit, dirty, length);

	if (better != 0)
		fit = better;
	/* Where more is unused, a longer slab may come to lie: such places come last. */
	for (unsigned int longer = length + 1; longer <= SUPERSLAB_WHOLE; longer++) {
		better = fit & ~parts_at(places(unused, longer), longer);
		if (better != 0)
			break;
	}
	return (unsigned int)__builtin_ctz(better != 0 ? better : fit);
}

#define PART_PAGES ((unsigned int)(SLAB_SIZE / PAGE_SIZE))

/* Others look at it for advice. */
static void set_dirty(struct slab *slab, unsigned int pages)
{
	__atomic_store_n(&slab->dirty_pages, (uint8_t)pages, __ATOMIC_RELAXED);
}

/* Nothing in it is known to have been made present ahead any more: it counts as dirty. */
static void forget_present(struct slab *slab)
{
	unsigned int pages = larger(slab->dirty_pages, slab->present_pages);

	prefault_forget(slab);
	set_dirty(slab, pages);
}

unsigned int superslab_join(struct slab *slab, unsigned int length)
{
	unsigned int dirty = slab->dirty_pages, end = 0;

	if (length == 0)
		return dirty;
	forget_present(slab);
	end = slab->dirty_pages;
	for (unsigned int part = 1; part < 1u << length; part++) {
		dirty += slab[part].dirty_pages;
		forget_present(&slab[part]);
		if (slab[part].dirty_pages != 0)
			end = part * PART_PAGES + slab[part].dirty_pages;
		/* Until the slab is no more. */
		slab[part].present_pages = slab[part].dirty_pages;
		set_dirty(&slab[part], 0);
	}
	set_dirty(slab, smaller(end, SLAB_PAGES_MOST));
	return dirty;
}

/* Pages of the slab that its blocks reached, or that were made present for them. */
static unsigned int reached(const struct slab *slab)
{
	size_t end = slab->carved * (size_t)class_table[slab->class].size;

	return larger((unsigned int)(round_up(end, PAGE_SIZE) / PAGE_SIZE), slab->present_pages);
}

unsigned int superslab_part(struct slab *slab, unsigned int length)
{
	unsigned int pages = reached(slab), dirty;

	if (length == 0)
		return slab->dirty_pages;
	prefault_forget(slab);
	set_dirty(slab, smaller(larger(slab->dirty_pages, pages), PART_PAGES));
	dirty = slab->dirty_pages;
	for (unsigned int part = 1; part < 1u << length; part++) {
		unsigned int before = part * PART_PAGES,
		             here = pages > before ? smaller(pages - before, PART_PAGES) : 0;

		set_dirty(&slab[part], larger(slab[part].present_pages, here));
		slab[part].present_pages = 0;
		dirty += slab[part].dirty_pages;
	}
	return dirty;
}
