// SPDX-License-Identifier: MIT
/*
 * classes: the tables of classes. They are compiled in, so looking a class up touches no memory that must be written.
 */
#include "classes.h"

/* floor(2^64 / size) + 1: of a power of two, which divides 2^64, too. */
#define RECIPROCAL(size) (((size) & ((size)-1) ? UINT64_MAX / (size) : UINT64_MAX / (size) + 1) + 1)
#define INFO(size, blocks, length)                                                                                     \
	{                                                                                                              \
		(uint32_t)(size), (blocks), (length), RECIPROCAL(size)                                                 \
	}
#define CLASS(size) INFO(size, SLAB_SIZE / (size), 0)
/* Eight classes from just above `base` to 2 * base. */
#define DOUBLING(base)                                                                                                 \
	CLASS((base) / 8 * 9), CLASS((base) / 8 * 10), CLASS((base) / 8 * 11), CLASS((base) / 8 * 12),                 \
	    CLASS((base) / 8 * 13), CLASS((base) / 8 * 14), CLASS((base) / 8 * 15), CLASS((base) / 8 * 16)

/* The classes of long slabs: the size before, the size, and how long their slabs are. A size is what a slab gives when
 * it is cut into 14, 13, ... blocks, less some steps where a reciprocal would be too far off. */
/* clang-format off */
#define LONG_CLASSES(make) \
	make(16384, 18688, 2) make(18688, 20096, 2) make(20096, 21760, 2) make(21760, 23808, 2) \
	make(23808, 26112, 2) make(26112, 29056, 2) make(29056, 32768, 2) make(32768, 37376, 3) \
	make(37376, 40320, 3) make(40320, 43648, 3) make(43648, 47616, 3) make(47616, 52352, 3) \
	make(52352, 58240, 3) make(58240, 65536, 3) make(65536, 74496, 4) make(74496, 80256, 4) \
	make(80256, 87040, 4) make(87040, 94720, 4) make(94720, 104448, 4) make(104448, 115712, 4)
/* clang-format on */
/* Pages that a slab can have are counted in 8 bits. */
#define ROOM(length)                                                                                                   \
	(((SLAB_SIZE << (length)) - 1) / PAGE_SIZE < UINT8_MAX ? SLAB_SIZE << (length) : UINT8_MAX * PAGE_SIZE)
#define LONG(before, size, length) INFO(size, ROOM(length) / (size), length),

const struct class_info class_table[CLASS_COUNT] = {CLASS(16), CLASS(32), CLASS(48), CLASS(64), CLASS(80), CLASS(96),
    CLASS(112), CLASS(128), DOUBLING(128), DOUBLING(256), DOUBLING(512), DOUBLING(1024), DOUBLING(2048), DOUBLING(4096),
    DOUBLING(8192), LONG_CLASSES(LONG)};

/* What class_limit says of a reciprocal: two addresses, of which one is a slab's, are less than that apart. */
#define FARTHEST     ((UINT64_C(1) << 48) - CHUNK_SIZE)
#define EXCESS(size) (RECIPROCAL(size) * (size))
#define CHECK(before, size, length)                                                                                    \
	_Static_assert((FARTHEST / (size) + 1) * EXCESS(size) + EXCESS(size) < RECIPROCAL(size), "a long slab's "      \
	                                                                                         "class");
LONG_CLASSES(CHECK)

/* Of sizes above `before`, up to `last`. */
#define STEPS(before, last, class) [(before) / CLASS_STEP + 1 ...(last) / CLASS_STEP] = (class),
#define EIGHTH(base, eighth, class)                                                                                    \
	STEPS((base) / 8 * (7 + (eighth)), (base) / 8 * (8 + (eighth)), (class) + (eighth)-1)
#define STEPS_OF_DOUBLING(base, class)                                                                                 \
	EIGHTH(base, 1, class)                                                                                         \
	EIGHTH(base, 2, class)                                                                                         \
	EIGHTH(base, 3, class)                                                                                         \
	EIGHTH(base, 4, class)                                                                                         \
	EIGHTH(base, 5, class) EIGHTH(base, 6, class) EIGHTH(base, 7, class) EIGHTH(base, 8, class)
/* Counted in the order of the list. */
#define NUMBER(before, size, length)        LONG_##size,
#define STEPS_OF_LONG(before, size, length) STEPS(before, size, SINGLE_CLASSES + LONG_##size)

enum { LONG_CLASSES(NUMBER) LONG_COUNT };
_Static_assert(SINGLE_CLASSES + LONG_COUNT == CLASS_COUNT, "as many classes as there are");

const uint8_t class_by_step[SMALL_SIZE_MAX / CLASS_STEP + 1] = {STEPS_OF_DOUBLING(1024, 32) STEPS_OF_DOUBLING(2048, 40)
        STEPS_OF_DOUBLING(4096, 48) STEPS_OF_DOUBLING(8192, 56) LONG_CLASSES(STEPS_OF_LONG)};

unsigned int class_of_aligned(size_t size, size_t alignment)
{
	if (size > SMALL_SIZE_MAX || alignment > SMALL_SIZE_MAX)
		return CLASS_COUNT;
	for (unsigned int class = class_of_size(size); class < CLASS_COUNT; class ++)
		if (class_table[class].size % alignment == 0)
			return class;
	return CLASS_COUNT;
}
