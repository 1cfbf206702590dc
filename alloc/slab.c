// SPDX-License-Identifier: MIT
/*
 * slab: beginning a slab and carving blocks from it. Only the owner calls these, without atomics.
 */
#include "slab.h"

#include "assist.h"
#include "os.h"
#include "prefault.h"
#include "superslab.h"

/* Differs from run to run and from use to use, and is odd, so that it is no aligned pointer. */
static uint64_t next_key(void)
{
	static COMPACT uint64_t uses;
	uint64_t value = __atomic_add_fetch(&uses, 1, __ATOMIC_RELAXED) * 0x9e3779b97f4a7c15ULL ^ os_random();

	return (value ^ value >> 29) | 1;
}

void slab_begin(struct slab *slab, unsigned int class, struct heap *owner)
{
	slab->countdown = 0;
	slab->beyond = 0;
	slab->carved = 0;
	slab->limit = 0;
	slab->freed = NULL;
	slab->key = next_key();
	slab->list = &slab->freed;
	slab_aside(slab)->owner = owner;
	slab->class = (uint8_t) class;
	slab->state = SLAB_PARTIAL;
	slab->reciprocal = class_table[class].reciprocal;
}

/* Carving reaches `end` bytes into the slab, beyond its dirty pages. */
static void reach(struct slab *slab, size_t end)
{
	unsigned int pages = (unsigned int)(round_up(end, PAGE_SIZE) / PAGE_SIZE);

	prefault_carve(slab, end);
	assist_count_touched(POLICY_SMALL, pages - slab->dirty_pages, superslab_is_huge(slab));
	__atomic_store_n(&slab->dirty_pages, (uint8_t)pages, __ATOMIC_RELAXED);
	if (end + class_table[slab->class].size > class_slab_size(slab->class))
		assist_slab_filled(slab->class);
}

/* How many blocks to carve at once: those that end in the page in which the first of them ends. */
static unsigned int batch_size(const struct slab *slab, size_t offset)
{
	size_t size = class_table[slab->class].size;
	size_t room = class_table[slab->class].capacity - slab->carved;
	size_t count = (round_up(offset + size, PAGE_SIZE) - offset) / size;

	return (unsigned int)(count < room ? count : room);
}

struct block *slab_carve(struct slab *slab, struct block **rest, bool *zeroed)
{
	size_t size = class_table[slab->class].size;
	size_t offset = slab->carved * size;
	unsigned int count = batch_size(slab, offset);
	size_t dirty = slab->dirty_pages * PAGE_SIZE;
	size_t end = offset + count * size;
	char *first = slab->base + offset;

	*zeroed = offset >= dirty;
	if (end > dirty)
		reach(slab, end);
	*rest = NULL;
	for (unsigned int i = count - 1; i > 0; i--) {
		struct block *block = (struct block *)(first + i * size);

		block->next = *rest;
		block->key = slab->key; /* free() must not take what was never handed out */
		*rest = block;
	}
	slab->carved = (uint16_t)(slab->carved + count);
	/* Others who free a block of the slab look at it meanwhile. */
	__atomic_store_n(&slab->limit, class_limit(slab->class, slab->carved), __ATOMIC_RELAXED);
	return (struct block *)first;
}
