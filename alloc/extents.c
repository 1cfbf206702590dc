// SPDX-License-Identifier: MIT
/*
 * extents: the lock guards the list of those that are kept, spare descriptors and the totals; system calls are made
 * without it. Kept memory is dirty unless its purge succeeded.
 */
#include "extents.h"

#include "lock.h"
#include "metadata.h"
#include "os.h"
#include "publish.h"
#include "purge.h"

#define KEPT_MAX 64 /* bounds the search, not the memory */

static COMPACT struct lock lock;
static COMPACT struct extent *kept; /* most recently freed first */
static COMPACT struct extent *spares;
static COMPACT struct extent_totals totals;

static struct extent *new_descriptor(void)
{
	struct extent *extent;

	lock_take(&lock);
	extent = spares;
	if (extent != NULL)
		spares = extent->next;
	lock_give(&lock);
	if (extent == NULL)
		extent = metadata_allocate(sizeof(*extent));
	if (extent != NULL)
		extent->chunk.kind = CHUNK_LARGE;
	return extent;
}

static void forget_locked(struct extent *extent)
{
	extent->next = spares;
	spares = extent;
}

static void forget(struct extent *extent)
{
	lock_take(&lock);
	forget_locked(extent);
	lock_give(&lock);
}

static void count_mapped(size_t added, size_t removed)
{
	lock_take(&lock);
	totals.mapped_bytes += added - removed;
	lock_give(&lock);
}

static struct extent *map_fresh(size_t mapped, size_t alignment)
{
	struct extent *extent = new_descriptor();

	if (extent == NULL)
		return NULL;
	extent->chunk.base = os_map_aligned(mapped, alignment);
	if (extent->chunk.base == NULL) {
		forget(extent);
		return NULL;
	}
	extent->mapped = mapped;
	extent->dirty = 0;
	extent->advice = HUGE_UNADVISED;
	count_mapped(mapped, 0);
	publish_range(extent->chunk.base, mapped, HAKMEM_RANGE_LARGE);
	return extent;
}

void extent_unmap(struct extent *extent)
{
	count_mapped(0, extent->mapped);
	publish_retire_range(extent->chunk.base, extent->mapped, HAKMEM_RANGE_LARGE);
	os_unmap(extent->chunk.base, extent->mapped);
	forget(extent);
}

/* Published as it is at each moment, since no one may touch the memory meanwhile. */
static enum os_resized resize_in_place(struct extent *extent, size_t mapped)
{
	enum os_resized result;

	if (mapped == extent->mapped)
		return OS_RESIZED;
	publish_retire_range(extent->chunk.base, extent->mapped, HAKMEM_RANGE_LARGE);
	result = os_resize(extent->chunk.base, extent->mapped, mapped);
	if (result == OS_RESIZED)
		extent->mapped = mapped;
	publish_range(extent->chunk.base, extent->mapped, HAKMEM_RANGE_LARGE);
	return result;
}

/* The pagemap is to know the block by another address; false, and nothing has changed, without memory. */
static bool enter_at(struct extent *extent, char *base)
{
	char *old = extent->chunk.base;

	pagemap_remove(&extent->chunk);
	extent->chunk.base = base;
	if (pagemap_insert(&extent->chunk))
		return true;
	extent->chunk.base = old;
	pagemap_insert(&extent->chunk);
	return false;
}

static bool move(struct extent *extent, size_t mapped, bool live)
{
	char *old = extent->chunk.base;
	char *target = os_map_aligned(mapped, CHUNK_SIZE);

	if (target == NULL)
		return false;
	if (live && !enter_at(extent, target)) {
		os_unmap(target, mapped);
		return false;
	}
	extent->chunk.base = target;
	publish_range(target, mapped, HAKMEM_RANGE_LARGE);
	publish_retire_range(old, extent->mapped, HAKMEM_RANGE_LARGE);
	if (os_move(old, extent->mapped, target, mapped)) {
		extent->mapped = mapped;
		return true;
	}
	/* The target may be another thread's by now (os.h), so it is left alone. */
	publish_retire_range(target, mapped, HAKMEM_RANGE_LARGE);
	if (live)
		enter_at(extent, old);
	extent->chunk.base = old;
	publish_range(old, extent->mapped, HAKMEM_RANGE_LARGE);
	return false;
}

