// SPDX-License-Identifier: MIT
/*
 * classes: the table of classes. It is compiled in, so looking a class up touches no memory that must be written.
 */
#include "classes.h"

/* floor(2^64 / size) + 1: of a power of two, which divides 2^64, too. */
#define RECIPROCAL(size) (((size) & ((size)-1) ? UINT64_MAX / (size) : UINT64_MAX / (size) + 1) + 1)
#define CLASS(size)                                                                                                    \
	{                                                                                                              \
		(size), SLAB_SIZE / (size), RECIPROCAL(size)                                                           \
	}
/* Eight classes from just above `base` to 2 * base. */
#define DOUBLING(base)                                                                                                 \
	CLASS((base) / 8 * 9), CLASS((base) / 8 * 10), CLASS((base) / 8 * 11), CLASS((base) / 8 * 12),                 \
	    CLASS((base) / 8 * 13), CLASS((base) / 8 * 14), CLASS((base) / 8 * 15), CLASS((base) / 8 * 16)

const struct class_info class_table[CLASS_COUNT] = {
    CLASS(16),
    CLASS(32),
    CLASS(48),
    CLASS(64),
    CLASS(80),
    CLASS(96),
    CLASS(112),
    CLASS(128),
    DOUBLING(128),
    DOUBLING(256),
    DOUBLING(512),
    DOUBLING(1024),
    DOUBLING(2048),
    DOUBLING(4096),
    DOUBLING(8192),
};

unsigned int class_of_aligned(size_t size, size_t alignment)
{
	if (size > SMALL_SIZE_MAX || alignment > SMALL_SIZE_MAX)
		return CLASS_COUNT;
	for (unsigned int class = class_of_size(size); class < CLASS_COUNT; class ++)
		if (class_table[class].size % alignment == 0)
			return class;
	return CLASS_COUNT;
}
