/* SPDX-License-Identifier: MIT */
/*
 * The size classes: 16 to 128 bytes in steps of 16, then eight classes a doubling up to 16 KiB, so that at most one
 * eighth of a block is waste. All are multiples of 16, and every power of two is a class, so that an aligned block is
 * an ordinary block of a class that is a multiple of the alignment.
 *
 * Above 16 KiB slabs are longer, so that several blocks have room in one: 256 KiB, from 32 KiB on 512, from 64 KiB on 1
 * MiB. There the classes are what such a slab gives when it is cut into 14, 13, ... 8 blocks: seven a doubling, and
 * nothing is left behind the last block. That few of them are multiples of a page is as well: were all blocks to begin
 * at a page, their first lines, which programs touch most, would compete for a sixty-fourth of the processor's first
 * cache.
 */
#ifndef HAKMEM_CLASSES_H
#define HAKMEM_CLASSES_H

#include "common.h"

#define CLASS_COUNT     84
#define SMALL_SIZE_MAX  ((size_t)115712) /* the largest block that lives in a slab */
#define SINGLE_CLASSES  64               /* those whose slabs are of SLAB_SIZE */
#define SINGLE_SIZE_MAX ((size_t)16384)
#define LENGTHS         5 /* slabs are of SLAB_SIZE << length */

/* Up to here each heap has a table of its own that says which class serves a size, by the byte. */
#define TABLE_SIZE_MAX ((size_t)1024)

struct class_info {
	uint32_t size;
	uint16_t capacity;   /* blocks in a slab */
	uint8_t length;      /* its slabs are of SLAB_SIZE << length */
	uint64_t reciprocal; /* see class_limit */
};

extern HIDDEN const struct class_info class_table[CLASS_COUNT];

/* All classes above TABLE_SIZE_MAX are multiples of it. */
#define CLASS_STEP ((size_t)128)
extern HIDDEN const uint8_t class_by_step[SMALL_SIZE_MAX / CLASS_STEP + 1];

/* The class that serves a size (<= SMALL_SIZE_MAX) with the least waste. */
static inline unsigned int class_of_size(size_t size)
{
	size_t last = size - 1;
	unsigned int logarithm;

	if (size > TABLE_SIZE_MAX)
		return class_by_step[(size + CLASS_STEP - 1) / CLASS_STEP];
	if (size <= 128)
		return size <= 16 ? 0 : (unsigned int)(last >> 4);
	logarithm = 63 - (unsigned int)__builtin_clzl(last);
	return 8 * (logarithm - 6) + ((unsigned int)(last >> (logarithm - 3)) & 7);
}

/*
 * One multiplication and one comparison tell whether a pointer is the start of one of a slab's first `count` blocks,
 * after Lemire, Kaser and Kurz (Faster remainder by direct computation, 2019). The reciprocal is R = floor(2^64 / size)
 * plus 1, and it is too large by little: e = R * size - 2^64 is from 1 to size. Then
 *
 *     (pointer - base) * R mod 2^64 < count * e    exactly when    pointer is base + i * size with 0 <= i < count
 *
 * For base + i * size + r, with 0 <= r < size, the product is i * e + r * R. With r = 0 that is below count * e exactly
 * when i < count. With another r it is at least R, above 2^47, and count * e is at most a slab's length. Nothing wraps
 * around, because r * R is at most 2^64 - R + e, and i * e, which is at most e / size of pointer - base, itself well
 * below 2^48, is less than R - e: classes.c checks that. Below the base the product is 2^64 minus one of these,
 * which is above that bound, too. So any address a program can have may be asked about.
 */
static inline uint64_t class_limit(unsigned int class, unsigned int count)
{
	return count * (class_table[class].reciprocal * class_table[class].size);
}

static inline bool class_is_block(uintptr_t distance, uint64_t reciprocal, uint64_t limit)
{
	return distance * reciprocal < limit;
}

static inline bool class_is_single(unsigned int class)
{
	return class < SINGLE_CLASSES;
}

/* Bytes of a slab of the class. */
static inline size_t class_slab_size(unsigned int class)
{
	return SLAB_SIZE << class_table[class].length;
}

/* Pages of a slab of the class that blocks reach. */
static inline unsigned int class_pages(unsigned int class)
{
	size_t bytes = (size_t)class_table[class].capacity * class_table[class].size;

	return (unsigned int)(round_up(bytes, PAGE_SIZE) / PAGE_SIZE);
}

/* The smallest class whose blocks hold `size` bytes and are multiples of `alignment`; CLASS_COUNT when there is none.
 */
unsigned int class_of_aligned(size_t size, size_t alignment);

#endif
