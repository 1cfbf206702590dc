// SPDX-License-Identifier: MIT
/* Names that compilers make of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "symbol/readable_name.h"

static void assert_readable(const char *mangled, const char *expected)
{
	char *readable = readable_name(mangled);

	assert_non_null(readable);
	assert_string_equal(readable, expected);
	free(readable);
}

static void names_of_c_plus_plus_and_rust(void **state)
{
	(void)state;
	assert_readable("_Znwm", "operator new");
	assert_readable("_ZN8tcmalloc11ThreadCache8AllocateEjj", "tcmalloc::ThreadCache::Allocate");
	assert_readable("_RNvCs15kBYyAo9fc_7mycrate7example", "mycrate::example");
}

static void names_of_c_stay(void **state)
{
	(void)state;
	assert_null(readable_name("malloc"));
	assert_null(readable_name("_int_malloc"));
	assert_null(readable_name("_Zebra"));
	assert_null(readable_name(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_c_plus_plus_and_rust),
	    cmocka_unit_test(names_of_c_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
