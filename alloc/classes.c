// SPDX-License-Identifier: MIT
/*
 * classes: the two constant tables. They are compiled in, so looking a class up touches no memory that must be written.
 */
#include "classes.h"

#define RECIPROCAL(size) ((uint32_t)((0x100000000ULL + (size)-1) / (size)))
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

#define TWICE(class)      class, class
#define FOUR_TIMES(class) TWICE(class), TWICE(class)

const uint8_t class_of_step[STEP_COUNT] = {
    0, /* malloc(0) */
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    TWICE(16),
    TWICE(17),
    TWICE(18),
    TWICE(19),
    TWICE(20),
    TWICE(21),
    TWICE(22),
    TWICE(23),
    FOUR_TIMES(24),
    FOUR_TIMES(25),
    FOUR_TIMES(26),
    FOUR_TIMES(27),
    FOUR_TIMES(28),
    FOUR_TIMES(29),
    FOUR_TIMES(30),
    FOUR_TIMES(31),
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
