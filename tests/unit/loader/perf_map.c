// SPDX-License-Identifier: MIT
/* What a process says of the functions that it compiled: ours, whose file the tests write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbol/perf_map.h"

static char path[100];

static int choose_path(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void put(const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct perf_map *map_of(const char *text)
{
	struct perf_map *map;

	put("we", text);
	map = perf_map_open(getpid());
	assert_non_null(map);
	return map;
}

static void assert_at(const struct perf_map *map, uint64_t address, const char *name)
{
	const char *found = perf_map_function(map, address);

	if (!name)
		assert_null(found);
	else
		assert_string_equal(found ? found : "(none)", name);
}

static void functions_by_address(void **state)
{
	struct perf_map *map = map_of("1000 20 JS:*first /a/b.js:1:2\n0x2000 0x10 void Main.second(int)\n");

	(void)state;
	assert_at(map, 0xfff, NULL);
	assert_at(map, 0x1000, "JS:*first /a/b.js:1:2");
	assert_at(map, 0x101f, "JS:*first /a/b.js:1:2");
	assert_at(map, 0x1020, NULL);
	assert_at(map, 0x2008, "void Main.second(int)");
	assert_at(map, UINT64_MAX, NULL);
	perf_map_close(map);
}

static void later_lines_win(void **state)
{
	struct perf_map *map = map_of("1000 100 old\n3000 10 far\n1080 100 new\n1000 10 again\n1000 8 last\n");

	(void)state;
	assert_at(map, 0x1000, "last");
	assert_at(map, 0x1008, "again");
	assert_at(map, 0x1010, "old");
	assert_at(map, 0x107f, "old");
	assert_at(map, 0x1080, "new");
	assert_at(map, 0x117f, "new");
	assert_at(map, 0x1180, NULL);
	assert_at(map, 0x3000, "far");
	perf_map_close(map);
}

/* As each line says, the slow way. */
static void many_lines_that_overlap(void **state)
{
	enum { LINES = 2000, SPACE = 5000 };
	static char text[LINES * 40];
	static unsigned expected[SPACE];
	uint64_t random = 88172645463325252;
	size_t size = 0;
	struct perf_map *map;

	(void)state;
	for (unsigned i = 1; i <= LINES; i++) {
		unsigned start, length;

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		start = random % (SPACE - 64);
		length = 1 + (random >> 32) % (i % 10 ? 20 : 60);
		size += snprintf(text + size, sizeof(text) - size, "%x %x f%u\n", start, length, i);
		for (unsigned j = start; j < start + length; j++)
			expected[j] = i;
	}
	map = map_of(text);
	for (unsigned i = 0; i < SPACE; i++) {
		char name[20];

		snprintf(name, sizeof(name), "f%u", expected[i]);
		assert_at(map, i, expected[i] ? name : NULL);
	}
	perf_map_close(map);
}

static void lines_that_are_added_later(void **state)
{
	struct perf_map *map = map_of("1000 20 first\n2000 20 sec");
	const char *first = perf_map_function(map, 0x1000);

	(void)state;
	/* Its end is still to come. */
	assert_at(map, 0x2000, NULL);
	assert_false(perf_map_refresh(map));
	put("ae", "ond\n1000 10 other\n");
	assert_at(map, 0x2000, NULL);
	assert_true(perf_map_refresh(map));
	assert_at(map, 0x2000, "second");
	assert_at(map, 0x1000, "other");
	assert_at(map, 0x1010, "first");
	assert_string_equal(first, "first");
	assert_false(perf_map_refresh(map));
	perf_map_close(map);
}

static void a_file_that_is_written_anew(void **state)
{
	struct perf_map *map = map_of("1000 20 first\n2000 20 second\n");
	const char *first = perf_map_function(map, 0x1000);

	(void)state;
	put("we", "3000 20 third\n4000 20 fourth\n5000 20 fifth\n");
	assert_true(perf_map_refresh(map));
	assert_at(map, 0x1000, NULL);
	assert_at(map, 0x5000, "fifth");
	put("we", "6000 1 short\n");
	assert_true(perf_map_refresh(map));
	assert_at(map, 0x6000, "short");
	assert_at(map, 0x5000, NULL);
	put("we", "");
	assert_true(perf_map_refresh(map));
	assert_at(map, 0x6000, NULL);
	assert_string_equal(first, "first");
	perf_map_close(map);
}

static void lines_that_are_none(void **state)
{
	struct perf_map *map =
	    map_of("\n\n#comment\n1000\n1000 20\n1000 20 \n -1 20 minus\n1000 -20 minus\n10 0 empty\n"
	           "zz 20 no number\n10000000000000000 1 too long\nffffffffffffffff ffff around\n"
	           "1000 20 right\n\r\n\x01\xff\xfe\n");

	(void)state;
	assert_at(map, 0x1000, "right");
	assert_at(map, 0x10, NULL);
	assert_at(map, 0, NULL);
	assert_at(map, UINT64_MAX - 1, NULL);
	perf_map_close(map);
}

static void a_very_long_name_is_cut(void **state)
{
	static char text[100000];
	struct perf_map *map;
	const char *name;

	(void)state;
	memset(text, 'x', sizeof(text) - 2);
	memcpy(text, "1000 20 ", 8);
	text[sizeof(text) - 2] = '\n';
	map = map_of(text);
	name = perf_map_function(map, 0x1000);
	assert_non_null(name);
	assert_int_equal(strlen(name), 1024);
	perf_map_close(map);
}

