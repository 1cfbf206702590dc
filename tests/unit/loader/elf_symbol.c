/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/symbol/elf_symbol.c on this program's own file.
 */
#include "sample.h"

#include "symbol/elf_symbol.h"

#define SELF "/proc/self/exe"

extern int hakmem_test_imported(void) __attribute__((weak));
int hakmem_test_defined(void);

int hakmem_test_defined(void)
{
	return hakmem_test_imported ? hakmem_test_imported() : 0;
}

static void tells_imports_from_definitions(void **state)
{
	(void)state;
	assert_int_equal(elf_symbol_find(SELF, "hakmem_test_defined"), ELF_SYMBOL_DEFINED);
	assert_int_equal(elf_symbol_find(SELF, "hakmem_test_imported"), ELF_SYMBOL_IMPORTED);
	assert_int_equal(elf_symbol_find(SELF, "hakmem_test"), ELF_SYMBOL_ABSENT);
}

static void other_files_have_nothing(void **state)
{
	(void)state;
	assert_int_equal(elf_symbol_find("/no/such/file", "main"), ELF_SYMBOL_ABSENT);
	assert_int_equal(elf_symbol_find("/proc/self/status", "main"), ELF_SYMBOL_ABSENT);
	assert_int_equal(elf_symbol_find("/", "main"), ELF_SYMBOL_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_imports_from_definitions),
	    cmocka_unit_test(other_files_have_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
