// SPDX-License-Identifier: MIT
/*
 * Every single system call for memory fails, one after another, alone and with those that follow: the allocation fails
 * with ENOMEM or succeeds all the same, nothing is damaged, and what comes after works. This program's own mmap,
 * munmap, mremap, madvise and mprotect stand before libc's.
 */
#include "test.h"

#include <fcntl.h>
#include <sys/syscall.h>

static long calls_until_failure = -1; /* negative: none */
static int failures = 1;              /* in a row */

/* In a program that was started to fail, from its first call on. */
#define WISH "FAIL_CALL="

static void read_wish(void)
{
	static bool done;
	char text[64] = "";
	long file;

	if (done)
		return;
	done = true;
	file = syscall(SYS_open, "/proc/self/environ", O_RDONLY);
	syscall(SYS_read, file, text, sizeof(text) - 1);
	syscall(SYS_close, file);
	if (strncmp(text, WISH, strlen(WISH)) == 0)
		calls_until_failure = strtol(text + strlen(WISH), NULL, 10);
}

static bool fails_now(void)
{
	read_wish();
	if (calls_until_failure < 0)
		return false;
	if (calls_until_failure-- > 0)
		return false;
	if (--failures > 0)
		calls_until_failure = 0; /* the next, too */
	return true;
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
	if (fails_now()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, address, size, protection, flags, descriptor, offset);
}

int munmap(void *address, size_t size)
{
	if (fails_now()) {
		errno = ENOMEM; /* as where splitting a mapping makes one too many */
		return -1;
	}
	return (int)syscall(SYS_munmap, address, size);
}

void *mremap(void *address, size_t old_size, size_t new_size, int flags, ...)
{
	va_list arguments;
	void *target = NULL;

	va_start(arguments, flags);
	if (flags & MREMAP_FIXED)
		target = va_arg(arguments, void *);
	va_end(arguments);
	if (fails_now()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mremap, address, old_size, new_size, flags, target);
}

int madvise(void *address, size_t size, int advice)
{
	if (fails_now()) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_madvise, address, size, advice);
}

/* Hardened mode calls it. */
int mprotect(void *address, size_t size, int protection)
{
	if (fails_now()) {
		errno = ENOMEM;
		return -1;
	}
	return (int)syscall(SYS_mprotect, address, size, protection);
}

#define FIRST_CALLS 12

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                        \
	} while (0)

static void fill(unsigned char *block, size_t size, unsigned char mark)
{
	for (size_t at = 0; at < size; at += 61)
		block[at] = mark;
}

static void verify(const unsigned char *block, size_t size, unsigned char mark)
{
	for (size_t at = 0; at < size; at += 61)
		if (block[at] != mark) {
			fprintf(stderr, "block of %zu: byte %zu is %d, not %d\n", size, at, block[at], mark);
			return;
		}
}

static void use_all_pools(void)
{
	static const size_t sizes[] = {24, 700, 9000, 40000, 600000, 3 * MIB / 2, 5 * MIB};
	enum { COUNT = 7 * 4 };
	static unsigned char *blocks[COUNT];
	static size_t held[COUNT];

	for (int i = 0; i < COUNT; i++) {
		size_t size = sizes[i % 7];

		errno = 0;
		blocks[i] = opaque(i % 3 ? malloc(size) : calloc(1, size));
		CHECK(blocks[i] != NULL || errno == ENOMEM);
		held[i] = blocks[i] != NULL ? size : 0;
		if (i % 3 == 0)
			verify(blocks[i], held[i], 0);
		fill(blocks[i], held[i], (unsigned char)i);
	}
	for (int i = 0; i < COUNT; i++) {
		size_t size = sizes[(i + i / 7) % 7];
		unsigned char *moved = opaque(realloc(blocks[i], size));

		if (moved != NULL) {
			verify(moved, held[i] < size ? held[i] : size, (unsigned char)i);
			blocks[i] = moved;
			held[i] = size;
			fill(moved, size, (unsigned char)i);
		}
		if (i % 10 == 0)
			malloc_trim(0);
	}
	for (int i = 0; i < COUNT; i++) {
		verify(blocks[i], held[i], (unsigned char)i);
		free(blocks[i]);
	}
	malloc_trim(0);
}

static void fail_one(void *argument)
{
	calls_until_failure = *(long *)argument;
	use_all_pools();
	if (calls_until_failure >= 0)
		_exit(3); /* there were fewer calls than that */
	use_all_pools();
	CHECK(opaque(malloc(16 * MIB)) != NULL);
}

static void each_call_fails(int times)
{
	char text[2000];
	long call;

	failures = times;
	for (call = 0; call < 2000; call++) {
		int status = run_in_child(fail_one, &call, text, sizeof(text));

		if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
			break;
		if (status != 0 || text[0] != '\0')
			fail_msg("call %ld: status %d: %s", call, status, text);
	}
	assert_true(call > 20);
	assert_true(call < 2000);
}

static void each_call_fails_once(void **state)
{
	(void)state;
	each_call_fails(1);
}

/* Once is not enough where another way is tried next. */
static void each_six_calls_in_a_row_fail(void **state)
{
	(void)state;
	each_call_fails(6);
	failures = 1;
}

static void start_to_fail(void *argument)
{
	char wish[32];

	snprintf(wish, sizeof(wish), WISH "%ld", *(long *)argument);
	execve("/proc/self/exe", (char *[]){"failing_calls", "start", NULL},
	    (char *[]){wish, "ASAN_OPTIONS=detect_leaks=0", NULL});
	_exit(1);
}

static int started(void)
{
	use_all_pools();
	use_all_pools();
	CHECK(opaque(malloc(16 * MIB)) != NULL);
	return calls_until_failure < 0 ? 0 : 3; /* there were fewer calls than that */
}

/* What a program allocates before main, too, and what the allocator itself needs first. */
static void each_of_the_first_calls_fails_once(void **state)
{
	char text[2000];

	(void)state;
	for (long call = 0; call < FIRST_CALLS; call++) {
		int status = run_in_child(start_to_fail, &call, text, sizeof(text));

		if (status != 0 || text[0] != '\0')
			fail_msg("call %ld: status %x: %s", call, (unsigned int)status, text);
	}
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_call_fails_once),
	    cmocka_unit_test(each_six_calls_in_a_row_fail),
	    cmocka_unit_test(each_of_the_first_calls_fails_once),
	};

	if (count == 2 && strcmp(arguments[1], "start") == 0)
		return started();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