static void bytes_of_any_kind(void **state)
{
	uint64_t random = 1234567;

	(void)state;
	for (int i = 0; i < 200; i++) {
		static const char kinds[] = "0123456789abcdef  \n\nx\xff";
		FILE *file = fopen(path, "we");
		struct perf_map *map;

		assert_non_null(file);
		for (int j = 0; j < 5000; j++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			putc(kinds[random % (sizeof(kinds))], file);
		}
		fclose(file);
		map = perf_map_open(getpid());
		assert_non_null(map);
		for (uint64_t address = 0; address < 0x1000; address += 7)
			perf_map_function(map, address);
		perf_map_close(map);
	}
}

/* /tmp is everybody's. */
static void a_strangers_file_is_not_believed(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	put("we", "1000 20 first\n");
	assert_int_equal(chown(path, 65534, -1), 0);
	assert_null(perf_map_open(getpid()));
	unlink(path);
	assert_int_equal(symlink("/proc/self/maps", path), 0);
	assert_null(perf_map_open(getpid()));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(perf_map_open(getpid()));
}

static void a_file_from_before_the_process(void **state)
{
	const struct timeval old[2] = {{1000000000, 0}, {1000000000, 0}};

	(void)state;
	put("we", "1000 20 first\n");
	assert_int_equal(utimes(path, old), 0);
	assert_null(perf_map_open(getpid()));
}

static void no_file(void **state)
{
	(void)state;
	assert_null(perf_map_open(getpid()));
	perf_map_close(NULL);
}

/* In a folder that is the process's root, as a container's. */
static void a_process_with_another_root(void **state)
{
	char folder[] = "/tmp/hakmem-root-XXXXXX", name[200], byte;
	int ready[2], end[2];
	struct perf_map *map;
	FILE *file;
	pid_t child;

	(void)state;
	if (geteuid())
		skip();
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/tmp", folder);
	assert_int_equal(mkdir(name, 0755), 0);
	assert_int_equal(pipe(ready) | pipe(end), 0);
	child = fork();
	if (!child) {
		if (chroot(folder) || chdir("/") || write(ready[1], "", 1) != 1)
			_exit(1);
		close(end[1]);
		_exit(read(end[0], &byte, 1) != 0);
	}
	close(end[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	snprintf(name, sizeof(name), "%s/tmp/perf-%d.map", folder, (int)child);
	file = fopen(name, "we");
	assert_non_null(file);
	fputs("1000 20 inside\n", file);
	fclose(file);
	map = perf_map_open(child);
	close(end[1]);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	unlink(name);
	snprintf(name, sizeof(name), "%s/tmp", folder);
	rmdir(name);
	rmdir(folder);
	/* The process is over now, which changes nothing. */
	assert_non_null(map);
	assert_false(perf_map_refresh(map));
	assert_at(map, 0x1000, "inside");
	perf_map_close(map);
}

/* The last line of the file that has a name in it. */
static uint64_t address_of(const char *name)
{
	FILE *file = fopen(path, "re");
	uint64_t address = 0;
	char line[2000];

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, name))
			address = strtoull(line, NULL, 16);
	if (file)
		fclose(file);
	return address;
}

static void functions_of_node(void **state)
{
	static const char *const script =
	    "function hakmem_hot(x) { let t = 0; for (let i = 0; i < 1000; i++) t += i * x; return t }"
	    "let s = 0; for (let i = 0; i < 20000; i++) s += hakmem_hot(i); require('fs').readSync(0, Buffer.alloc(1))";
	char folder[] = "/tmp/hakmem-node-XXXXXX", command[100];
	int input[2], status;
	struct perf_map *map = NULL;
	uint64_t address;
	pid_t child;

	(void)state;
	if (system("command -v node >/dev/null"))
		skip();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(pipe(input), 0);
	child = fork();
	if (!child) {
		/* It leaves a log where it runs. */
		if (chdir(folder))
			_exit(1);
		dup2(input[0], 0);
		close(input[1]);
		execlp("node", "node", "--perf-basic-prof", "-e", script, NULL);
		_exit(1);
	}
	close(input[0]);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)child);
	for (int i = 0; !map && i < 1000; i++) {
		usleep(10000);
		map = perf_map_open(child);
	}
	close(input[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(status, 0);
	assert_non_null(map);
	perf_map_refresh(map);
	address = address_of("hakmem_hot");
	assert_true(address);
	assert_non_null(strstr(perf_map_function(map, address), "hakmem_hot"));
	perf_map_close(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(functions_by_address, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(later_lines_win, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(many_lines_that_overlap, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(lines_that_are_added_later, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(a_file_that_is_written_anew, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(lines_that_are_none, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(a_very_long_name_is_cut, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(bytes_of_any_kind, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(a_strangers_file_is_not_believed, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(a_file_from_before_the_process, choose_path, remove_file),
	    cmocka_unit_test_setup_teardown(no_file, choose_path, remove_file),
	    cmocka_unit_test(a_process_with_another_root),
	    cmocka_unit_test_teardown(functions_of_node, remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
