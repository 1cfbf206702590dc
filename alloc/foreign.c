// SPDX-License-Identifier: MIT
/*
 * foreign: blocks are kept while few are ready: enough for what a thread takes from others and gives to them to even
 * out, little enough that slabs elsewhere don't stay in use for it.
 */
#include "foreign.h"

#include "thread.h"
#include "young.h"

/*
 * What counts as few ready, in blocks and in bytes. Two threads that hand each other blocks do best to send what is too
 * much home soon, for own blocks are freed the short way. Among many a block that is sent home is of no use before its
 * owner has a processor and has run out, and meanwhile both touch fresh pages.
 */
#define FEW_BLOCKS      32
#define FEW_BYTES       ((size_t)32 << 10)
#define FEW_HEAPS       8
#define FEW_BLOCKS_MANY 120 /* twice that fits 8 bits */
#define FEW_BYTES_MANY  ((size_t)64 << 10)
#define SENDING_MOST    64

static COMPACT bool ever_kept;

static unsigned int few(unsigned int class)
{
	bool many = thread_heap_count() > FEW_HEAPS;
	unsigned int most = many ? FEW_BLOCKS_MANY : FEW_BLOCKS;
	size_t fit = (many ? FEW_BYTES_MANY : FEW_BYTES) / class_table[class].size;

	if (fit == 0)
		fit = 1;
	return fit < most ? (unsigned int)fit : most;
}

static bool has_few_ready(const struct heap *heap, unsigned int class)
{
	unsigned int most = few(class);
	const struct block *block = heap->ready[class];

	while (block != NULL && most-- > 0)
		block = block->next;
	return block == NULL;
}

/*
 * How many are ready is found by walking their list, so that is done now and then: when as many were kept as are few,
 * and when a quarter of that was sent home, so that a thread which takes as many as it frees does not run out
 * meanwhile. One that only frees has the same result again and again; for it the number doubles.
 */
static void look(struct heap *heap, unsigned int class)
{
	uint8_t *left = &heap->classes[class].foreign_left, *sending = &heap->classes[class].foreign_sending;

	if (has_few_ready(heap, class) && young_takes(heap, class)) {
		*sending = 0;
		*left = (uint8_t)(2 * few(class));
		return;
	}
	*sending = (uint8_t)(*sending == 0                  ? few(class) / 2 + 1
	                     : *sending >= SENDING_MOST / 2 ? SENDING_MOST
	                                                    : 2 * *sending);
	*left = *sending;
}

bool foreign_keeps(struct heap *heap, unsigned int class)
{
	if (heap->classes[class].foreign_left == 0)
		look(heap, class);
	heap->classes[class].foreign_left--;
	if (heap->classes[class].foreign_sending != 0 || !young_takes(heap, class))
		return false;
	if (!foreign_ever_kept())
		__atomic_store_n(&ever_kept, true, __ATOMIC_RELAXED);
	return true;
}

bool foreign_ever_kept(void)
{
	return __atomic_load_n(&ever_kept, __ATOMIC_RELAXED);
}

void foreign_send_home(struct slab *slab, struct block *block)
{
	/* The slab cannot change hands while this block counts as live, which it does until its owner collects it. */
	struct heap *owner = slab_owner(slab);
	struct block *first = __atomic_load_n(&owner->remote, __ATOMIC_RELAXED);

	block->key = slab->key;
	do
		block->next = first;
	while (!__atomic_compare_exchange_n(&owner->remote, &first, block, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}
