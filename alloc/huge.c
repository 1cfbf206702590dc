// SPDX-License-Identifier: MIT
/*
 * huge: advice by mode, and what it goes by for chunks.
 */
#include "huge.h"

#include "options.h"
#include "os.h"

/* Enough chunks to see whether the program fills them, and so many that another one adds little. */
#define CHUNKS_LEAST 4

enum huge_advice huge_advise(void *base, size_t mapped, enum huge_advice advice, enum huge_advice before)
{
	long mode = option_value(OPTION_HUGE_PAGES);

	if (mode != HUGE_PAGES_AUTO)
		advice = mode == HUGE_PAGES_ON ? HUGE_WANTED : HUGE_FORBIDDEN;
	if (advice != before && advice != HUGE_UNADVISED)
		os_advise_huge(base, mapped, advice == HUGE_WANTED);
	return advice == HUGE_UNADVISED ? before : advice;
}

enum huge_advice huge_advice_for_chunk(size_t used, size_t counted)
{
	return counted >= CHUNKS_LEAST * CHUNK_SIZE && used >= counted / 8 * 7 ? HUGE_WANTED : HUGE_FORBIDDEN;
}

/* What is read of a block to see whether it was filled: so many pages of it, evenly apart. A page that was never
 * touched reads as zero, and takes no memory by that (the kernel maps its page of zeroes); of one that was, the first
 * words mostly tell. */
#define PAGES_READ   16
#define PAGES_FILLED (PAGES_READ / 8 * 7)
/* So many filled blocks in a row are believed. */
#define BLOCKS_IN_A_ROW 2

static COMPACT unsigned int filled_in_a_row;

static bool is_zero(const char *page)
{
	const uint64_t *word = (const uint64_t *)page;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		if (word[i] != 0)
			return false;
	return true;
}

/* Of so many blocks that were freed latest, so many may have been found untouched; and so many are looked at for each
 * new SuperSlab. */
#define FREED_LOOKED_AT 16
#define UNTOUCHED_MOST  (FREED_LOOKED_AT / 8)
#define LOOKS_AT_ONCE   4

COMPACT unsigned int huge_looks_left;
static COMPACT unsigned int untouched_lately; /* a bit for each */

/* Of threads that look at once one may be forgotten. */
void huge_look_at_freed(const char *block, size_t size)
{
	const char *page = (const char *)round_up((uintptr_t)block + size / 2, PAGE_SIZE);
	unsigned int before = __atomic_load_n(&untouched_lately, __ATOMIC_RELAXED);
	unsigned int left = __atomic_load_n(&huge_looks_left, __ATOMIC_RELAXED);

	if (left != 0)
		__atomic_store_n(&huge_looks_left, left - 1, __ATOMIC_RELAXED);
	__atomic_store_n(&untouched_lately, before << 1 | is_zero(page), __ATOMIC_RELAXED);
}

bool huge_blocks_get_filled(void)
{
	unsigned int lately = __atomic_load_n(&untouched_lately, __ATOMIC_RELAXED) & ((1u << FREED_LOOKED_AT) - 1);

	return __builtin_popcount(lately) <= UNTOUCHED_MOST;
}

void huge_look_at_more(void)
{
	unsigned int left = __atomic_load_n(&huge_looks_left, __ATOMIC_RELAXED) + LOOKS_AT_ONCE;

	if (option_value(OPTION_HUGE_PAGES) == HUGE_PAGES_AUTO)
		__atomic_store_n(&huge_looks_left, left < FREED_LOOKED_AT ? left : FREED_LOOKED_AT, __ATOMIC_RELAXED);
}

void huge_look_back(const char *base, size_t size)
{
	size_t apart = size / PAGES_READ / PAGE_SIZE * PAGE_SIZE;
	unsigned int filled = 0, before = __atomic_load_n(&filled_in_a_row, __ATOMIC_RELAXED);

	for (size_t i = 0; i < PAGES_READ; i++)
		filled += !is_zero(base + i * apart);
	if (filled < PAGES_FILLED)
		before = 0;
	else if (before < BLOCKS_IN_A_ROW)
		before++;
	__atomic_store_n(&filled_in_a_row, before, __ATOMIC_RELAXED);
}

bool huge_zeroes_get_filled(void)
{
	return __atomic_load_n(&filled_in_a_row, __ATOMIC_RELAXED) >= BLOCKS_IN_A_ROW;
}
