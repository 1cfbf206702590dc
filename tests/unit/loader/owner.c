// SPDX-License-Identifier: MIT
/* From owners to regions: DESIGN's table, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/types.h"
#include "process/owner.h"

static void expect(enum owner_kind kind, const char *object, enum region region, const char *detail)
{
	char got[OWNER_DETAIL];

	assert_int_equal(owner_region(OWNER(kind, 7), 0, object, got), region);
	assert_string_equal(got, detail);
}

static void program_segments_are_the_programs(void **state)
{
	(void)state;
	expect(OWNER_PROGRAM_TEXT, "bench", REGION_PROGRAM, "text");
	expect(OWNER_PROGRAM_READONLY, "bench", REGION_PROGRAM, "text");
	expect(OWNER_PROGRAM_DATA, "bench", REGION_PROGRAM, "data");
	expect(OWNER_PROGRAM_BSS, "bench", REGION_PROGRAM, "bss");
}

static void libc_and_the_dynamic_loader_are_libc(void **state)
{
	(void)state;
	expect(OWNER_IMAGE_TEXT, "libc.so.6", REGION_LIBC, "text");
	expect(OWNER_IMAGE_BSS, "libc.so.6", REGION_LIBC, "data");
	expect(OWNER_IMAGE_DATA, "ld-linux-x86-64.so.2", REGION_LIBC, "data");
	expect(OWNER_IMAGE_TEXT, "ld-musl-x86_64.so.1", REGION_LIBC, "text");
}

static void other_objects_are_libraries_by_file_name(void **state)
{
	(void)state;
	expect(OWNER_IMAGE_TEXT, "libz.so.1.2.13", REGION_LIBRARY, "libz.so.1.2.13");
	expect(OWNER_IMAGE_BSS, "libcrypto.so.3", REGION_LIBRARY, "libcrypto.so.3");
	/* Its own segments, not what it mapped. */
	expect(OWNER_IMAGE_DATA, "libjemalloc.so.2", REGION_LIBRARY, "libjemalloc.so.2");
}

static void anonymous_memory_belongs_to_who_mapped_it(void **state)
{
	(void)state;
	expect(OWNER_ANON, "bench", REGION_ANON, "bench");
	expect(OWNER_ANON, "libc.so.6", REGION_LIBC, "mmap");
	expect(OWNER_ANON, "libjemalloc.so.2", REGION_ALLOCATOR, "libjemalloc.so.2");
	expect(OWNER_ANON, "libmimalloc.so.2.0", REGION_ALLOCATOR, "libmimalloc.so.2.0");
	expect(OWNER_ANON, "", REGION_ANON, "");
}

static void glibc_malloc_is_told_by_how_it_asks(void **state)
{
	(void)state;
	expect(OWNER_BREAK, "libc.so.6", REGION_LIBC, "heap");
	expect(OWNER_BREAK, "", REGION_LIBC, "heap");
	expect(OWNER_ARENA, "libc.so.6", REGION_LIBC, "arena");
	/* Somebody else's reservation of that size is not an arena of glibc's. */
	expect(OWNER_ARENA, "node", REGION_ANON, "node");
}

static void stacks_and_thread_local_storage(void **state)
{
	(void)state;
	expect(OWNER_STACK_MAIN, "", REGION_STACK, "main");
	expect(OWNER_STACK_THREAD, "", REGION_STACK, "thread");
	expect(OWNER_STACK_SIGNAL, "", REGION_STACK, "signal");
	expect(OWNER_TLS_MAIN, "", REGION_TLS, "main");
	expect(OWNER_TLS_THREAD, "", REGION_TLS, "thread");
}

static void published_ranges_show_their_class(void **state)
{
	char detail[OWNER_DETAIL];

	(void)state;
	assert_int_equal(owner_region(OWNER(OWNER_ALLOCATOR_CLASS, 0), 1040, "", detail), REGION_ALLOCATOR);
	assert_string_equal(detail, "class 1040");
	expect(OWNER_ALLOCATOR_MEDIUM, "", REGION_ALLOCATOR, "medium");
	expect(OWNER_ALLOCATOR_LARGE, "", REGION_ALLOCATOR, "large");
	expect(OWNER_ALLOCATOR_METADATA, "", REGION_ALLOCATOR, "metadata");
}

static void files_kernel_and_the_rest(void **state)
{
	(void)state;
	expect(OWNER_FILE, "memfd:name", REGION_FILE, "memfd:name");
	expect(OWNER_SHARED, "libc.so.6", REGION_FILE, "shared memory");
	expect(OWNER_VDSO, "", REGION_KERNEL, "vdso");
	expect(OWNER_KERNEL_PAGE_TABLE, "", REGION_KERNEL, "page-table");
	expect(OWNER_KERNEL_OTHER, "", REGION_KERNEL, "other");
	expect(OWNER_KERNEL_CORE_DUMP, "", REGION_KERNEL, "core-dump");
	expect(OWNER_UNSEEN, "", REGION_UNSEEN, "");
}

static void an_owner_nobody_knows_is_not_hidden(void **state)
{
	(void)state;
	expect((enum owner_kind)200, "", REGION_UNSEEN, "unknown owner");
}

static void segments_are_told_by_their_protection(void **state)
{
	(void)state;
	assert_int_equal(owner_of_image(true, false, true), OWNER_PROGRAM_TEXT);
	assert_int_equal(owner_of_image(true, false, false), OWNER_PROGRAM_READONLY);
	assert_int_equal(owner_of_image(false, true, true), OWNER_IMAGE_TEXT);
	assert_int_equal(owner_of_image(false, true, false), OWNER_IMAGE_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(program_segments_are_the_programs),
	    cmocka_unit_test(libc_and_the_dynamic_loader_are_libc),
	    cmocka_unit_test(other_objects_are_libraries_by_file_name),
	    cmocka_unit_test(anonymous_memory_belongs_to_who_mapped_it),
	    cmocka_unit_test(glibc_malloc_is_told_by_how_it_asks),
	    cmocka_unit_test(stacks_and_thread_local_storage),
	    cmocka_unit_test(published_ranges_show_their_class),
	    cmocka_unit_test(files_kernel_and_the_rest),
	    cmocka_unit_test(an_owner_nobody_knows_is_not_hidden),
	    cmocka_unit_test(segments_are_told_by_their_protection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
