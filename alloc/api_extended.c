// SPDX-License-Identifier: MIT
/*
 * api_extended: jemalloc's extended interface (mallocx and its family, jemalloc(3)), for programs that are linked with
 * libjemalloc and call it beside malloc, such as Debian's redis-server from version 8 on: under a preloaded libhakmem
 * one half of their blocks would else be jemalloc's, and free gets both. Alignment and zeroing are honoured; arenas and
 * thread caches are jemalloc's affair and mean nothing here. Its mallctl and statistics stay jemalloc's own.
 */
#include "api_extended.h"

#include "api.h"

#include <string.h>

#define FLAG_ALIGNMENT_BITS 0x3f /* its binary logarithm */
#define FLAG_ZERO           0x40

static size_t alignment_of(int flags)
{
	return (size_t)1 << (flags & FLAG_ALIGNMENT_BITS);
}

/* Every block has this much, so only more must be asked for. */
#define NATURAL_ALIGNMENT 16

EXPORT void *mallocx(size_t size, int flags)
{
	size_t alignment = alignment_of(flags);
	void *block;

	if (alignment <= NATURAL_ALIGNMENT)
		return flags & FLAG_ZERO ? gate_allocate_zeroed(size) : fast_allocate(size);
	block = gate_allocate_aligned(alignment, size);
	if (block != NULL && flags & FLAG_ZERO)
		memset(block, 0, size);
	return block;
}

/* Unlike realloc: size 0 is not a free, and an alignment can be asked for. */
EXPORT void *rallocx(void *pointer, size_t size, int flags)
{
	size_t alignment = alignment_of(flags), before = gate_usable_size("rallocx", pointer);
	void *block;

	if (size == 0)
		size = 1;
	if (alignment <= NATURAL_ALIGNMENT) {
		block = gate_resize(pointer, size);
	} else {
		block = gate_allocate_aligned(alignment, size);
		if (block != NULL) {
			memcpy(block, pointer, before < size ? before : size);
			gate_free_for("rallocx", pointer);
		}
	}
	if (block != NULL && flags & FLAG_ZERO && size > before)
		memset((char *)block + before, 0, size - before);
	return block;
}

/* In place only, and blocks don't grow in place here: what there is. */
EXPORT size_t xallocx(void *pointer, size_t size, size_t extra, int flags)
{
	(void)size;
	(void)extra;
	(void)flags;
	return gate_usable_size("xallocx", pointer);
}

EXPORT size_t sallocx(const void *pointer, int flags)
{
	(void)flags;
	return gate_usable_size("sallocx", (void *)pointer);
}

EXPORT void dallocx(void *pointer, int flags)
{
	(void)flags;
	fast_free(pointer);
}

EXPORT void sdallocx(void *pointer, size_t size, int flags)
{
	(void)size;
	(void)flags;
	fast_free(pointer);
}

/* The size that mallocx would really give; at least what was asked for is promised. */
EXPORT size_t nallocx(size_t size, int flags)
{
	size_t alignment = alignment_of(flags);

	return alignment > size ? alignment : round_up(size, NATURAL_ALIGNMENT);
}
