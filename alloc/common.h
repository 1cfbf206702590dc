/* SPDX-License-Identifier: MIT */
/*
 * What every box shares: branch hints, sizes, rounding. Nothing here has state.
 */
#ifndef HAKMEM_COMMON_H
#define HAKMEM_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hakmem_map.h"

#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define EXPORT              __attribute__((visibility("default")))
#define NOINLINE            __attribute__((noinline))
/* Of a variable that another file defines: without it the compiler takes its address from a table. */
#define HIDDEN __attribute__((visibility("hidden")))

/* For small variables: kept together in .data, on a page that start-up touches anyway. In .bss they would lie scattered
 * among page-aligned tables, a page and a fault each. */
#define COMPACT __attribute__((section(".data")))

/*
 * Defines `name`, a zeroed page-aligned table of `size` bytes in a section of its own behind .bss. (Page-aligned
 * objects in .bss itself would push all of .bss, the program's included when linked statically, onto pages of its own.)
 * The size must be a number that an assembler reads; the table's declaration checks it.
 */
#define TABLE_VISIBLE(name, size)                                                                                      \
	__asm__(".pushsection .hakmem_tables,\"aw\",%nobits\n.balign 4096\n.globl " #name "\n.type " #name             \
	        ", %object\n.size " #name ", " #size "\n" #name ":\n.zero " #size "\n.balign 4096\n.popsection")
#define TABLE(name, size)                                                                                              \
	TABLE_VISIBLE(name, size);                                                                                     \
	__asm__(".hidden " #name)

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* The page that bump allocation paces itself by. A kernel with larger pages stays correct: only calls to the kernel
 * depend on the true page size, and their failure is always handled. */
#define PAGE_SIZE  ((size_t)4096)
#define SLAB_SIZE  ((size_t)1 << HAKMEM_SLAB_SHIFT)
#define CHUNK_SIZE ((size_t)1 << HAKMEM_CHUNK_SHIFT)

/* The largest object that C allows: a difference of two of its pointers must fit ptrdiff_t. */
#define SIZE_LIMIT ((size_t)PTRDIFF_MAX)

/* The alignment of every block, as the x86-64 and AArch64 ABIs want it (max_align_t). */
#define BLOCK_ALIGNMENT ((size_t)16)

static inline size_t round_up(size_t value, size_t power_of_two)
{
	return (value + power_of_two - 1) & ~(power_of_two - 1);
}

static inline size_t round_down(size_t value, size_t power_of_two)
{
	return value & ~(power_of_two - 1);
}

static inline bool is_power_of_two(size_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static inline unsigned int larger(unsigned int one, unsigned int other)
{
	return one > other ? one : other;
}

static inline unsigned int smaller(unsigned int one, unsigned int other)
{
	return one < other ? one : other;
}

#endif
