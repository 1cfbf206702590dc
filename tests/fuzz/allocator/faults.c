// SPDX-License-Identifier: MIT
/*
 * faults: the system calls for memory, which fail when the input says so. madvise fails as it does on locked memory.
 */
#include "tested.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>

/* The library's helper thread calls these, too. */
static unsigned int skipped, left;
static unsigned long seen;

void faults_begin(unsigned int after, unsigned int count)
{
	__atomic_store_n(&skipped, after, __ATOMIC_RELAXED);
	__atomic_store_n(&left, count, __ATOMIC_RELAXED);
}

void faults_end(void)
{
	__atomic_store_n(&left, 0, __ATOMIC_RELAXED);
}

unsigned long faults_seen(void)
{
	return __atomic_load_n(&seen, __ATOMIC_RELAXED);
}

static bool fails_now(void)
{
	if (__atomic_load_n(&left, __ATOMIC_RELAXED) == 0)
		return false;
	if (__atomic_load_n(&skipped, __ATOMIC_RELAXED) != 0) {
		__atomic_sub_fetch(&skipped, 1, __ATOMIC_RELAXED);
		return false;
	}
	__atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
	return true;
}

void *faulty_mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
	if (fails_now()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return mmap(address, size, protection, flags, descriptor, offset);
}

void *faulty_mremap(void *address, size_t old_size, size_t new_size, int flags, ...)
{
	void *target = NULL;
	va_list arguments;

	va_start(arguments, flags);
	if (flags & MREMAP_FIXED)
		target = va_arg(arguments, void *);
	va_end(arguments);
	if (fails_now()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return mremap(address, old_size, new_size, flags, target);
}

/* Hardened mode calls it. */
int faulty_mprotect(void *address, size_t size, int protection)
{
	if (fails_now()) {
		errno = ENOMEM;
		return -1;
	}
	return mprotect(address, size, protection);
}

int faulty_madvise(void *address, size_t size, int advice)
{
	if (fails_now()) {
		errno = EINVAL;
		return -1;
	}
	return madvise(address, size, advice);
}
