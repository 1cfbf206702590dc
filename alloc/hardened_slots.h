/* SPDX-License-Identifier: MIT */
/*
 * Hardened mode's blocks of up to 16 KiB, slots of slabs: a slot is chosen at random among those of a slab that may be
 * handed out. The caller holds the shard's lock.
 */
#ifndef HAKMEM_HARDENED_SLOTS_H
#define HAKMEM_HARDENED_SLOTS_H

#include "hardened_shard.h"

/* A block of the class, marked; NULL without memory, or when its memory was written to while nobody had it. */
char *slots_take(struct shard *shard, unsigned int class, size_t size, struct misuse *misuse);
/* The slot that an address in a slab's span lies in; false when in none. */
bool slots_find(struct span *span, const void *address, struct hardened_block *block);
/* From quarantine back to its slab. */
void slots_give(struct shard *shard, struct hardened_block *block);
/* Gives up slabs of which no slot is in use or in quarantine. */
void slots_trim(struct shard *shard);
/* What the slot's record says from now on. */
void slots_record(struct hardened_block *block, enum block_state state, size_t size);
/* The slot of a slab by its number. */
void slots_read(struct span *span, unsigned int slot, struct hardened_block *block);

#endif
