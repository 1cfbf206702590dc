// SPDX-License-Identifier: MIT
/*
 * A kernel with pages of 64 KiB (AArch64): madvise refuses an address inside a page and rounds the size up to whole
 * pages, so that what lies behind a purged run would be lost. This program's own getauxval and madvise stand before
 * libc's and behave like that kernel's.
 */
#include "test.h"

#include <sys/auxv.h>
#include <sys/syscall.h>

#include "os.h"

#define TRUE_PAGE ((size_t)64 * KIB)

unsigned long getauxval(unsigned long type)
{
	return type == AT_PAGESZ ? TRUE_PAGE : 0;
}

int madvise(void *address, size_t size, int advice)
{
	if ((uintptr_t)address % TRUE_PAGE != 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_madvise, address, round_up(size, TRUE_PAGE), advice);
}

static void purging_spares_the_neighbours(void **state)
{
	enum { COUNT = 200 };
	unsigned char *blocks[COUNT];
	size_t size = 20 * KIB;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		blocks[i] = opaque(malloc(size));
		memset(blocks[i], i + 1, size);
	}
	for (int i = 0; i < COUNT; i += 2)
		free(blocks[i]);
	malloc_trim(0);
	for (int i = 1; i < COUNT; i += 2) {
		for (size_t at = 0; at < size; at++)
			assert_int_equal(blocks[i][at], (unsigned char)(i + 1));
		free(blocks[i]);
	}
}

static void slabs_are_purged_all_the_same(void **state)
{
	enum { COUNT = 4000 };
	static char *blocks[COUNT];
	char *base;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		blocks[i] = opaque(malloc(1000));
		memset(blocks[i], 1, 1000);
	}
	base = (char *)round_down((uintptr_t)blocks[COUNT / 2], SLAB_SIZE);
	for (int i = 0; i < COUNT; i++)
		free(blocks[i]);
	malloc_trim(0);
	/* Unmapped with its SuperSlab, or purged. */
	assert_true(madvise(base, SLAB_SIZE, MADV_NORMAL) != 0 || resident_pages(base, SLAB_SIZE) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(purging_spares_the_neighbours),
	    cmocka_unit_test(slabs_are_purged_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
