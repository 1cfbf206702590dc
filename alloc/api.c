// SPDX-License-Identifier: MIT
/*
 * api: malloc and its family under the names that libc gives them. Each function checks what its caller may get wrong
 * as POSIX and glibc say, and passes on; none keeps state.
 */
#include "api.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "os.h"

/* C23; not in every libc's headers. */
void free_sized(void *pointer, size_t size);
void free_aligned_sized(void *pointer, size_t alignment, size_t size);
void cfree(void *pointer);

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

static void *invalid(void)
{
	errno = EINVAL;
	return NULL;
}

EXPORT void *malloc(size_t size)
{
	return fast_allocate(size);
}

EXPORT void free(void *pointer)
{
	fast_free(pointer);
}

EXPORT void *calloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return no_memory();
	return fast_allocate_zeroed(total);
}

EXPORT void *realloc(void *pointer, size_t size)
{
	if (pointer == NULL)
		return fast_allocate(size);
	if (size == 0) {
		gate_free_for("realloc", pointer); /* as glibc does */
		return NULL;
	}
	return gate_resize(pointer, size);
}

EXPORT void *reallocarray(void *pointer, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return no_memory();
	return realloc(pointer, total);
}

EXPORT int posix_memalign(void **result, size_t alignment, size_t size)
{
	int saved = errno;
	void *block;

	if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0)
		return EINVAL;
	block = gate_allocate_aligned(alignment, size);
	errno = saved; /* POSIX: reported by the result alone */
	if (block == NULL)
		return ENOMEM;
	*result = block;
	return 0;
}

EXPORT void *memalign(size_t alignment, size_t size)
{
	/* glibc rounds an alignment that is no power of two up to one. */
	if (alignment > SIZE_MAX / 2 + 1)
		return invalid();
	while (!is_power_of_two(alignment))
		alignment = alignment == 0 ? 1 : (alignment | (alignment - 1)) + 1;
	return gate_allocate_aligned(alignment, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	if (!is_power_of_two(alignment))
		return invalid();
	return gate_allocate_aligned(alignment, size);
}

EXPORT void *valloc(size_t size)
{
	return gate_allocate_aligned(os_page_size(), size);
}

EXPORT void *pvalloc(size_t size)
{
	size_t page = os_page_size();

	if (size > SIZE_LIMIT)
		return no_memory();
	return gate_allocate_aligned(page, round_up(size, page));
}

EXPORT size_t malloc_usable_size(void *pointer)
{
	return gate_usable_size("malloc_usable_size", pointer);
}

EXPORT void free_sized(void *pointer, size_t size)
{
	fast_free_given("free_sized", pointer, size, 0);
}

EXPORT void free_aligned_sized(void *pointer, size_t alignment, size_t size)
{
	fast_free_given("free_aligned_sized", pointer, size, alignment);
}

EXPORT void cfree(void *pointer)
{
	fast_free(pointer);
}

/* The names by which parts of glibc, and programs that wrap malloc, reach what they take for glibc's own. */
#if __has_attribute(copy)
#define LIKE(target) copy(target) /* gcc warns when an alias lacks its target's attributes */
#else
#define LIKE(target)
#endif
#define ALIAS(name, target) EXPORT extern __typeof(target) name __attribute__((alias(#target), LIKE(target)))

ALIAS(__libc_malloc, malloc);
ALIAS(__libc_free, free);
ALIAS(__libc_calloc, calloc);
ALIAS(__libc_realloc, realloc);
ALIAS(__libc_memalign, memalign);
ALIAS(__libc_valloc, valloc);
ALIAS(__libc_pvalloc, pvalloc);
ALIAS(__posix_memalign, posix_memalign);
