/* SPDX-License-Identifier: MIT */
/*
 * What a process's libhakmem has decided by what its memory costs, from the process's memory: its own to write, so
 * bounded, and believed by nobody but who reads it.
 */
#ifndef SPACE_DECISIONS_H
#define SPACE_DECISIONS_H

#include "hakmem_map.h"
#include "snapshot/spaces.h"
#include "trace/shared_map.h"

/* Those that were made. 0, also where there are none; -1 when out of memory. */
int space_decisions_read(
    const struct hakmem_map *map, read_memory *read, void *context, struct spaces_process *process);

#endif
