// SPDX-License-Identifier: MIT
/* Records of processes that were never there: who has what mapped where, and which samples are late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stack/executable_maps.h"

#define COMMAND 100
#define CHILD   101
#define BASE    0x400000

static void execute(struct executable_maps *maps, uint32_t pid)
{
	executable_maps_take(
	    maps, &(struct perf_record){.kind = PERF_NAME, .pid = pid, .executed = true, .name = "busy"});
}

static void map_file(struct executable_maps *maps, uint32_t pid, uint64_t address, char *name, uint64_t inode)
{
	executable_maps_take(maps,
	    &(struct perf_record){
	        .kind = PERF_MAP, .pid = pid, .address = address, .length = 1 << 20, .name = name, .inode = inode});
}

static void split(struct executable_maps *maps, uint32_t pid, uint32_t parent)
{
	executable_maps_take(maps, &(struct perf_record){.kind = PERF_FORK, .pid = pid, .parent = parent});
}

static void end(struct executable_maps *maps, uint32_t pid)
{
	executable_maps_take(maps, &(struct perf_record){.kind = PERF_EXIT, .pid = pid});
}

static struct executable_maps *started(void)
{
	struct executable_maps *maps = executable_maps_new();

	assert_non_null(maps);
	executable_maps_begin(maps, COMMAND);
	return maps;
}

static enum object_role role_at(struct executable_maps *maps, uint32_t pid, uint64_t address)
{
	struct sampled place;

	executable_maps_find(maps, pid, address, &place);
	return place.role;
}

static void roles_of_what_is_mapped(void **state)
{
	struct executable_maps *maps = started();

	(void)state;
	execute(maps, COMMAND);
	map_file(maps, COMMAND, BASE, "/no/such/program", 1);
	map_file(maps, COMMAND, 2 * BASE, "/no/such/libc.so.6", 2);
	map_file(maps, COMMAND, 3 * BASE, "/no/such/libjemalloc.so.2", 3);
	map_file(maps, COMMAND, 4 * BASE, "/no/such/libother.so", 4);
	map_file(maps, COMMAND, 5 * BASE, "//anon", 0);
	map_file(maps, COMMAND, 6 * BASE, "[vdso]", 0);
	assert_int_equal(role_at(maps, COMMAND, BASE), ROLE_PROGRAM);
	assert_int_equal(role_at(maps, COMMAND, 2 * BASE + 5), ROLE_LIBC);
	assert_int_equal(role_at(maps, COMMAND, 3 * BASE), ROLE_ALLOCATOR);
	assert_int_equal(role_at(maps, COMMAND, 4 * BASE), ROLE_LIBRARY);
	assert_int_equal(role_at(maps, COMMAND, 5 * BASE), ROLE_GENERATED);
	assert_int_equal(role_at(maps, COMMAND, 6 * BASE), ROLE_VDSO);
	assert_int_equal(role_at(maps, COMMAND, BASE + (1 << 20)), ROLE_UNKNOWN);
	assert_int_equal(role_at(maps, COMMAND, 0), ROLE_UNKNOWN);
	/* What is mapped later lies above. */
	map_file(maps, COMMAND, BASE, "//anon", 0);
	assert_int_equal(role_at(maps, COMMAND, BASE), ROLE_GENERATED);
	executable_maps_free(maps);
}

static void only_the_commands_processes_are_followed(void **state)
{
	struct executable_maps *maps = started();

	(void)state;
	assert_false(executable_maps_follows(maps, COMMAND)); /* before its exec it is us */
	execute(maps, COMMAND);
	map_file(maps, COMMAND, BASE, "/no/such/program", 1);
	split(maps, CHILD, COMMAND);
	split(maps, 900, 899); /* another's */
	assert_true(executable_maps_follows(maps, COMMAND));
	assert_true(executable_maps_follows(maps, CHILD));
	assert_false(executable_maps_follows(maps, 900));
	assert_int_equal(role_at(maps, CHILD, BASE), ROLE_PROGRAM);
	assert_int_equal(executable_maps_processes(maps), 2);
	/* An exec begins with nothing. */
	execute(maps, CHILD);
	assert_int_equal(role_at(maps, CHILD, BASE), ROLE_UNKNOWN);
	assert_int_equal(role_at(maps, COMMAND, BASE), ROLE_PROGRAM);
	/* The child's number comes again, as another's. */
	split(maps, CHILD, 899);
	assert_false(executable_maps_follows(maps, CHILD));
	executable_maps_free(maps);
}

/* A file with these bytes behind a page of nothing, which is a copy of this program's header so that it is ELF. */
static uint64_t write_code(char path[], const void *code, size_t size)
{
	int descriptor = mkstemp(path);
	char *program = malloc(1 << 20);
	FILE *self = fopen("/proc/self/exe", "re");
	size_t length = fread(program, 1, 1 << 20, self);
	struct stat status;

	memcpy(program + length / 2, code, size);
	assert_int_equal(write(descriptor, program, length), length);
	fstat(descriptor, &status);
	fclose(self);
	close(descriptor);
	free(program);
	return length / 2;
}

