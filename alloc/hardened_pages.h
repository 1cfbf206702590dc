/* SPDX-License-Identifier: MIT */
/*
 * Hardened mode's blocks that have pages to themselves: what is larger than a slot or aligned to more than a page, in a
 * chunk up to 1 MiB, else in a mapping of its own. A block ends where its pages end (but for its alignment, 16 bytes at
 * least), and there begins a guard: so most writes beyond the end fault at once. The caller holds the shard's lock.
 */
#ifndef HAKMEM_HARDENED_PAGES_H
#define HAKMEM_HARDENED_PAGES_H

#include "hardened_shard.h"

/* A zeroed block, marked around; NULL without memory. */
char *pages_take(struct shard *shard, size_t size, size_t alignment);
/* The block in a span of a chunk; the one in a mapping. */
void pages_of_span(struct span *span, struct hardened_block *block);
void pages_of_mapping(struct hardened_large *large, struct hardened_block *block);
/* Freed: the memory goes back to the kernel at once, and nobody can touch the pages. */
void pages_forbid(struct hardened_block *block);
/* Whether that is so: when ranges are scarce it is not, but the pages are zero then. */
bool pages_are_forbidden(const struct hardened_block *block);
/* From quarantine: others may have the addresses. */
void pages_give(struct shard *shard, struct hardened_block *block);

#endif
