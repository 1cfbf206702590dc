/* SPDX-License-Identifier: MIT */
/*
 * A quarantine holds freed blocks, first in, first out, within a number of blocks and of bytes: who uses a block after
 * it was freed then finds no other block there, and is found out.
 */
#ifndef HAKMEM_HARDENED_QUARANTINE_H
#define HAKMEM_HARDENED_QUARANTINE_H

#include "hardened_shard.h"

void quarantine_begin(struct quarantine *quarantine, unsigned int blocks_most, size_t bytes_most);
/* False, and the block is not in it, without memory. */
bool quarantine_put(struct quarantine *quarantine, char *block, size_t bytes);
/* It holds more than it may. The block that was put in last always has a place. */
bool quarantine_is_over(const struct quarantine *quarantine);
/* Takes out the block that was put in first; NULL when there is none. */
char *quarantine_first(const struct quarantine *quarantine);
void quarantine_drop_first(struct quarantine *quarantine, size_t bytes);

#endif
