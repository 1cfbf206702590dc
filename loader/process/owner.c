// SPDX-License-Identifier: MIT
/* Who is libc, who is an allocator, and what a kind of owner is called. Pure: unit-tested without a kernel. */
#include "process/owner.h"

#include <stdio.h>
#include <string.h>

#include "bpf/types.h"

static bool starts_with_any(const char *name, const char *const prefixes[])
{
	for (size_t i = 0; prefixes[i]; i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* libc.so and ld.so of glibc and musl; glibc's companions up to 2.33. */
bool owner_is_libc(const char *name)
{
	static const char *const names[] = {
	    "libc.so", "libc-2.", "ld-linux", "ld-2.", "ld.so", "libc.musl", "ld-musl", "libpthread", NULL};

	return starts_with_any(name, names);
}

#define FOUND_MOST 16

static char found[FOUND_MOST][OWNER_DETAIL];
static size_t found_count;

void owner_add_allocator(const char *object)
{
	for (size_t i = 0; i < found_count; i++)
		if (!strcmp(found[i], object))
			return;
	if (found_count < FOUND_MOST)
		snprintf(found[found_count++], OWNER_DETAIL, "%s", object);
}

/*
 * Libraries that export malloc and free and stand in libc's place: those that were found to, and for files that could
 * not be read, or leave the exporting to another (libtbbmalloc_proxy), those known by name.
 */
bool owner_is_allocator(const char *name)
{
	static const char *const names[] = {"libhakmem", "libjemalloc", "libmimalloc", "libtcmalloc", "librpmalloc",
	    "libsnmalloc", "libscudo", "libhoard", "libhardened_malloc", "libtbbmalloc", NULL};

	for (size_t i = 0; i < found_count; i++)
		if (!strcmp(found[i], name))
			return true;
	return starts_with_any(name, names);
}

static enum region set(char detail[OWNER_DETAIL], enum region region, const char *text)
{
	snprintf(detail, OWNER_DETAIL, "%s", text);
	return region;
}

static enum region image(const char *object, const char *segment, char detail[OWNER_DETAIL])
{
	if (owner_is_libc(object))
		return set(detail, REGION_LIBC, segment);
	return set(detail, REGION_LIBRARY, object[0] ? object : "others");
}

/* Memory is owned by the object whose code mapped it. */
static enum region mapped(const char *object, const char *libc_detail, char detail[OWNER_DETAIL])
{
	if (owner_is_libc(object))
		return set(detail, REGION_LIBC, libc_detail);
	if (owner_is_allocator(object))
		return set(detail, REGION_ALLOCATOR, object);
	return set(detail, REGION_ANON, object);
}

enum region owner_region(uint32_t owner, uint32_t block_size, const char *object, char detail[OWNER_DETAIL])
{
	switch ((enum owner_kind)OWNER_KIND(owner)) {
	case OWNER_PROGRAM_TEXT:
	case OWNER_PROGRAM_READONLY:
		return set(detail, REGION_PROGRAM, "text");
	case OWNER_PROGRAM_DATA:
		return set(detail, REGION_PROGRAM, "data");
	case OWNER_PROGRAM_BSS:
		return set(detail, REGION_PROGRAM, "bss");
	case OWNER_IMAGE_TEXT:
	case OWNER_IMAGE_READONLY:
		return image(object, "text", detail);
	case OWNER_IMAGE_DATA:
	case OWNER_IMAGE_BSS:
		return image(object, "data", detail);
	case OWNER_FILE_PRIVATE:
	case OWNER_FILE:
		return set(detail, REGION_FILE, object[0] ? object : "others");
	case OWNER_SHARED:
		return set(detail, REGION_FILE, "shared memory");
	case OWNER_NONE:
	case OWNER_SPLIT:
	case OWNER_ANON:
		return mapped(object, "mmap", detail);
	case OWNER_ARENA:
		return mapped(object, "arena", detail);
	case OWNER_BREAK:
		/* Its caller is libc's sbrk, whoever called that; without one, it was there before we looked. */
		return object[0] ? mapped(object, "heap", detail) : set(detail, REGION_LIBC, "heap");
	case OWNER_STACK_MAIN:
		return set(detail, REGION_STACK, "main");
	case OWNER_STACK_NEW:
	case OWNER_STACK_THREAD:
		return set(detail, REGION_STACK, "thread");
	case OWNER_STACK_SIGNAL:
		return set(detail, REGION_STACK, "signal");
	case OWNER_TLS_MAIN:
		return set(detail, REGION_TLS, "main");
	case OWNER_TLS_THREAD:
		return set(detail, REGION_TLS, "thread");
	case OWNER_VDSO:
		return set(detail, REGION_KERNEL, "vdso");
	case OWNER_ALLOCATOR_CLASS:
		snprintf(detail, OWNER_DETAIL, "class %u", block_size);
		return REGION_ALLOCATOR;
	case OWNER_ALLOCATOR_MEDIUM:
		return set(detail, REGION_ALLOCATOR, "medium");
	case OWNER_ALLOCATOR_LARGE:
		return set(detail, REGION_ALLOCATOR, "large");
	case OWNER_ALLOCATOR_METADATA:
		return set(detail, REGION_ALLOCATOR, "metadata");
	case OWNER_KERNEL_PAGE_TABLE:
		return set(detail, REGION_KERNEL, "page-table");
	case OWNER_KERNEL_OTHER:
		return set(detail, REGION_KERNEL, "other");
	case OWNER_KERNEL_CORE_DUMP:
		return set(detail, REGION_KERNEL, "core-dump");
	case OWNER_UNSEEN:
	case OWNER_CALL:
		return set(detail, REGION_UNSEEN, "");
	}
	return set(detail, REGION_UNSEEN, "unknown owner");
}

uint32_t owner_of_image(bool program, bool writable, bool executable)
{
	uint32_t kind = executable ? OWNER_IMAGE_TEXT : writable ? OWNER_IMAGE_DATA : OWNER_IMAGE_READONLY;

	return program ? kind - OWNER_IMAGE_TEXT + OWNER_PROGRAM_TEXT : kind;
}
