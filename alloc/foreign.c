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
#define FEW_BLOCKS_MANY 120
#define FEW_BYTES_MANY  ((size_t)64 << 10)
#define SENDING_MOST    64

/* A thread that takes as many as it frees keeps up to so many bytes of a class from one look to the next. */
#define KEEPING_BYTES ((size_t)256 << 10)

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

/* Of blocks: twice as many as last time, twice `few` at the least. */
static unsigned int next_to_keep(const struct heap_class *of, unsigned int class)
{
	unsigned int fit = (unsigned int)(KEEPING_BYTES / class_table[class].size);

	return larger(smaller(2 * of->foreign_kept, fit), 2 * few(class));
}

/* Half of `few` at the least. */
static unsigned int next_to_send(const struct heap_class *of, unsigned int class)
{
	return smaller(larger(2 * of->foreign_sent, few(class) / 2 + 1), SENDING_MOST);
}

/*
 * How many are ready is found by walking their list. Where threads are many that is a miss of the processor's caches
 * for each, so it is done now and then: when some more were kept, and when less than `few` were sent home, so that a
 * thread which takes as many as it frees does not run out meanwhile. Who takes as many as it frees has the same result
 * again and again, and so has who only frees: then these numbers double.
 */
static void look(struct heap *heap, unsigned int class)
{
	struct heap_class *of = &heap->classes[class];

	if (has_few_ready(heap, class) && young_takes(heap, class)) {
		of->foreign_keeping = of->foreign_kept = (uint16_t)next_to_keep(of, class);
		of->foreign_sent = 0;
	} else {
		of->foreign_sending = of->foreign_sent = (uint8_t)next_to_send(of, class);
		of->foreign_kept = 0;
	}
}

bool foreign_keeps(struct heap *heap, unsigned int class)
{
	struct heap_class *of = &heap->classes[class];

	if (of->foreign_keeping == 0 && of->foreign_sending == 0)
		look(heap, class);
	if (of->foreign_keeping == 0) {
		of->foreign_sending--;
		return false;
	}
	of->foreign_keeping--;
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
