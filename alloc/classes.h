/* SPDX-License-Identifier: MIT */
/*
 * The size classes: 16 to 128 bytes in steps of 16, then eight classes a doubling up to 16 KiB, so that at most one
 * eighth of a block is waste. All are multiples of 16, and every power of two is a class, so that an aligned block is
 * an ordinary block of a class that is a multiple of the alignment.
 */
#ifndef HAKMEM_CLASSES_H
#define HAKMEM_CLASSES_H

#include "common.h"

#define CLASS_COUNT    64
#define SMALL_SIZE_MAX ((size_t)16384) /* the largest block that lives in a slab */

/* Up to STEP_SIZE_MAX the class comes from a table indexed by 16-byte step, of which each heap holds a copy. */
#define STEP_SIZE_MAX ((size_t)1024)
#define STEP_COUNT    (STEP_SIZE_MAX / 16 + 1)

struct class_info {
	uint16_t size;
	uint16_t capacity;   /* blocks in a slab */
	uint32_t reciprocal; /* 2^32 / size, rounded up: see class_divides */
};

extern const struct class_info class_table[CLASS_COUNT];
extern const uint8_t class_of_step[STEP_COUNT];

/* The class that serves a size (<= SMALL_SIZE_MAX) with the least waste. */
static inline unsigned int class_of_size(size_t size)
{
	size_t last = size - 1;
	unsigned int logarithm;

	if (size <= 128)
		return size <= 16 ? 0 : (unsigned int)(last >> 4);
	logarithm = 63 - (unsigned int)__builtin_clzl(last);
	return 8 * (logarithm - 6) + ((unsigned int)(last >> (logarithm - 3)) & 7);
}

/*
 * Whether an offset within a slab is a multiple of the block size, by one multiplication (Lemire, Kaser, Kurz: Faster
 * remainder by direct computation, 2019): offset * ceil(2^32 / size) mod 2^32 is below the reciprocal exactly when
 * size divides the offset, for 16-bit operands.
 */
static inline bool class_divides(uint32_t offset, uint32_t reciprocal)
{
	return offset * reciprocal < reciprocal;
}

/* The index of the block at an offset. */
static inline unsigned int class_index(uint32_t offset, uint32_t reciprocal)
{
	return (unsigned int)(((uint64_t)offset * reciprocal) >> 32);
}

/* The smallest class whose blocks hold `size` bytes and are multiples of `alignment`; CLASS_COUNT when there is none.
 */
unsigned int class_of_aligned(size_t size, size_t alignment);

#endif
