// SPDX-License-Identifier: MIT
/*
 * young: merged classes, and borrowing from larger ones.
 */
#include "young.h"

#define YOUNG_PAGES    128
#define MERGED_CLASSES 4
/* Merging wastes most in the smallest classes, below 128 bytes: there it ends after this many pages of a class. */
#define YOUNG_TINY_PAGES 2
#define TINY_CLASSES     8
/* How many classes further up a class may borrow, and how often before it gets a page of its own: what was spent by
 * then is about what a page costs the kernel. */
#define BORROW_CLASSES 8
#define RENT_MAX       100

static void set_class(struct heap *heap, size_t size, unsigned int class)
{
	heap->ready_word[size] = (uint8_t)(HEAP_READY_WORD + class);
}

/* The sizes that a merged class serves get their own classes, now that it has touched some pages. */
static void refine_class(struct heap *heap, unsigned int class)
{
	for (size_t size = 0; size <= TABLE_SIZE_MAX; size++)
		if (heap_class(heap, size) == class)
			set_class(heap, size, class_of_size(size));
}

/* Whether carving from the slab, if there is one, would make the kernel clear another page. */
static bool carves_fresh_page(const struct slab *slab)
{
	return slab == NULL || (slab->carved + 1u) * class_table[slab->class].size > slab->dirty_pages * PAGE_SIZE;
}

void young_count(struct heap *heap, const struct slab *slab)
{
	if (heap->fresh_pages >= YOUNG_PAGES || !carves_fresh_page(slab))
		return;
	heap->classes[slab->class].rent = 0;
	heap->fresh_pages++;
	if (slab->class < TINY_CLASSES && slab->dirty_pages >= YOUNG_TINY_PAGES)
		refine_class(heap, slab->class);
	if (heap->fresh_pages == YOUNG_PAGES)
		for (unsigned int class = 0; class < CLASS_COUNT; class ++)
			refine_class(heap, class);
}

void young_begin(struct heap *heap)
{
	for (size_t size = 0; size <= TABLE_SIZE_MAX; size++)
		set_class(heap, size, class_of_size(size) | (MERGED_CLASSES - 1));
}

bool young_takes(struct heap *heap, unsigned int class)
{
	unsigned int merged = class | (MERGED_CLASSES - 1);

	if (heap->classes[class].current != NULL)
		return true;
	if (heap->classes[merged].current == NULL || class_table[class].size > TABLE_SIZE_MAX)
		return false;
	if (heap_class(heap, class_table[class].size) == merged)
		refine_class(heap, merged);
	return true;
}

struct block *young_borrow(struct heap *heap, unsigned int class, const struct slab *slab)
{
	if (heap->fresh_pages >= YOUNG_PAGES || heap->classes[class].rent >= RENT_MAX || !carves_fresh_page(slab))
		return NULL;
	for (unsigned int other = class + 1; other <= class + BORROW_CLASSES && other < CLASS_COUNT; other++) {
		if (heap->ready[other] == NULL)
			continue;
		heap->classes[class].rent++;
		return heap_pop(heap, HEAP_READY_WORD + other);
	}
	return NULL;
}
