/* SPDX-License-Identifier: MIT */
/*
 * How the program ends when it misuses the allocator: one clear line that says what and where, then abort.
 */
#ifndef HAKMEM_MISUSE_H
#define HAKMEM_MISUSE_H

#include "common.h"

enum misuse_kind {
	MISUSE_NONE,
	MISUSE_INVALID_POINTER,
	MISUSE_INTERIOR,       /* a pointer into a live block, */
	MISUSE_INTERIOR_FREED, /* or into a freed one */
	MISUSE_DOUBLE_FREE,
	MISUSE_USE_AFTER_FREE, /* the allocator is asked about it */
	MISUSE_OVERFLOW,
	MISUSE_UNDERFLOW,
	MISUSE_WRITE_AFTER_FREE,
	MISUSE_STRAY_WRITE,       /* to a block that nobody ever had */
	MISUSE_ACCESS_AFTER_FREE, /* these two by a fault */
	MISUSE_STRAY_ACCESS,
	MISUSE_WRONG_SIZE,
	MISUSE_WRONG_ALIGNMENT,
};

/* What hardened mode has found. */
struct misuse {
	enum misuse_kind kind;
	const char *where;
	const char *block; /* the block concerned, if any, and how many bytes were asked for */
	size_t size;
	size_t given; /* wrong size or alignment */
};

/* "hakmem: CALL(): invalid pointer 0x...": nothing of ours, an interior pointer, or a block that is not allocated. */
_Noreturn void misuse_invalid_pointer(const char *call, const void *pointer);
/* "hakmem: CALL(): double free of 0x..." */
_Noreturn void misuse_double_free(const char *call, const void *pointer);
/* "hakmem: CALL(): WHAT at 0x..., byte N of the block of SIZE bytes at 0x...", or the like (misuse.c). call: NULL
 * when the program itself was at work and not one of our functions. */
_Noreturn void misuse_report(const char *call, const struct misuse *misuse);
/* "hakmem: WHAT" for a state from which there is no way on. */
_Noreturn void misuse_fatal(const char *what);

#endif
