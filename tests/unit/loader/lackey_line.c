// SPDX-License-Identifier: MIT
/* Lines as valgrind writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "misses/lackey_line.h"

static struct lackey_line line;

static void accesses(void **state)
{
	(void)state;
	assert_null(lackey_parse("I  0401ab70,3", &line));
	assert_int_equal(line.kind, LACKEY_INSTRUCTION);
	assert_int_equal(line.address, 0x401ab70);
	assert_null(lackey_parse(" L 1fff000708,8", &line));
	assert_int_equal(line.kind, LACKEY_LOAD);
	assert_int_equal(line.address, 0x1fff000708);
	assert_int_equal(line.size, 8);
	lackey_parse(" S 04a29740,32", &line);
	assert_int_equal(line.kind, LACKEY_STORE);
	assert_int_equal(line.size, 32);
	lackey_parse(" M 04a29740,4", &line);
	assert_int_equal(line.kind, LACKEY_MODIFY);
}

static void other_lines_are_none(void **state)
{
	static const char *const others[] = {"", " ", " L", " L ", " L ,8", " L xyz", "==123== Process terminating",
	    "--> [async] Success(0x0)", " --> [pre-success] Success(0x7f12) ", "SYSCALL[", "SYSCALL[1,x](9) foo",
	    "SYSCALL[12", "valgrind: /tmp: is a directory"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		lackey_parse(others[i], &line);
		assert_int_equal(line.kind, LACKEY_OTHER);
	}
}

static void a_call_with_its_result(void **state)
{
	(void)state;
	assert_null(lackey_parse("SYSCALL[16074,2](9) sys_mmap ( 0x4838000, 8192, 3, 34, 4294967295, 4096 ) --> "
	                         "[pre-success] Success(0x4838000) ",
	    &line));
	assert_int_equal(line.kind, LACKEY_CALL);
	assert_int_equal(line.thread, 2);
	assert_int_equal(line.number, SYS_mmap);
	assert_true(line.begins && line.ends && !line.failed);
	assert_int_equal(line.argument[0], 0x4838000);
	assert_int_equal(line.argument[1], 8192);
	assert_int_equal(line.argument[5], 4096);
	assert_int_equal(line.result, 0x4838000);
	lackey_parse("SYSCALL[1,1](11) sys_munmap ( 0x483c000, 44791 )[sync] --> Success(0x0) ", &line);
	assert_true(line.ends && !line.failed);
	lackey_parse("SYSCALL[1,1](21) sys_access ( 0x402a2a0(/etc/ld.so.preload), 4 )[sync] --> Failure(0x2) ", &line);
	assert_true(line.ends && line.failed);
}

static void a_call_that_ends_later(void **state)
{
	(void)state;
	lackey_parse(
	    "SYSCALL[16074,1](257) sys_openat ( 4294967196, 0x4835540(/lib/a (b), c.so), 524288 ) --> [async] ... ",
	    &line);
	assert_true(line.begins && !line.ends);
	assert_int_equal(line.argument[1], 0x4835540);
	assert_int_equal(line.number, SYS_openat);
	assert_memory_equal(line.path, "/lib/a (b", 9);
	lackey_parse(
	    "SYSCALL[16074,1](257) sys_openat ( 4294967196, 0x4835540(/lib/libc.so.6), 524288 ) --> [async] ... ",
	    &line);
	assert_int_equal(line.path_length, strlen("/lib/libc.so.6"));
	assert_memory_equal(line.path, "/lib/libc.so.6", line.path_length);
	assert_int_equal(line.argument[2], 524288);
	lackey_parse("SYSCALL[16074,1](257) ... [async] --> Success(0x3) ", &line);
	assert_true(!line.begins && line.ends && !line.failed);
	assert_int_equal(line.result, 3);
}

static void arguments_in_hexadecimal(void **state)
{
	(void)state;
	lackey_parse("SYSCALL[1,1](158) arch_prctl ( 4098, 4829740 ) --> [pre-success] Success(0x0) ", &line);
	assert_int_equal(line.argument[0], 4098);
	assert_int_equal(line.argument[1], 0x4829740);
	lackey_parse("SYSCALL[1,1](56) sys_clone ( 3d0f00, 0x5275f70, 0x5276990, 0x5276990, 0x52766c0 ) --> "
	             "[pre-success] Success(0x36e1) ",
	    &line);
	assert_int_equal(line.argument[0], 0x3d0f00);
	assert_int_equal(line.argument[4], 0x52766c0);
}

/* Valgrind ends clone's line without a newline. */
static void a_line_on_the_same_line(void **state)
{
	const char *rest;

	(void)state;
	rest =
	    lackey_parse("SYSCALL[1,1](56) sys_clone ( 3d0f00, 0x52, 0x0, 0x0, 0x0 ) --> [pre-success] Success(0x36e1) "
	                 "I  0494fb42,3",
	        &line);
	assert_non_null(rest);
	assert_null(lackey_parse(rest, &line));
	assert_int_equal(line.kind, LACKEY_INSTRUCTION);
	assert_int_equal(line.address, 0x494fb42);
	rest =
	    lackey_parse("SYSCALL[1,1](56) sys_clone ( 3d0f00, 0x52, 0x0, 0x0, 0x0 ) --> [pre-success] Success(0x36e1) "
	                 " S 0494fb42,8",
	        &line);
	assert_non_null(rest);
	lackey_parse(rest, &line);
	assert_int_equal(line.kind, LACKEY_STORE);
	assert_int_equal(line.size, 8);
}

static void an_execve_without_end(void **state)
{
	(void)state;
	lackey_parse("SYSCALL[31550,1](59) sys_execve ( 0x1fff0009bf(a/b), 0x1fff0004f0, 0x1fff0006f0 )", &line);
	assert_int_equal(line.number, SYS_execve);
	assert_true(line.begins && !line.ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accesses),
	    cmocka_unit_test(other_lines_are_none),
	    cmocka_unit_test(a_call_with_its_result),
	    cmocka_unit_test(a_call_that_ends_later),
	    cmocka_unit_test(arguments_in_hexadecimal),
	    cmocka_unit_test(a_line_on_the_same_line),
	    cmocka_unit_test(an_execve_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
