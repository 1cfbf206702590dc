/* SPDX-License-Identifier: MIT */
/* The culprit's malloc family: slabs for what fits there, a mapping of its own for what is larger. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "culprit.h"

#define EXPORT __attribute__((visibility("default")))
#define PAGE   4096ul
#define HEADER 64 /* before a mapping of its own; keeps the block aligned */

struct own_mapping {
	char *start;
	size_t length;
	size_t usable;
};

_Static_assert(sizeof(struct own_mapping) <= HEADER, "HEADER is too little");

static struct own_mapping *own_mapping_of(void *pointer)
{
	return (struct own_mapping *)((char *)pointer - HEADER);
}

static void *map_own(size_t alignment, size_t size)
{
	size_t length;
	char *start, *block;

	if (__builtin_add_overflow(size, alignment + HEADER + PAGE, &length))
		return NULL;
	length &= -PAGE;
	start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED)
		return NULL;
	block = start + HEADER;
	block += -(uintptr_t)block & (alignment - 1);
	*own_mapping_of(block) = (struct own_mapping){start, length, start + length - block};
	return block;
}

/* The class of a power of two is as big, and so its blocks are aligned to that. */
static size_t power_of_two_from(size_t size)
{
	size_t power = STEP;

	while (power < size)
		power *= 2;
	return power;
}

/* alignment: a power of two. */
static void *allocate(size_t alignment, size_t size)
{
	void *block;

	if (alignment > STEP && size <= MOST_BLOCK)
		size = power_of_two_from(size > alignment ? size : alignment);
	block = size <= MOST_BLOCK ? slabs_allocate(size) : map_own(alignment > STEP ? alignment : STEP, size);
	if (!block)
		errno = ENOMEM;
	return block;
}

EXPORT void *malloc(size_t size)
{
	return allocate(STEP, size);
}

EXPORT void free(void *pointer)
{
	int saved = errno;

	if (!pointer || slabs_free(pointer))
		return;
	munmap(own_mapping_of(pointer)->start, own_mapping_of(pointer)->length);
	errno = saved;
}

EXPORT size_t malloc_usable_size(void *pointer)
{
	size_t size = pointer ? slabs_block_size(pointer) : 0;

	return size || !pointer ? size : own_mapping_of(pointer)->usable;
}

EXPORT void *calloc(size_t count, size_t size)
{
	size_t total;
	void *block;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	block = allocate(STEP, total);
	/* A mapping of its own is fresh. */
	return block && slabs_block_size(block) ? memset(block, 0, total) : block;
}

EXPORT void *realloc(void *pointer, size_t size)
{
	size_t usable = malloc_usable_size(pointer);
	void *block;

	if (pointer && !size) {
		free(pointer);
		return NULL;
	}
	if (pointer && size <= usable && size >= usable / 2)
		return pointer;
	block = allocate(STEP, size);
	if (block && pointer) {
		memcpy(block, pointer, size < usable ? size : usable);
		free(pointer);
	}
	return block;
}

static bool is_power_of_two(size_t number)
{
	return number && !(number & (number - 1));
}

EXPORT int posix_memalign(void **result, size_t alignment, size_t size)
{
	int saved = errno;
	void *block;

	if (!is_power_of_two(alignment) || alignment % sizeof(void *))
		return EINVAL;
	block = allocate(alignment, size);
	errno = saved;
	if (!block)
		return ENOMEM;
	*result = block;
	return 0;
}

EXPORT void *memalign(size_t alignment, size_t size)
{
	if (is_power_of_two(alignment))
		return allocate(alignment, size);
	errno = EINVAL;
	return NULL;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

EXPORT void *valloc(size_t size)
{
	return allocate(PAGE, size);
}

EXPORT void *pvalloc(size_t size)
{
	return allocate(PAGE, (size + PAGE - 1) & -PAGE);
}
