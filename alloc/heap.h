/* SPDX-License-Identifier: MIT */
/*
 * A heap: what one thread allocates small blocks from. Only the thread that holds it touches it, without atomics; other
 * threads reach it by one lock-free list, onto which they push blocks that they free.
 *
 * The fast paths are the first half of malloc and free (api.h): the ready list of a class, and `near`, by which free
 * recognises a block of this very heap in one comparison.
 */
#ifndef HAKMEM_HEAP_H
#define HAKMEM_HEAP_H

#include "classes.h"
#include "common.h"
#include "slab.h"

#define HEAP_READY_WORD (sizeof(struct slab) / sizeof(struct block *))
#define NEAR_ENTRIES    2048 /* 128 MiB of neighbouring slabs without collision: beyond, free often guesses wrong */

enum heap_state {
	HEAP_ATTACHED,  /* a thread has it */
	HEAP_ABANDONED, /* its thread has ended: the next new thread takes it over */
	HEAP_FROZEN,    /* its thread does not exist in this forked child: blocks freed to it queue up */
};

/* What a heap has of a class, but for what is ready. It lies together, so that a thread which uses few classes touches
 * little: the largest come last. */
struct heap_class {
	struct slab *current; /* the latest of its current slabs */
	struct slab *partial;
	uint64_t handed_out; /* blocks ever put on the ready list, but for what the current slabs count */
	/* Of blocks of other heaps that it frees: how many more it keeps, or else sends home, before it looks how many
	 * are ready; and how many it was to keep or send when it last looked. See foreign.c. */
	uint16_t foreign_keeping, foreign_kept;
	uint8_t foreign_sending, foreign_sent;
	uint8_t rent;     /* blocks borrowed from larger classes since the class last got a page */
	uint8_t released; /* slabs given back since the class was settled */
};

struct heap {
	union {
		struct {
			/* A slab that no address belongs to: an empty near entry (distance 0) leads here. */
			struct slab nowhere;
			struct block *ready[CLASS_COUNT];
		};
		struct block *word[HEAP_READY_WORD + CLASS_COUNT];
	};
	/* By size: which word begins the ready list that serves it, so that malloc need not add. */
	uint8_t ready_word[TABLE_SIZE_MAX + 1];
	uint8_t state;
	uint8_t long_turn;       /* the class of long slabs whose current ones had to make room last */
	uint8_t look_turn;       /* the one that is looked at next */
	bool ready_kept;         /* abandoned with its ready blocks */
	bool untouched;          /* what was handed out last may lie in pages that nobody has touched: see sites.h */
	uint32_t number;         /* counts heaps from 1 */
	uint32_t looks;          /* at current slabs that may be empty, see watch() */
	uint32_t long_looks;     /* the same at long ones, in vain since one came or went */
	uint32_t fresh_pages;    /* carvings that touched one for the first time, while the heap is young */
	size_t long_bytes;       /* of long slabs that are current */
	size_t empty_bytes;      /* of these, carved, that were seen to be free */
	size_t empty_seen;       /* the same of the classes before look_turn */
	struct heap *next_known; /* all heaps ever made */
	struct heap *next_abandoned;
	struct run_cache *runs;            /* see runs.h; NULL until it has one */
	_Alignas(64) struct block *remote; /* pushed by other threads, taken whole by the owner */
	_Alignas(64) struct heap_class classes[CLASS_COUNT];
	/* Direct-mapped by address >> 16: the distance in bytes from the heap to a slab of its own, or 0. */
	_Alignas(64) intptr_t near[NEAR_ENTRIES];
};

/* The thread's heap. Never NULL: a thread that has none yet, or none any more, has one of these two, in which every
 * look-up fails, so the fast paths need no test. */
extern HIDDEN _Thread_local struct heap *heap_current;
extern HIDDEN const struct heap heap_none;
extern HIDDEN const struct heap heap_exited;

static inline bool heap_is_real(const struct heap *heap)
{
	return heap != &heap_none && heap != &heap_exited;
}

static inline intptr_t *heap_near_entry(struct heap *heap, const void *address)
{
	return &heap->near[(uintptr_t)address >> HAKMEM_SLAB_SHIFT & (NEAR_ENTRIES - 1)];
}

/* The slab of this heap's that an address may belong to: if it does not, it belongs to none that is remembered. */
static inline struct slab *heap_near_slab(struct heap *heap, const void *address)
{
	return (struct slab *)((char *)heap + *heap_near_entry(heap, address));
}

/* The class that serves a size up to TABLE_SIZE_MAX: a heap may be coarser than class_of_size, never finer. */
static inline unsigned int heap_class(const struct heap *heap, size_t size)
{
	return heap->ready_word[size] - HEAP_READY_WORD;
}

/* From the ready list at a word. */
static inline struct block *heap_pop(struct heap *heap, size_t word)
{
	struct block *block = heap->word[word];

	if (LIKELY(block != NULL)) {
		heap->word[word] = block->next;
		block->key = 0;
	}
	return block;
}

/* Fills in a zeroed heap. */
void heap_begin(struct heap *heap, uint32_t number);
/* A block when the ready list is empty; NULL when there is no memory. exact: of this very class, whose blocks are
 * aligned as the caller wants it, and of no larger one. *zeroed: the whole block is known to be zero. */
void *heap_refill(struct heap *heap, unsigned int class, bool exact, bool *zeroed);
/* The countdown of a slab of the calling thread's heap has reached zero, in a free() called from `caller`. */
void heap_attend(struct slab *slab, const void *caller);
/* Frees a block of one of the heap's own slabs, which is known to be a live block. */
void heap_free_local(struct slab *slab, struct block *block);
/* Frees a block of a slab that another heap owns: it is kept for this one, or goes home. */
void heap_free_foreign(struct heap *heap, struct slab *slab, struct block *block);
/* Whether a block that bears its slab's key is on a free list, as far as can be told. */
bool heap_may_be_free(struct heap *heap, struct slab *slab, const struct block *block);
/* Takes in what other threads have freed. */
void heap_collect(struct heap *heap);
/* Gives up all ready blocks and current slabs; empty slabs go back to the pool. */
void heap_flush(struct heap *heap);
/* The same of what is large: medium runs and long slabs. True when there was anything. */
bool heap_flush_large(struct heap *heap);
/* Frees of blocks that are neighbours of the address find the slab from now on. */
void heap_remember_near(struct heap *heap, struct slab *slab, const void *address);
/* The slab of a block, which is known to be one. */
struct slab *heap_slab_of(struct heap *heap, const struct block *block);

#endif
