// SPDX-License-Identifier: MIT
/* A program under valgrind, told in lackey's lines: whose is what at each place of the stream? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "misses/client.h"
#include "misses/page_sizes.h"

static const char mappings[] = "00108000-0010c000 r-xp 00000000 fe:00 1 /tmp/program\n"
                               "0010c000-0010d000 rw-p 00004000 fe:00 1 /tmp/program\n"
                               "0010d000-00110000 rw-p 00000000 00:00 0 \n"
                               "04000000-04001000 r--p 00000000 fe:00 2 /usr/lib/ld-linux-x86-64.so.2\n"
                               "04001000-04027000 r-xp 00001000 fe:00 2 /usr/lib/ld-linux-x86-64.so.2\n"
                               "04033000-04035000 rw-p 00033000 fe:00 2 /usr/lib/ld-linux-x86-64.so.2\n"
                               "04035000-04835000 rwxp 00000000 00:00 0 \n"
                               "58000000-5819a000 r-xp 00000000 fe:00 3 /usr/libexec/valgrind/lackey-amd64-linux\n"
                               "1002001000-100278c000 rwxp 00000000 00:00 0 \n"
                               "1ffeffe000-1fff001000 rw-p 00000000 00:00 0 \n"
                               "7ffecc687000-7ffecc6a8000 rw-p 00000000 00:00 0 [stack]\n";

static struct client *client;
static const struct stream_position here = {};

static void tell(const char *text)
{
	struct lackey_line line;

	while (text) {
		text = lackey_parse(text, &line);
		client_take(client, &line, here);
	}
}

/* A call of the thread 1 that succeeds. */
#define CALL(number, arguments, result)                                                                                \
	tell("SYSCALL[9,1](" #number ") sys_x ( " arguments " ) --> [pre-success] Success(" result ") ")

static void expect(uint64_t address, enum owner_kind kind, const char *object)
{
	struct client_place place = client_find(client, address, here);

	assert_int_equal(place.kind, kind);
	if (kind)
		assert_string_equal(client->owners[place.owner].object, object);
}

static int start(void **state)
{
	(void)state;
	client = calloc(1, sizeof(*client));
	client->memory = (struct memory){.contents = -1, .pages = -1};
	assert_int_equal(client_start(client, mappings), 0);
	tell("I  0401ab70,3");
	tell(" S 1fff000708,8");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	assert_false(client->out_of_memory);
	client_free(client);
	free(client);
	return 0;
}

/* libc.so.6 as ld.so maps it. */
static void map_libc(void)
{
	tell("SYSCALL[9,1](257) sys_openat ( 4294967196, 0x4835540(/lib/libc.so.6), 524288 ) --> [async] ... ");
	tell("SYSCALL[9,1](257) ... [async] --> Success(0x3) ");
	CALL(9, "0x0, 1974096, 1, 2050, 3, 0", "0x4847000");
	CALL(9, "0x486d000, 1400832, 5, 2066, 3, 155648", "0x486d000");
	CALL(9, "0x4a16000, 24576, 3, 2066, 3, 1896448", "0x4a16000");
	CALL(9, "0x4a1c000, 53072, 3, 50, 4294967295, 0", "0x4a1c000");
}

static void what_is_there_at_the_start(void **state)
{
	(void)state;
	expect(0x108000, OWNER_PROGRAM_TEXT, "program");
	expect(0x10c100, OWNER_PROGRAM_DATA, "program");
	expect(0x10d000, OWNER_PROGRAM_BSS, "program");
	expect(0x4000000, OWNER_IMAGE_READONLY, "ld-linux-x86-64.so.2");
	expect(0x4034fff, OWNER_IMAGE_DATA, "ld-linux-x86-64.so.2");
	/* Valgrind's own, the room for brk, and the host's stack. */
	expect(0x4035000, OWNER_NONE, "");
	expect(0x58000000, OWNER_NONE, "");
	expect(0x1002001000, OWNER_NONE, "");
	expect(0x7ffecc687000, OWNER_NONE, "");
	/* The stack is where the first access went, and as far down as it may grow. */
	expect(0x1fff000fff, OWNER_STACK_MAIN, "");
	expect(0x1ffef00000, OWNER_STACK_MAIN, "");
	expect(0x1fff001000, OWNER_NONE, "");
}

static void a_library_and_its_bss(void **state)
{
	(void)state;
	map_libc();
	expect(0x4847000, OWNER_IMAGE_READONLY, "libc.so.6");
	expect(0x486d000, OWNER_IMAGE_TEXT, "libc.so.6");
	expect(0x4a16000, OWNER_IMAGE_DATA, "libc.so.6");
	expect(0x4a1c000, OWNER_IMAGE_BSS, "libc.so.6");
	expect(0x4a28fff, OWNER_IMAGE_BSS, "libc.so.6");
	expect(0x4a29000, OWNER_NONE, "");
}

static void anonymous_memory_belongs_to_who_called_mmap(void **state)
{
	(void)state;
	map_libc();
	/* The program calls; the loader binds the name first; mmap() itself is libc's. */
	tell("I  00108020,5");
	tell("I  04001100,5");
	tell("I  0486e000,4");
	tell("I  0486e010,2");
	CALL(9, "0x0, 8192, 3, 34, 4294967295, 0", "0x6000000");
	expect(0x6000000, OWNER_ANON, "program");
	/* malloc() calls. */
	tell("I  00108020,5");
	tell("I  04880000,5");
	tell("I  0486e000,4");
	tell("I  0486e010,2");
	CALL(9, "0x0, 8192, 3, 34, 4294967295, 0", "0x6002000");
	expect(0x6002000, OWNER_ANON, "libc.so.6");
	CALL(9, "0x0, 134217728, 0, 16418, 4294967295, 0", "0x8000000");
	expect(0x8000000, OWNER_ARENA, "libc.so.6");
	/* The loader for itself. */
	tell("I  04001100,5");
	CALL(9, "0x0, 8192, 3, 34, 4294967295, 0", "0x6004000");
	expect(0x6004000, OWNER_ANON, "ld-linux-x86-64.so.2");
	/* Shared, and a file that is no image. */
	CALL(9, "0x0, 8192, 3, 33, 4294967295, 0", "0x6006000");
	expect(0x6006000, OWNER_SHARED, "ld-linux-x86-64.so.2");
	tell("SYSCALL[9,1](257) sys_openat ( 4294967196, 0x4835540(/etc/ld.cache), 0 ) --> [async] ... ");
	tell("SYSCALL[9,1](257) ... [async] --> Success(0x4) ");
	CALL(9, "0x0, 100, 1, 2, 4, 0", "0x6008000");
	expect(0x6008064, OWNER_FILE, "ld.cache");
}

static void memory_goes_moves_and_grows(void **state)
{
	(void)state;
	tell("I  00108020,5");
	CALL(9, "0x0, 12288, 3, 34, 4294967295, 0", "0x6000000");
	CALL(11, "0x6001000, 4096", "0x0");
	expect(0x6000fff, OWNER_ANON, "program");
	expect(0x6001000, OWNER_NONE, "");
	expect(0x6002000, OWNER_ANON, "program");
	CALL(25, "0x6002000, 4096, 8192, 0x1", "0x7000000");
	expect(0x6002000, OWNER_NONE, "");
	expect(0x7001fff, OWNER_ANON, "program");
	CALL(12, "0x0", "0x4035000");
	expect(0x4035000, OWNER_NONE, "");
	CALL(12, "0x4056000", "0x4056000");
	expect(0x4055fff, OWNER_BREAK, "");
	CALL(12, "0x4040000", "0x4040000");
	expect(0x4040000, OWNER_NONE, "");
	expect(0x403ffff, OWNER_BREAK, "");
}

static void a_call_that_fails_changes_nothing(void **state)
{
	(void)state;
	tell("I  00108020,5");
	CALL(9, "0x0, 12288, 3, 34, 4294967295, 0", "0x6000000");
	tell("SYSCALL[9,1](11) sys_munmap ( 0x6000000, 4096 )[sync] --> Failure(0x16) ");
	expect(0x6000000, OWNER_ANON, "program");
}

/* Results of two threads come mixed. */
static void each_thread_has_its_own_call(void **state)
{
	(void)state;
	tell("SYSCALL[9,1](257) sys_openat ( 0, 0x1(/a.so), 0 ) --> [async] ... ");
	tell("SYSCALL[9,2](257) sys_openat ( 0, 0x1(/b.so), 0 ) --> [async] ... ");
	tell("SYSCALL[9,1](257) ... [async] --> Success(0x3) ");
	tell("SYSCALL[9,2](257) ... [async] --> Success(0x4) ");
	CALL(9, "0x0, 4096, 1, 2, 3, 0", "0x6000000");
	CALL(9, "0x0, 4096, 1, 2, 4, 0", "0x6001000");
	expect(0x6000000, OWNER_IMAGE_READONLY, "a.so");
	expect(0x6001000, OWNER_IMAGE_READONLY, "b.so");
}

static void a_thread_has_a_stack_and_storage(void **state)
{
	(void)state;
	CALL(9, "0x0, 8392704, 0, 131106, 4294967295, 0", "0x4a76000");
	expect(0x4a76000, OWNER_STACK_NEW, "");
	tell("SYSCALL[9,1](56) sys_clone ( 3d0f00, 0x5275f70, 0x5276990, 0x5276990, 0x52766c0 ) --> [pre-success] "
	     "Success(0x36e1) I  0494fb42,3");
	expect(0x5275f6f, OWNER_STACK_THREAD, "");
	expect(0x5275f70, OWNER_TLS_THREAD, "");
	expect(0x5276fff, OWNER_TLS_THREAD, "");
	assert_int_equal(client->forks, 0);
	assert_int_equal(client->instruction, 0x494fb42);
}

static void the_main_thread_has_storage(void **state)
{
	(void)state;
	CALL(9, "0x0, 12288, 3, 34, 4294967295, 0", "0x4a29000");
	CALL(158, "4098, 4a29740", "0x0");
	expect(0x4a29000, OWNER_TLS_MAIN, "");
	expect(0x4a2bfff, OWNER_TLS_MAIN, "");
	/* Of a large mapping only the page around it. */
	tell("I  00108020,5");
	CALL(9, "0x0, 1048576, 3, 34, 4294967295, 0", "0x6000000");
	CALL(158, "4098, 6010740", "0x0");
	expect(0x600ffff, OWNER_ANON, "program");
	expect(0x6010740, OWNER_TLS_MAIN, "");
	expect(0x6012000, OWNER_ANON, "program");
}

static void what_is_not_told_of_is_known_to_be(void **state)
{
	(void)state;
	tell("SYSCALL[9,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x4a2aa10, 0x0 )   clone(fork): process 9 created child "
	     "10");
	tell(" --> [pre-success] Success(0xa) ");
	assert_int_equal(client->forks, 1);
	tell("SYSCALL[9,1](59) sys_execve ( 0x1ff(nothing), 0x1f, 0x1f ) --> Failure(0x2) ");
	assert_false(client->executed);
	tell("SYSCALL[9,1](59) sys_execve ( 0x1ff(a/b), 0x1f, 0x1f )");
	assert_true(client->executed);
}

static void pages_are_as_the_rule_has_it(void **state)
{
	static const char smaps[] = "06000000-06600000 rw-p 00000000 00:00 0 \n"
	                            "Size: 6144 kB\nAnonHugePages:      6144 kB\n"
	                            "07000000-07600000 rw-p 00000000 00:00 0 \n"
	                            "AnonHugePages:      2048 kB\n"
	                            "08000000-08600000 rw-p 00000000 00:00 0 \n"
	                            "AnonHugePages:      0 kB\n";
	struct client_place large = {.kind = OWNER_ALLOCATOR_LARGE, .whole = true};
	struct client_place part = {.kind = OWNER_ALLOCATOR_LARGE};
	struct client_place anonymous = {.kind = OWNER_ANON, .whole = true};
	struct client_place file = {.kind = OWNER_FILE, .whole = true};
	struct page_sizes sizes = {};

	(void)state;
	assert_int_equal(page_sizes_parse("smaps", &sizes.rule), 0);
	assert_int_equal(page_sizes_take(&sizes, smaps), 0);
	assert_true(page_sizes_is_huge(&sizes, 0x6000000, &large));
	assert_false(page_sizes_is_huge(&sizes, 0x8000000, &large));
	assert_int_equal(sizes.partly, 0);
	assert_false(page_sizes_is_huge(&sizes, 0x7000000, &large));
	assert_int_equal(sizes.partly, 1);
	assert_int_equal(page_sizes_parse("allocator", &sizes.rule), 0);
	assert_true(page_sizes_is_huge(&sizes, 0x8000000, &large));
	assert_false(page_sizes_is_huge(&sizes, 0x8000000, &part));
	assert_false(page_sizes_is_huge(&sizes, 0x8000000, &anonymous));
	assert_int_equal(page_sizes_parse("all", &sizes.rule), 0);
	assert_true(page_sizes_is_huge(&sizes, 0x8000000, &anonymous));
	assert_false(page_sizes_is_huge(&sizes, 0x8000000, &file));
	assert_int_equal(page_sizes_parse("none", &sizes.rule), 0);
	assert_false(page_sizes_is_huge(&sizes, 0x6000000, &large));
	assert_int_equal(page_sizes_parse("6000000-6300000", &sizes.rule), 0);
	assert_true(page_sizes_is_huge(&sizes, 0x6000000, &file));
	assert_false(page_sizes_is_huge(&sizes, 0x6200000, &file)); /* not all of it */
	page_sizes_free(&sizes);
}

static void wrong_rules_are_refused(void **state)
{
	static const char *const wrong[] = {"", "huge", "-", "6000000", "6000000-", "7000000-6000000", "x-y", "1-2z"};
	struct page_sizes_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(page_sizes_parse(wrong[i], &rule), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_there_at_the_start, start, stop),
	    cmocka_unit_test_setup_teardown(a_library_and_its_bss, start, stop),
	    cmocka_unit_test_setup_teardown(anonymous_memory_belongs_to_who_called_mmap, start, stop),
	    cmocka_unit_test_setup_teardown(memory_goes_moves_and_grows, start, stop),
	    cmocka_unit_test_setup_teardown(a_call_that_fails_changes_nothing, start, stop),
	    cmocka_unit_test_setup_teardown(each_thread_has_its_own_call, start, stop),
	    cmocka_unit_test_setup_teardown(a_thread_has_a_stack_and_storage, start, stop),
	    cmocka_unit_test_setup_teardown(the_main_thread_has_storage, start, stop),
	    cmocka_unit_test_setup_teardown(what_is_not_told_of_is_known_to_be, start, stop),
	    cmocka_unit_test(pages_are_as_the_rule_has_it),
	    cmocka_unit_test(wrong_rules_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
