// SPDX-License-Identifier: MIT
/* Which frames are libhakmem's, alone and linked into a program, and whose call a fault inside it goes back to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stack/site_frames.h"

#define MOST 8

/* libhakmem.so is it; program is linked with it. */
static bool object(const void *context, const char *name, bool *whole)
{
	(void)context;
	*whole = !strcmp(name, "libhakmem.so");
	return *whole || !strcmp(name, "program");
}

static struct frame frames[MOST];
static const uint32_t stack[MOST] = {0, 1, 2, 3, 4, 5, 6, 7};

static struct site_frames of(size_t count)
{
	return (struct site_frames){.object = object, .frames = frames, .stack = stack, .count = count};
}

static void set(size_t number, const char *function, const char *name, const char *source)
{
	frames[number] = (struct frame){.function = function, .object = name, .source = source};
}

static void the_librarys_own_frames_are_before_the_call(void **state)
{
	struct site_frames site = of(4);

	(void)state;
	set(0, "", "libhakmem.so", "");
	set(1, "allocate_and_tell", "libhakmem.so", "");
	set(2, "touch", "other", "main.c");
	set(3, "main", "other", "main.c");
	assert_int_equal(site_frames_inside(&site), 2);
}

static void linked_ones_are_told_by_name_and_source(void **state)
{
	struct site_frames site = of(5);

	(void)state;
	set(0, "sites_tell", "program", "alloc/sites.c");
	set(1, "allocate_and_tell", "program", "");
	set(2, "operator new(unsigned long)", "program", "");
	set(3, "touch", "program", "src/main.c"); /* libhakmem has one, too, in another file */
	set(4, "main", "program", "src/main.c");
	assert_int_equal(site_frames_inside(&site), 3);
}

static void names_mean_nothing_in_objects_without_libhakmem(void **state)
{
	struct site_frames site = of(2);

	(void)state;
	set(0, "malloc", "libc.so.6", "malloc.c");
	set(1, "main", "other", "");
	assert_int_equal(site_frames_inside(&site), 0);
	assert_int_equal(site_frames_own(&site), 0);
}

static void inlined_functions_are_whose_they_are_inlined_in(void **state)
{
	struct site_frames site = of(5);

	(void)state;
	set(0, "nobody_knows_this", "program", "alloc/gate.c");
	frames[0].inlined = true;
	set(1, "allocate_and_tell", "program", "alloc/gate.c");
	set(2, "gate_allocate", "program", "src/main.c"); /* inlined into the program's own: its own */
	frames[2].inlined = true;
	set(3, "buffer_new", "program", "src/main.c");
	set(4, "main", "program", "src/main.c");
	assert_int_equal(site_frames_inside(&site), 2);
	assert_int_equal(site_frames_call(&site, 2), 2);
	assert_int_equal(site_frames_call(&site, 4), 1);
	assert_int_equal(site_frames_call(&site, 5), 0);
}

static void a_fault_in_malloc_goes_back_to_its_caller(void **state)
{
	struct site_frames touched = of(5);

	(void)state;
	set(0, "do_anonymous_page", "[kernel]", "");
	frames[0].kernel = true;
	set(1, "slab_carve", "libhakmem.so", "alloc/slab.c");
	set(2, "allocate_and_tell", "libhakmem.so", "alloc/gate.c");
	set(3, "f1", "other", "main.c");
	set(4, "main", "other", "main.c");
	assert_int_equal(site_frames_own(&touched), 2);
	/* What it has libc copy or clear is its own, too; but not what others have it. */
	set(1, "__memcpy_avx_unaligned", "libc.so.6", "");
	assert_int_equal(site_frames_own(&touched), 2);
	set(2, "f1", "other", "main.c");
	assert_int_equal(site_frames_own(&touched), 0);
}

static void a_fault_in_free_is_no_allocation(void **state)
{
	static const char *const calls[] = {"free", "gate_free", "operator delete(void*)", "dallocx"};
	struct site_frames touched = of(3);

	(void)state;
	set(0, "heap_free_local", "libhakmem.so", "");
	set(2, "main", "other", "");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		set(1, calls[i], "libhakmem.so", "");
		assert_int_equal(site_frames_own(&touched), 0);
	}
}

static void without_callers_nobodys_call_is_known(void **state)
{
	struct site_frames touched = of(1), none = of(0);

	(void)state;
	set(0, "slab_carve", "libhakmem.so", "");
	assert_int_equal(site_frames_own(&touched), 0);
	assert_int_equal(site_frames_own(&none), 0);
	assert_int_equal(site_frames_inside(&none), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_librarys_own_frames_are_before_the_call),
	    cmocka_unit_test(linked_ones_are_told_by_name_and_source),
	    cmocka_unit_test(names_mean_nothing_in_objects_without_libhakmem),
	    cmocka_unit_test(inlined_functions_are_whose_they_are_inlined_in),
	    cmocka_unit_test(a_fault_in_malloc_goes_back_to_its_caller),
	    cmocka_unit_test(a_fault_in_free_is_no_allocation),
	    cmocka_unit_test(without_callers_nobodys_call_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