static void link_kept(struct extent *extent)
{
	extent->next = kept;
	__atomic_store_n(&kept, extent, __ATOMIC_RELAXED); /* extents_take looks without the lock */
	totals.kept_extents++;
	totals.kept_bytes += extent->mapped;
}

static void unlink_kept(struct extent *extent)
{
	struct extent **link = &kept;

	while (*link != extent)
		link = &(*link)->next;
	__atomic_store_n(link, extent->next, __ATOMIC_RELAXED);
	totals.kept_extents--;
	totals.kept_bytes -= extent->mapped;
}

/* A kept extent that begins where this one ends, or ends where it begins. Only a start of it is dirty, so what is zero
 * can't be followed by what is not. */
static struct extent *neighbour(const struct extent *extent)
{
	for (struct extent *other = kept; other != NULL; other = other->next) {
		if (extent->chunk.base + extent->mapped == other->chunk.base &&
		    (extent->dirty == extent->mapped || other->dirty == 0))
			return other;
		if (other->chunk.base + other->mapped == extent->chunk.base &&
		    (other->dirty == other->mapped || extent->dirty == 0))
			return other;
	}
	return NULL;
}

static void absorb(struct extent *extent, struct extent *other)
{
	if (other->chunk.base < extent->chunk.base)
		extent->chunk.base = other->chunk.base;
	extent->mapped += other->mapped;
	extent->dirty += other->dirty;
	if (extent->advice != other->advice)
		extent->advice = HUGE_MIXED;
	forget_locked(other);
}

bool extents_keep(struct extent *extent)
{
	struct extent *other;
	bool keeps;

	extent->dirty = purge_freed(extent->chunk.base, extent->mapped) ? 0 : extent->mapped;
	purge_count_kept(extent->dirty);
	lock_take(&lock);
	keeps = !purge_over_limit() && totals.kept_extents < KEPT_MAX;
	if (keeps) {
		while ((other = neighbour(extent)) != NULL) {
			unlink_kept(other);
			absorb(extent, other);
		}
		link_kept(extent);
	}
	lock_give(&lock);
	if (!keeps)
		purge_count_reused(extent->dirty);
	return keeps;
}

/* The first or last `size` bytes of a kept extent, which stays in its place of the list, become an extent of their own.
 */
static void carve(struct extent *extent, size_t offset, size_t size, struct extent *piece)
{
	size_t left = extent->mapped - size, beyond = extent->dirty > offset ? extent->dirty - offset : 0;

	piece->chunk.base = extent->chunk.base + offset;
	piece->mapped = size;
	piece->dirty = beyond < size ? beyond : size;
	piece->advice = extent->advice;
	publish_split_range(extent->chunk.base, extent->mapped, offset == 0 ? size : left, HAKMEM_RANGE_LARGE);
	if (offset == 0)
		extent->chunk.base += size;
	extent->mapped = left;
	extent->dirty -= piece->dirty;
	totals.kept_bytes -= size;
}

/* The same; all of it when it is no larger, or there is no descriptor to spare. */
static struct extent *take_part(struct extent *extent, size_t offset, size_t size, struct extent **spare)
{
	struct extent *piece = *spare;

	if (extent->mapped <= size || piece == NULL) {
		unlink_kept(extent);
		return extent;
	}
	carve(extent, offset, size, piece);
	*spare = NULL;
	return piece;
}

static void unlock_with_spare(struct extent *spare)
{
	if (spare != NULL)
		forget_locked(spare);
	lock_give(&lock);
}

/* Of what was freed first, the last `size` bytes or all, unmapped; how much that was, 0 when nothing is kept. */
static size_t unmap_oldest(size_t size)
{
	struct extent *extent, *spare = new_descriptor();
	size_t mapped = 0;

	lock_take(&lock);
	extent = kept;
	while (extent != NULL && extent->next != NULL)
		extent = extent->next;
	if (extent != NULL)
		extent = take_part(extent, extent->mapped > size ? extent->mapped - size : 0, size, &spare);
	unlock_with_spare(spare);
	if (extent != NULL) {
		mapped = extent->mapped;
		purge_count_reused(extent->dirty);
		extent_unmap(extent);
	}
	return mapped;
}

