/* SPDX-License-Identifier: MIT */
/* Copies of snapshots, and how much memory one takes. */
#ifndef SNAPSHOT_COPY_H
#define SNAPSHOT_COPY_H

#include "snapshot/snapshot.h"

/* All of it. NULL when out of memory. */
struct snapshot *snapshot_copy(const struct snapshot *from);

/*
 * What isn't counted: what was run and how it ended, the kernel and what is measured how; of a new snapshot. 0, or -1
 * when out of memory.
 */
int snapshot_copy_facts(struct snapshot *into, const struct snapshot *from);

/* About how much memory it takes, what malloc adds included. */
size_t snapshot_bytes(const struct snapshot *snapshot);

#endif
