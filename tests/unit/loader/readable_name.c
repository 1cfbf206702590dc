// SPDX-License-Identifier: MIT
/* Names that compilers make of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* P<P<P<int, int>, P<int, int> >, ...: each layer doubles what is to be written, or nearly. */
static char *layered(char *name, int layers)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	strcpy(name, "_Z1fI1PI");
	for (int layer = 0; layer < layers; layer++)
		strcat(name, "S_I");
	strcat(name, "iiE");
	for (int layer = 0; layer < layers; layer++)
		sprintf(name + strlen(name), layer < 36 ? "S%c_E" : "S1%c_E", digits[layer % 36]);
	return strcat(name, "Evv");
}

static void names_that_grow_without_end(void **state)
{
	char name[1000], *readable = readable_name(layered(name, 9));

	(void)state;
	assert_non_null(readable);
	assert_true(strlen(readable) > 500);
	free(readable);
	assert_null(readable_name(layered(name, 25)));
	assert_null(readable_name(layered(name, 70)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_c_plus_plus_and_rust),
	    cmocka_unit_test(names_of_c_stay),
	    cmocka_unit_test(names_that_grow_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
