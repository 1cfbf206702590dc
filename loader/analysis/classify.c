// SPDX-License-Identifier: MIT
/* User space by what an object is, and the C library's malloc by the names of its functions. See classify.h. */
#include "analysis/classify.h"

#include <string.h>

#include "analysis/kernel_classes.h"

/* glibc's, musl's; and what a program that brings its own malloc must call it. */
static bool is_malloc(const char *function)
{
	static const char *const names[] = {"malloc", "free", "calloc", "realloc", "reallocarray", "memalign",
	    "aligned_alloc", "posix_memalign", "valloc", "pvalloc", "cfree", "malloc_usable_size", "malloc_trim",
	    "mallinfo", "mallinfo2", "mallopt", "malloc_stats", "malloc_info",
	    /* inside glibc */
	    "__libc_malloc", "__libc_free", "__libc_calloc", "__libc_realloc", "__libc_memalign", "__libc_valloc",
	    "__libc_pvalloc", "__free", "__realloc", "__calloc", "__malloc", "__memalign", "__GI___libc_malloc",
	    "__GI___libc_free", "__GI___libc_realloc", "_int_malloc", "_int_free", "_int_free_chunk",
	    "_int_free_create_chunk", "_int_free_maybe_consolidate", "_int_free_merge_chunk", "_int_realloc",
	    "_int_memalign", "_mid_memalign", "sysmalloc", "sysmalloc_mmap", "sysmalloc_mmap_fallback", "systrim",
	    "mtrim", "malloc_consolidate", "unlink_chunk", "free_perturb", "alloc_perturb", "tcache_init",
	    "tcache_malloc_init", "tcache_free_init", "tcache_get", "tcache_put", "malloc_printerr", "heap_trim",
	    "new_heap", "alloc_new_heap", "grow_heap", "arena_get2", "arena_get_retry", "reused_arena", "detach_arena",
	    "get_free_list", "ptmalloc_init", "munmap_chunk", "mremap_chunk", "__malloc_arena_thread_freeres",
	    "__default_morecore", "__glibc_morecore", "__libc_calloc2",
	    /* inside musl */
	    "__libc_malloc_impl", "__libc_free_impl", "alloc_slot", "alloc_group", "try_avail", "nontrivial_free",
	    "__malloc_alloc_meta", "enframe", "get_meta", "__simple_malloc", "__bump_lockptr"};
	size_t length = strcspn(function, ".");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(names[i], function, length) && !names[i][length])
			return true;
	return false;
}

enum time_class user_class(const struct sampled *sampled)
{
	switch (sampled->role) {
	case ROLE_ALLOCATOR:
		return TIME_ALLOCATOR;
	case ROLE_PROGRAM:
		return sampled->in_malloc || is_malloc(sampled->function) ? TIME_ALLOCATOR : TIME_PROGRAM;
	case ROLE_LIBC:
		return sampled->in_malloc || is_malloc(sampled->function) ? TIME_ALLOCATOR : TIME_LIBC;
	case ROLE_LIBRARY:
		return TIME_LIBRARY;
	case ROLE_VDSO:
		return TIME_VDSO;
	case ROLE_GENERATED:
		return TIME_GENERATED;
	case ROLE_UNKNOWN:
		break;
	}
	return TIME_USER_OTHER;
}

int classify(struct breakdown *breakdown, const struct sampled *sampled)
{
	char detail[KERNEL_DETAIL];
	enum time_class class;

	if (sampled->kernel) {
		class = kernel_class(sampled->frames, sampled->frame_count, detail);
		return breakdown_add(breakdown, class, detail, "", sampled->count);
	}
	breakdown->user_as_taken += sampled->count;
	if (sampled->late == LATE_FROM_FAULT) {
		breakdown->late_from_fault += sampled->count;
		return breakdown_add(breakdown, TIME_FAULT_ENTRY, "(return to user space)", "", sampled->count);
	}
	if (sampled->late == LATE_FROM_CALL) {
		breakdown->late_from_call += sampled->count;
		return breakdown_add(breakdown, TIME_CALL_ENTRY, "(return to user space)", "", sampled->count);
	}
	return breakdown_add(breakdown, user_class(sampled), sampled->function, sampled->object, sampled->count);
}
