// SPDX-License-Identifier: MIT
/*
 * classes: the tables of classes. They are compiled in, so looking a class up touches no memory that must be written.
 */
#include "classes.h"

#include "slab.h"

/* floor(2^64 / size) + 1: of a power of two, which divides 2^64, too. */
#define RECIPROCAL(size) (((size) & ((size)-1) ? UINT64_MAX / (size) : UINT64_MAX / (size) + 1) + 1)
#define INFO(size, blocks, length)                                                                                     \
	{                                                                                                              \
		(uint32_t)(size), (blocks), (length), RECIPROCAL(size)                                                 \
	}

/* All classes, in rising order. A doubling is eight from just above `base` to 2 * base; of base 0, the first eight. The
 * others are those of long slabs: the size before, the size, and how long their slabs are. Such a size is what a slab
 * gives when it is cut into 14, 13, ... blocks, less some steps where a reciprocal would be too far off. */
/* clang-format off */
#define DOUBLING(make, base) \
	make(base, 1) make(base, 2) make(base, 3) make(base, 4) make(base, 5) make(base, 6) make(base, 7) make(base, 8)
#define TABLE_CLASSES(make) DOUBLING(make, 0) DOUBLING(make, 128) DOUBLING(make, 256) DOUBLING(make, 512)
#define STEP_CLASSES(make) DOUBLING(make, 1024) DOUBLING(make, 2048) DOUBLING(make, 4096) DOUBLING(make, 8192)
#define LONG_CLASSES(make) \
	make(16384, 18688, 2) make(18688, 20096, 2) make(20096, 21760, 2) make(21760, 23808, 2) \
	make(23808, 26112, 2) make(26112, 29056, 2) make(29056, 32768, 2) make(32768, 37376, 3) \
	make(37376, 40320, 3) make(40320, 43648, 3) make(43648, 47616, 3) make(47616, 52352, 3) \
	make(52352, 58240, 3) make(58240, 65536, 3) make(65536, 74496, 4) make(74496, 80256, 4) \
	make(80256, 87040, 4) make(87040, 94720, 4) make(94720, 104448, 4) make(104448, 115712, 4)
/* clang-format on */

#define SIZE(base, eighth)  ((base) == 0 ? (eighth)*BLOCK_ALIGNMENT : (size_t)(base) / 8 * (8 + (eighth)))
#define CLASS(base, eighth) INFO(SIZE(base, eighth), SLAB_SIZE / SIZE(base, eighth), 0),
/* Pages that a slab can have are counted in 8 bits. */
#define ROOM(length)                                                                                                   \
	(((SLAB_SIZE << (length)) - 1) / PAGE_SIZE < SLAB_PAGES_MOST ? SLAB_SIZE << (length)                           \
	                                                             : SLAB_PAGES_MOST * PAGE_SIZE)
#define LONG(before, size, length) INFO(size, ROOM(length) / (size), length),

const struct class_info class_table[CLASS_COUNT] = {TABLE_CLASSES(CLASS) STEP_CLASSES(CLASS) LONG_CLASSES(LONG)};

#define NUMBER(base, eighth)              CLASS_##base##_##eighth,
#define NUMBER_LONG(before, size, length) CLASS_##size,

enum { TABLE_CLASSES(NUMBER) STEP_CLASSES(NUMBER) LONG_CLASSES(NUMBER_LONG) LISTED_CLASSES };
_Static_assert(LISTED_CLASSES == CLASS_COUNT, "as many classes as there are");
_Static_assert(CLASS_8192_8 + 1 == SINGLE_CLASSES && SIZE(8192, 8) == SINGLE_SIZE_MAX, "the last one of short slabs");
_Static_assert(SIZE(512, 8) == TABLE_SIZE_MAX, "beyond the table are steps");

/* What class_limit says of a reciprocal: two addresses, of which one is a slab's, are less than that apart. */
#define FARTHEST     ((UINT64_C(1) << 48) - CHUNK_SIZE)
#define EXCESS(size) (RECIPROCAL(size) * (size))
#define CHECK(before, size, length)                                                                                    \
	_Static_assert((FARTHEST / (size) + 1) * EXCESS(size) + EXCESS(size) < RECIPROCAL(size), "told from others");  \
	_Static_assert((CLASS_##size + 1 == CLASS_COUNT) == ((size) == SMALL_SIZE_MAX), "the largest is the last");    \
	_Static_assert((size) % CLASS_STEP == 0 && (length) > 0 && (length) < LENGTHS, "has steps and a length");
LONG_CLASSES(CHECK)

/* Of sizes above `before`, up to `last`. */
#define STEPS(before, last, class)          [(before) / CLASS_STEP + 1 ...(last) / CLASS_STEP] = (class),
#define STEPS_OF_EIGHTH(base, eighth)       STEPS(SIZE(base, (eighth)-1), SIZE(base, eighth), CLASS_##base##_##eighth)
#define STEPS_OF_LONG(before, size, length) STEPS(before, size, CLASS_##size)

const uint8_t class_by_step[SMALL_SIZE_MAX / CLASS_STEP + 1] = {
    STEP_CLASSES(STEPS_OF_EIGHTH) LONG_CLASSES(STEPS_OF_LONG)};

unsigned int class_of_aligned(size_t size, size_t alignment)
{
	if (size > SMALL_SIZE_MAX || alignment > SMALL_SIZE_MAX)
		return CLASS_COUNT;
	for (unsigned int class = class_of_size(size); class < CLASS_COUNT; class ++)
		if (class_table[class].size % alignment == 0)
			return class;
	return CLASS_COUNT;
}
