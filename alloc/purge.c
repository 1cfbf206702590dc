// SPDX-License-Identifier: MIT
/*
 * purge: memory counts as zero only after a madvise(MADV_DONTNEED) that returned 0, for the kernel refuses it to locked
 * memory. MADV_FREE makes the contents unknown: the page may be there or not.
 */
#include "purge.h"

#include "options.h"
#include "os.h"

static COMPACT size_t kept;
static COMPACT uint64_t total;

bool purge_now(void *address, size_t size)
{
	if (!os_purge(address, size))
		return false;
	__atomic_fetch_add(&total, size, __ATOMIC_RELAXED);
	return true;
}

bool purge_freed(void *address, size_t size)
{
	switch (option_value(OPTION_ZERO)) {
	case ZERO_EAGER:
		return purge_now(address, size);
	case ZERO_LAZY:
		if (os_purge_lazily(address, size))
			__atomic_fetch_add(&total, size, __ATOMIC_RELAXED);
		return false;
	default:
		return false;
	}
}

void purge_count_kept(size_t size)
{
	__atomic_fetch_add(&kept, size, __ATOMIC_RELAXED);
}

void purge_count_reused(size_t size)
{
	__atomic_fetch_sub(&kept, size, __ATOMIC_RELAXED);
}

bool purge_over_limit(void)
{
	return purge_kept_bytes() > (size_t)option_value(OPTION_DIRTY_MAX) * MIB;
}

size_t purge_kept_bytes(void)
{
	return __atomic_load_n(&kept, __ATOMIC_RELAXED);
}

uint64_t purge_total_bytes(void)
{
	return __atomic_load_n(&total, __ATOMIC_RELAXED);
}
