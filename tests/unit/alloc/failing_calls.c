// SPDX-License-Identifier: MIT
/*
 * Every single system call for memory fails once, one after another: the allocation fails with ENOMEM or succeeds all
 * the same, nothing is damaged, and what comes after works. This program's own mmap, munmap, mremap, madvise and
 * mprotect stand
 * before libc's.
 */
#include "test.h"

#include <sys/syscall.h>

static long calls_until_failure = -1; /* negative: none */

static bool fails_now(void)
{
	if (calls_until_failure < 0)
		return false;
	return calls_until_failure-- == 0;
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

static void each_call_fails_once(void **state)
{
	char text[2000];
	long call;

	(void)state;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_call_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
