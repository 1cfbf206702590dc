/* SPDX-License-Identifier: MIT */
/*
 * The shadow model: what is live, where, and what it must contain, in static memory that no allocator touches. Whatever
 * disagrees with it ends the program with one line that says so.
 */
#ifndef HAKMEM_FUZZ_SHADOW_H
#define HAKMEM_FUZZ_SHADOW_H

#include <stdbool.h>
#include <stddef.h>

#define SHADOW_BLOCKS 2048

struct shadow {
	unsigned char *address;
	size_t size;     /* as was asked for */
	size_t usable;   /* as malloc_usable_size says */
	size_t filled;   /* bytes that bear the pattern */
	unsigned int at; /* where in the pattern they begin */
};

/* "fuzz: WHAT: block ADDRESS of SIZE", then abort. */
_Noreturn void shadow_fail(const char *what, const void *address, size_t size);

size_t shadow_count(void);
size_t shadow_bytes(void);
/* A live block by number, which changes when others go. */
struct shadow *shadow_block(size_t number);
/* A new block: aligned, not overlapping another, and if zeroed all zero. It is filled whole, to its usable size. */
void shadow_add(void *address, size_t size, size_t usable, size_t alignment, bool zeroed);
/* Contents are what they were. */
void shadow_check(const struct shadow *block);
void shadow_check_all(void);
/* The first `size` bytes at `address` are what the block contained. */
void shadow_check_moved(const struct shadow *block, const void *address, size_t size);
/* Checks and forgets the block, and dirties its memory: what is not cleared later shows. Returns its address. */
void *shadow_remove(struct shadow *block);
/* Forgets a block that has become another. */
void shadow_forget(struct shadow *block);

#endif
