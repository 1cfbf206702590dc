/* SPDX-License-Identifier: MIT */
/*
 * Memory for the allocator's own structures, apart from the program's blocks. It is handed out zeroed, is never given
 * back, and starts in a small static area so that a small program needs no mapping for it.
 */
#ifndef HAKMEM_METADATA_H
#define HAKMEM_METADATA_H

#include "common.h"

/* Zeroed memory aligned to 64 bytes, or NULL. What is allocated together lies together; what is larger than a page
 * begins at one, so that its beginning, which is used most, touches as few as can be. */
void *metadata_allocate(size_t size);
/* The static area, for the shared map's list of extents. */
void metadata_static_area(uintptr_t *start, uintptr_t *end);
/* Bytes mapped beyond the static area. */
size_t metadata_mapped(void);

void metadata_lock(void);
void metadata_unlock(void);
void metadata_reset_lock(void);

#endif