#define GONE 0x70000000 /* no process has such a number */

static void processes_that_ended_long_ago_are_forgotten(void **state)
{
	struct executable_maps *maps = started();
	uint32_t alive = getpid(); /* of which the first thread ends, and others live on */

	(void)state;
	execute(maps, COMMAND);
	map_file(maps, COMMAND, BASE, "/no/such/program", 1);
	split(maps, alive, COMMAND);
	end(maps, alive);
	for (uint32_t i = 0; i < 1000; i++) {
		split(maps, GONE + i, COMMAND);
		map_file(maps, GONE + i, 2 * BASE, "/no/such/libother.so", 2);
		end(maps, GONE + i);
		end(maps, GONE + i);
		assert_int_equal(role_at(maps, GONE + i, BASE), ROLE_PROGRAM);
	}
	/* What is told late of the last ones finds them. */
	for (uint32_t i = 950; i < 1000; i++)
		assert_int_equal(role_at(maps, GONE + i, 2 * BASE), ROLE_LIBRARY);
	for (uint32_t i = 0; i < 800; i++)
		assert_false(executable_maps_follows(maps, GONE + i));
	assert_int_equal(role_at(maps, alive, BASE), ROLE_PROGRAM);
	assert_int_equal(role_at(maps, COMMAND, BASE), ROLE_PROGRAM);
	assert_int_equal(executable_maps_processes(maps), 1002);
	assert_int_equal(executable_maps_lost(maps), 0);
	executable_maps_free(maps);
}

static void code_that_is_mapped_again_and_again_keeps_what_lies_beside_it(void **state)
{
	struct executable_maps *maps = started();

	(void)state;
	execute(maps, COMMAND);
	map_file(maps, COMMAND, BASE, "/no/such/program", 1);
	for (int i = 0; i < 1000; i++)
		map_file(maps, COMMAND, 2 * BASE, i % 2 ? "//anon" : "/no/such/libother.so", i % 2);
	split(maps, CHILD, COMMAND);
	for (uint32_t pid = COMMAND; pid <= CHILD; pid++) {
		struct executable_range range;

		assert_int_equal(role_at(maps, pid, BASE), ROLE_PROGRAM);
		assert_int_equal(role_at(maps, pid, 2 * BASE), ROLE_GENERATED);
		assert_true(executable_maps_range(maps, pid, BASE + 4096, &range));
		assert_string_equal(range.path, "/no/such/program");
		assert_int_equal(range.offset, 0);
	}
	executable_maps_free(maps);
}

static void instructions_that_tell_a_late_sample(void **state)
{
	/* syscall; nop; int 0x80; nop; rep stosb; repne scasb; 16-bit rep movsw; nop */
	static const unsigned char code[] = {
	    0x0f, 0x05, 0x90, 0xcd, 0x80, 0x90, 0xf3, 0xaa, 0xf2, 0xae, 0x66, 0xf3, 0xa5, 0x90};
	char path[] = "/tmp/hakmem-code-XXXXXX";
	uint64_t at = BASE + write_code(path, code, sizeof(code));
	struct executable_maps *maps = started();
	struct stat status;

	(void)state;
	assert_int_equal(stat(path, &status), 0);
	execute(maps, COMMAND);
	map_file(maps, COMMAND, BASE, path, status.st_ino);
	assert_true(executable_maps_after_call(maps, COMMAND, at + 2));
	assert_true(executable_maps_after_call(maps, COMMAND, at + 5));
	assert_false(executable_maps_after_call(maps, COMMAND, at + 1));
	assert_false(executable_maps_after_call(maps, COMMAND, at + 3));
	assert_true(executable_maps_repeats(maps, COMMAND, at + 6));
	assert_true(executable_maps_repeats(maps, COMMAND, at + 8));
	assert_true(executable_maps_repeats(maps, COMMAND, at + 10));
	assert_false(executable_maps_repeats(maps, COMMAND, at + 2));
	assert_false(executable_maps_repeats(maps, COMMAND, at + 13));
	/* Where nothing is known. */
	assert_false(executable_maps_after_call(maps, COMMAND, 2));
	assert_false(executable_maps_repeats(maps, COMMAND, 2));
	executable_maps_free(maps);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roles_of_what_is_mapped),
	    cmocka_unit_test(only_the_commands_processes_are_followed),
	    cmocka_unit_test(processes_that_ended_long_ago_are_forgotten),
	    cmocka_unit_test(code_that_is_mapped_again_and_again_keeps_what_lies_beside_it),
	    cmocka_unit_test(instructions_that_tell_a_late_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
