/* SPDX-License-Identifier: MIT */
/* What a snapshot says of its own figures: how they were measured, and which could not be. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "snapshot/snapshot.h"
#include "trace/tracer.h"

/*
 * The kernel, its hooks and their limits. missing: events of processes that the process list has no room for; mixed: as
 * recognise_files() has it. 0, or -1 when out of memory.
 */
int describe_kernel(const struct tracer *tracer, struct snapshot *snapshot, uint64_t missing, const char *mixed);

/* What no rung in use measures becomes unknown, and not the 0 that the maps hold. Before snapshot_finish(). */
void describe_counts(const struct tracer *tracer, struct snapshot *snapshot);

/* Once all counts are in: what was sampled says so. */
void describe_sampling(struct snapshot *snapshot);

#endif
