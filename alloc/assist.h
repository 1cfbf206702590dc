/* SPDX-License-Identifier: MIT */
/*
 * Assistance (HAKMEM_ASSIST): what the policy (policy.h) is told, and what it answered last. Off, nothing here does
 * anything, but for a load and a branch where pages are touched for the first time. What is set by hand wins:
 * HAKMEM_SS_PREFAULT over batches, HAKMEM_THP over huge pages.
 *
 * All that is counted is counted where a page, a slab or a chunk comes or goes, or by the helper.
 */
#ifndef HAKMEM_ASSIST_H
#define HAKMEM_ASSIST_H

#include "costs.h"
#include "huge.h"
#include "policy.h"

/* While the library starts; not in hardened mode. */
void assist_start(void);
bool assist_is_on(void);
/* Asks who can tell what memory costs, once so much of it was touched that this may pay. */
void assist_ask(void);

/* Memory is about to be taken: no lock is held, and the heap is whole. */
static inline void assist_look(void)
{
	if (UNLIKELY(__atomic_load_n(&costs_awaited, __ATOMIC_RELAXED)))
		assist_ask();
}

/* --- Prefault --- */

/* Batches follow the policy. */
bool assist_prefaults(void);
/* Carving touches the next `needed` pages of the `room` that are left of a slab of the class, for the first time. How
 * many to make present; 0 for none. */
unsigned int assist_batch(unsigned int class, unsigned int needed, unsigned int room);
/* So many pages were made present before they are needed, or the kernel refused. */
void assist_went_ahead(unsigned int pages, bool done);
/* So many of these are needed now; or not, and given back untouched. */
void assist_caught_up(unsigned int pages, bool needed);
/* A slab of the class has been carved to its end for the first time. */
void assist_slab_filled(unsigned int class);
/* One was given back of which so many pages were ever touched, all by this class. The SuperSlabs' lock is held. */
void assist_slab_ended(unsigned int class, unsigned int touched);
/* One is about to be taken. The SuperSlabs' lock is held. */
void assist_slab_taken(unsigned int class);

/* --- Huge pages --- */

/* The newest chunks of a pool, added up: assist_look_at() each, then ask. Under the pool's lock; small: number 0. */
struct assist_chunks {
	size_t used;
	size_t counted;
	struct policy_sum small;
	struct policy_sum huge;
};

/* One that has `used` bytes in use, and was advised to have huge pages or not. guessed: these need not be touched,
 * though who had them could have, and what is, who counted from its beginning on knows better. */
void assist_look_at(struct assist_chunks *chunks, const void *base, size_t used, bool huge, bool guessed);
enum huge_advice assist_advice(enum policy_pool pool, unsigned int number, const struct assist_chunks *chunks);
/* The kernel gives huge pages where they are asked for, as far as is known. */
bool assist_huge_is_given(void);

/* --- Delay --- */

/* Pages are touched for the first time, or again after they were given back. */
void assist_count_touched(enum policy_pool pool, size_t pages, bool huge);
/* Memory of a pool was given back because nobody needed it. */
void assist_count_returned(enum policy_pool pool, size_t bytes);

/* The helper's alone, and only while assistance is on. It begins. */
void assist_delay_begin(void);
/* The delay in ticks of the helper, ten a second. */
unsigned int assist_delay_ticks(void);
/* A tick has passed, in which so much was kept at the least. Returns how much of it nobody needed for a delay. */
size_t assist_delay_tick(size_t lowest);
/* So much was given back of that. */
void assist_delay_gave(size_t bytes);

/* Each decision, with its reason and what it goes by, to standard error. */
void assist_print(void);

#endif
