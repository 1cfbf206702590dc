/* SPDX-License-Identifier: MIT */
/*
 * What a fault in hardened mode's memory means: which block was left, or used after it was freed.
 */
#ifndef HAKMEM_HARDENED_FAULT_H
#define HAKMEM_HARDENED_FAULT_H

#include "hardened_shard.h"

/* False when the address is none of the shard's. The caller holds the shard's lock. */
bool fault_explain(struct shard *shard, const char *address, struct misuse *misuse);

#endif