/* In exchange for fresh memory that what is kept, in pieces, could not serve. */
static void give_back(size_t size)
{
	size_t mapped;

	while (size != 0 && (mapped = unmap_oldest(size)) != 0)
		size -= mapped < size ? mapped : size;
}

/* Grows by the start of a kept extent that begins where this one ends. */
static bool grow_into_kept(struct extent *extent, size_t size)
{
	struct extent *other, *spare = new_descriptor();
	size_t dirty = 0;

	lock_take(&lock);
	for (other = kept; other != NULL; other = other->next)
		if (other->chunk.base == extent->chunk.base + extent->mapped)
			break;
	if (other != NULL && (other->mapped == size || (other->mapped > size && spare != NULL))) {
		other = take_part(other, 0, size, &spare);
		dirty = other->dirty;
		absorb(extent, other);
	} else {
		other = NULL;
	}
	unlock_with_spare(spare);
	purge_count_reused(dirty);
	return other != NULL;
}

bool extent_resize(struct extent *extent, size_t mapped, bool live)
{
	size_t before = extent->mapped;
	enum os_resized result;

	if (live && mapped > before && grow_into_kept(extent, mapped - before))
		return true;
	if (mapped > before)
		give_back(mapped - before);
	result = resize_in_place(extent, mapped);

	if (result != OS_RESIZED && (result != OS_NO_ROOM || mapped < before || !move(extent, mapped, live)))
		return false;
	count_mapped(mapped, before);
	return true;
}

/* The smallest that is large enough; else the largest, unless moving it would undo the alignment. */
static struct extent *fittest(size_t mapped, size_t alignment)
{
	struct extent *best = NULL;

	for (struct extent *extent = kept; extent != NULL; extent = extent->next) {
		bool fits = extent->mapped >= mapped;

		if ((uintptr_t)extent->chunk.base % alignment != 0 || (!fits && alignment != CHUNK_SIZE))
			continue;
		if (best == NULL || (fits && (best->mapped < mapped || extent->mapped < best->mapped)) ||
		    (!fits && extent->mapped > best->mapped && best->mapped < mapped))
			best = extent;
	}
	return best;
}

/* `mapped` bytes of a kept extent that is large enough; else the largest, which has to grow. */
static struct extent *take_kept(size_t mapped, size_t alignment)
{
	struct extent *extent, *spare;

	if (__atomic_load_n(&kept, __ATOMIC_RELAXED) == NULL)
		return NULL;
	spare = new_descriptor();
	lock_take(&lock);
	extent = fittest(mapped, alignment);
	if (extent != NULL)
		extent = take_part(extent, 0, mapped, &spare);
	unlock_with_spare(spare);
	if (extent != NULL)
		purge_count_reused(extent->dirty);
	return extent;
}

/* A kept extent made to fit: its dirty pages are used again, and only what it lacks is fresh. */
static struct extent *take_and_fit(size_t mapped, size_t alignment)
{
	struct extent *extent = take_kept(mapped, alignment);

	if (extent != NULL && extent->mapped < mapped && !extent_resize(extent, mapped, false)) {
		extent_unmap(extent);
		return NULL;
	}
	return extent;
}

struct extent *extents_take(size_t mapped, size_t alignment)
{
	struct extent *extent = take_and_fit(mapped, alignment);

	if (extent != NULL)
		return extent;
	give_back(mapped);
	return map_fresh(mapped, alignment);
}

static size_t excess(size_t most)
{
	size_t bytes = purge_kept_bytes();

	return most == 0 ? SIZE_MAX : round_up(bytes > most ? bytes - most : 1, CHUNK_SIZE);
}

bool extents_trim(size_t most)
{
	bool released = false;

	while (!purge_is_enough(most) && unmap_oldest(excess(most)) != 0)
		released = true;
	return released;
}

void extents_count(struct extent_totals *result)
{
	lock_take(&lock);
	*result = totals;
	lock_give(&lock);
}

void extents_lock(void)
{
	lock_take(&lock);
}

void extents_unlock(void)
{
	lock_give(&lock);
}

void extents_reset_lock(void)
{
	lock_reset(&lock);
}
