// SPDX-License-Identifier: MIT
/* Probes are found in libhakmem and in what is linked with it, and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "symbol/elf_probe.h"

static const char *built(const char *file)
{
	static char path[4096];
	const char *build = getenv("BUILD");

	snprintf(path, sizeof(path), "%s/%s", build ? build : "build", file);
	return path;
}

static void probes_are_found_where_they_are(void **state)
{
	(void)state;
	assert_true(elf_probe_find(built("libhakmem.so"), "hakmem", "fresh"));
	assert_true(elf_probe_find(built("libhakmem.so"), "hakmem", "range_add"));
	assert_false(elf_probe_find(built("libhakmem.so"), "hakmem", "fres"));
	assert_false(elf_probe_find(built("libhakmem.so"), "hakme", "fresh"));
	assert_false(elf_probe_find(built("libhakmem.so"), "fresh", "hakmem"));
	assert_false(elf_probe_find("/proc/self/exe", "hakmem", "fresh"));
	assert_false(elf_probe_find("/dev/null", "hakmem", "fresh"));
	assert_false(elf_probe_find("/nowhere", "hakmem", "fresh"));
	assert_false(elf_probe_find("Makefile", "hakmem", "fresh"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(probes_are_found_where_they_are)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
