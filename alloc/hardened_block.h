/* SPDX-License-Identifier: MIT */
/*
 * Hardened mode's blocks, of whatever kind: found by an address, checked, retired. A function that says false has said
 * why in *misuse. The caller holds the shard's lock.
 */
#ifndef HAKMEM_HARDENED_BLOCK_H
#define HAKMEM_HARDENED_BLOCK_H

#include "hardened_shard.h"

/* The live block that starts at the pointer, if it and the marks around it are whole. */
bool block_find_live(
    struct chunk *chunk, void *pointer, enum misuse_kind if_freed, struct hardened_block *block, struct misuse *misuse);
/* The marks around a live block. */
bool block_check_edges(const struct hardened_block *block, struct misuse *misuse);
/* Memory that nobody has: a freed slot is marked all over, a fresh one is zero. */
bool block_check_unused(const struct hardened_block *block, struct misuse *misuse);
void block_complain(
    struct misuse *misuse, enum misuse_kind kind, const char *where, const struct hardened_block *block);

/* A live block is freed: it goes to quarantine, and others may have to leave it. */
void block_retire(struct shard *shard, struct hardened_block *block, struct misuse *misuse);
/* The block that has been in a quarantine for longest leaves it. */
void block_release_first(struct shard *shard, struct quarantine *quarantine, struct misuse *misuse);

#endif
