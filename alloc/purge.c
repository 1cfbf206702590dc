// SPDX-License-Identifier: MIT
/*
 * purge: memory counts as zero only after a madvise(MADV_DONTNEED) that returned 0, for the kernel refuses it to locked
 * memory. MADV_FREE makes the contents unknown: the page may be there or not.
 */
#include "purge.h"

#include "helper.h"
#include "options.h"
#include "os.h"

static COMPACT size_t kept;
static COMPACT size_t lowest;
static COMPACT uint64_t total;
static COMPACT size_t kept_at_most = SIZE_MAX;

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
	size_t left = __atomic_sub_fetch(&kept, size, __ATOMIC_RELAXED);

	/* Two at once may leave the larger one: then a little less seems unused for a while. */
	if (left < __atomic_load_n(&lowest, __ATOMIC_RELAXED))
		__atomic_store_n(&lowest, left, __ATOMIC_RELAXED);
}

size_t purge_lowest(void)
{
	return __atomic_exchange_n(&lowest, purge_kept_bytes(), __ATOMIC_RELAXED);
}

/* Without a helper that gives back what is not needed, less may lie about. */
#define DIRTY_MAX_ALONE (64 * MIB)

/* Where memory is limited, what is kept of one pool is soon missed in another: no more than a sixteenth. */
#define KEPT_SHARE 16

void purge_have_memory(size_t size)
{
	__atomic_store_n(&kept_at_most, size / KEPT_SHARE, __ATOMIC_RELAXED);
}

size_t purge_limit(void)
{
	size_t limit = (size_t)option_value(OPTION_DIRTY_MAX) * MIB, here;

	if (option_is_set(OPTION_DIRTY_MAX))
		return limit;
	here = __atomic_load_n(&kept_at_most, __ATOMIC_RELAXED);
	if (here < limit)
		limit = here;
	return limit > DIRTY_MAX_ALONE && helper_is_impossible() ? DIRTY_MAX_ALONE : limit;
}

bool purge_over_limit(void)
{
	return purge_kept_bytes() > purge_limit();
}

size_t purge_kept_bytes(void)
{
	return __atomic_load_n(&kept, __ATOMIC_RELAXED);
}

uint64_t purge_total_bytes(void)
{
	return __atomic_load_n(&total, __ATOMIC_RELAXED);
}
