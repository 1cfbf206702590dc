/* SPDX-License-Identifier: MIT */
/*
 * What a process's libhakmem says that it has decided by what its memory costs (include/hakmem_map.h): from the
 * process's memory, or from its table of costs, which outlives it. Its own to write: bounded, and of words none is
 * taken.
 */
#ifndef TOLD_DECISIONS_H
#define TOLD_DECISIONS_H

#include "hakmem_map.h"
#include "snapshot/decisions.h"
#include "process/shared_map.h"

/* Those that were made. 0, also where there are none; -1 when out of memory. */
int told_decisions(const struct hakmem_decisions *told, struct decisions *into);

/* From the memory of the process that has this map. 0, or -1: there are none. */
int told_decisions_read(const struct hakmem_map *map, read_memory *read, void *context, struct hakmem_decisions *told);

#endif
