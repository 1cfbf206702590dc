// SPDX-License-Identifier: MIT
/*
 * foreign: blocks are kept while few are ready: enough for what a thread takes from others and gives to them to even
 * out, little enough that slabs elsewhere don't stay in use for it.
 */
#include "foreign.h"

#include "young.h"

/* How many are ready is found by walking their list, which is done once for so many blocks, kept or sent home. */
#define FOREIGN_MOST 64
/* What counts as few ready, in blocks and in bytes. */
#define FEW_BLOCKS 32
#define FEW_BYTES  ((size_t)32 << 10)

static COMPACT bool ever_kept;

static bool has_few_ready(const struct heap *heap, unsigned int class)
{
	size_t fit = FEW_BYTES / class_table[class].size, most = fit < FEW_BLOCKS ? fit : FEW_BLOCKS;
	const struct block *block = heap->ready[class];

	while (block != NULL && most-- > 0)
		block = block->next;
	return block == NULL;
}

/* heap->foreign counts up to FOREIGN_MOST what was kept, from there to twice that what was sent home. */
bool foreign_keeps(struct heap *heap, unsigned int class)
{
	uint8_t *count = &heap->foreign[class];

	if (++*count == 2 * FOREIGN_MOST || *count == FOREIGN_MOST)
		*count = has_few_ready(heap, class) ? FEW_BLOCKS : FOREIGN_MOST;
	if (*count >= FOREIGN_MOST || !young_takes(heap, class))
		return false;
	if (!foreign_ever_kept())
		__atomic_store_n(&ever_kept, true, __ATOMIC_RELAXED);
	return true;
}

bool foreign_ever_kept(void)
{
	return __atomic_load_n(&ever_kept, __ATOMIC_RELAXED);
}
