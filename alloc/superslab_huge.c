// SPDX-License-Identifier: MIT
/*
 * superslab_huge: whether the next SuperSlab is to have huge pages, by what was touched of the newest.
 */
#include "assist.h"
#include "superslab.h"

static size_t touched_bytes(const struct superslab *superslab)
{
	size_t pages = 0;

	for (unsigned int i = 0; i < HAKMEM_CHUNK_SLABS; i++)
		pages += __atomic_load_n(&superslab->slabs.slab[i].dirty_pages, __ATOMIC_RELAXED);
	return pages * PAGE_SIZE;
}

/* Spares may be many. */
#define DESCRIPTORS_LOOKED_AT (4 * HUGE_LATEST)

/* Adds them up. Returns whether there are long slabs. */
static bool look_at_newest(struct assist_chunks *chunks, const struct superslab *newest)
{
	unsigned int left = DESCRIPTORS_LOOKED_AT;
	bool has_long = false;

	for (const struct superslab *superslab = newest;
	     superslab != NULL && left-- > 0 && chunks->counted < HUGE_LATEST * CHUNK_SIZE;
	     superslab = superslab->next_known) {
		if (!superslab->mapped) /* a spare */
			continue;
		assist_look_at(chunks, superslab->chunk.base, touched_bytes(superslab),
		    __atomic_load_n(&superslab->huge, __ATOMIC_RELAXED), false);
		has_long |= superslab->has_long;
	}
	return has_long;
}

/*
 * Of long slabs of each class in use one is carved in part only, but will be to the end: some 3 MiB in all. So where
 * there are any, 5/8 are as good as 7/8 elsewhere, if their blocks get filled.
 */
enum huge_advice superslab_advice(const struct superslab *newest, bool is_long)
{
	struct assist_chunks chunks = {.used = 0};

	is_long |= look_at_newest(&chunks, newest);
	if (is_long && !huge_blocks_get_filled())
		return HUGE_FORBIDDEN;
	if (is_long)
		chunks.used = chunks.used / 5 * 7;
	return assist_advice(POLICY_SMALL, 0, &chunks);
}
