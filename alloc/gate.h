/* SPDX-License-Identifier: MIT */
/*
 * The gate: which pool serves a size, and which pool owns a pointer. Everything behind the two fast paths passes here,
 * so this is where errno is set and where a pointer that is not ours is noticed.
 */
#ifndef HAKMEM_GATE_H
#define HAKMEM_GATE_H

#include "common.h"

/* All return NULL and set errno to ENOMEM when there is no memory, or when no object can be that large. */
void *gate_allocate(size_t size);
void *gate_allocate_zeroed(size_t size);
/* alignment: a power of two. */
void *gate_allocate_aligned(size_t alignment, size_t size);
/* pointer: a live block; size > 0. */
void *gate_resize(void *pointer, size_t size);

/* NULL is allowed. A pointer that is not a live block's ends the program; `call` names what was called, `caller` is the
 * return address of a free() (helper.h). */
void gate_free(void *pointer, const void *caller);
void gate_free_for(const char *call, void *pointer);
/* The program says what it asked for (alignment 0: it does not say), which hardened mode checks. */
void gate_free_given(const char *call, void *pointer, size_t size, size_t alignment, const void *caller);
/* Bytes of a live block, 0 for NULL. */
size_t gate_usable_size(const char *call, void *pointer);

#endif
