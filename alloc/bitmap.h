/* SPDX-License-Identifier: MIT */
/*
 * Bitmaps of a chunk's 512 pages.
 */
#ifndef HAKMEM_BITMAP_H
#define HAKMEM_BITMAP_H

#include "common.h"

#define BITMAP_BITS  512
#define BITMAP_WORDS (BITMAP_BITS / 64)

/* The first bit at or after `from` that has the value, or BITMAP_BITS. */
static inline unsigned int bitmap_next(const uint64_t *bitmap, unsigned int from, bool value)
{
	while (from < BITMAP_BITS) {
		uint64_t word = (value ? bitmap[from / 64] : ~bitmap[from / 64]) >> (from % 64);

		if (word != 0)
			return from + (unsigned int)__builtin_ctzll(word);
		from = (from / 64 + 1) * 64;
	}
	return BITMAP_BITS;
}

static inline void bitmap_fill(uint64_t *bitmap, unsigned int from, unsigned int count, bool value)
{
	while (count > 0) {
		unsigned int bit = from % 64;
		unsigned int here = count < 64 - bit ? count : 64 - bit;
		uint64_t mask = (here == 64 ? ~0ULL : (1ULL << here) - 1) << bit;

		if (value)
			bitmap[from / 64] |= mask;
		else
			bitmap[from / 64] &= ~mask;
		from += here;
		count -= here;
	}
}

static inline unsigned int bitmap_count(const uint64_t *bitmap, unsigned int from, unsigned int count)
{
	unsigned int total = 0;

	while (count > 0) {
		unsigned int bit = from % 64;
		unsigned int here = count < 64 - bit ? count : 64 - bit;
		uint64_t mask = (here == 64 ? ~0ULL : (1ULL << here) - 1) << bit;

		total += (unsigned int)__builtin_popcountll(bitmap[from / 64] & mask);
		from += here;
		count -= here;
	}
	return total;
}

/* The lowest run of `count` <= 64 clear bits, or BITMAP_BITS: all 64 places of a word are tried at once, by and-ing the
 * free bits with themselves shifted until each bit says that `count` bits from it on are free. */
static inline unsigned int bitmap_find_short(const uint64_t *bitmap, unsigned int count)
{
	for (unsigned int word = 0; word < BITMAP_WORDS; word++) {
		unsigned __int128 unused = word + 1 < BITMAP_WORDS ? ~bitmap[word + 1] : 0;
		unsigned int done = 1;

		unused = unused << 64 | ~bitmap[word];
		while (done < count) {
			unsigned int shift = done < count - done ? done : count - done;

			unused &= unused >> shift;
			done += shift;
		}
		if ((uint64_t)unused != 0)
			return word * 64 + (unsigned int)__builtin_ctzll((uint64_t)unused);
	}
	return BITMAP_BITS;
}

/* The lowest run of `count` clear bits that starts at a multiple of `step`, or BITMAP_BITS. */
static inline unsigned int bitmap_find_clear(const uint64_t *bitmap, unsigned int count, unsigned int step)
{
	unsigned int start = 0;

	if (step == 1 && count <= 64)
		return bitmap_find_short(bitmap, count);
	for (;;) {
		unsigned int end;

		start = bitmap_next(bitmap, start, false);
		start = (start + step - 1) / step * step;
		if (start + count > BITMAP_BITS)
			return BITMAP_BITS;
		end = bitmap_next(bitmap, start, true);
		if (end >= start + count)
			return start;
		start = end;
	}
}

#endif
