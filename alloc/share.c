// SPDX-License-Identifier: MIT
/*
 * share: each bound is one of a heap, and one of all together, of which a heap has the same part as others.
 */
#include "share.h"

#include "thread.h"

/* Of what is current, for what is free among it may not be seen for long. One slab of each class is 11 MiB, four
 * are 45. */
#define CURRENT_HEAP_MOST (32 * MIB)
#define CURRENT_MOST      (128 * MIB)

/* Of what was seen to be free, as far as it was carved: enough for some blocks of each size to be freed and allocated
 * in turns. */
#define EMPTY_HEAP_MOST (4 * MIB)
#define EMPTY_MOST      (32 * MIB)

/* An eighth of what it may have alone is every heap's. */
#define LEAST_PART 8

static size_t part(size_t of_heap, size_t of_all)
{
	size_t each = of_all / thread_heap_count();

	if (each > of_heap)
		return of_heap;
	return each < of_heap / LEAST_PART ? of_heap / LEAST_PART : each;
}

bool share_is_exceeded(const struct heap *heap)
{
	return heap->long_bytes > part(CURRENT_HEAP_MOST, CURRENT_MOST);
}

bool share_of_empty_is_exceeded(const struct heap *heap)
{
	return heap->empty_bytes > part(EMPTY_HEAP_MOST, EMPTY_MOST);
}
