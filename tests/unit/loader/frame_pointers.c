// SPDX-License-Identifier: MIT
/* Files that keep frame pointers, and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "symbol/frame_pointers.h"

static char folder[] = "/tmp/frame_pointers-XXXXXX";

/* A program of many functions, compiled with this option; false: there is no compiler. */
static bool compile(const char *name, const char *option)
{
	char command[512];

	snprintf(command, sizeof(command),
	    "cd %s && { for i in $(seq 50); do echo \"int f$i(int (*g)(int), int x) { return g(x) + $i; }\"; done; "
	    "echo 'int main(void) { return 0; }'; } >%s.c && gcc -O2 %s -o %s %s.c 2>&1",
	    folder, name, option, name, name);
	return !system(command);
}

static bool kept(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return frame_pointers_kept(path);
}

static void the_option_is_seen(void **state)
{
	(void)state;
	if (!compile("with", "-fno-omit-frame-pointer"))
		skip();
	assert_true(kept("with"));
	assert_true(compile("without", "-fomit-frame-pointer"));
	assert_false(kept("without"));
	assert_true(compile("branches", "-fno-omit-frame-pointer -fcf-protection=branch"));
	assert_true(kept("branches"));
}

static void what_is_no_elf_file_keeps_none(void **state)
{
	(void)state;
	assert_false(frame_pointers_kept("/nowhere"));
	assert_false(frame_pointers_kept("/etc/passwd"));
	assert_false(frame_pointers_kept("/tmp"));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_option_is_seen),
	    cmocka_unit_test(what_is_no_elf_file_keeps_none),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
