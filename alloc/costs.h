/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's work for each published range cost, as a tracer counts it: read with plain loads from memory that
 * BPF writes. Absent (all reads fail) unless a tracer offered it at start-up. Hints only.
 */
#ifndef HAKMEM_COSTS_H
#define HAKMEM_COSTS_H

#include "common.h"

/* Asks the tracer that the environment names, if any, or HAKMEM_ASSIST does. Any failure silently means "no costs". */
void costs_start(char **environment, bool secure);
/* Asks who listens at this Unix socket: a path that begins with a slash, or an abstract name. Waits for an answer
 * within a bound (os_request_descriptor). False: there are no costs from there, and those that there were stay. */
bool costs_connect(const char *socket);
/* A forked child must not use its parent's costs. */
void costs_drop(void);
/* Clears an entry (index as publish_cost_index gives it) before a new range takes its slot. */
void costs_clear(size_t index);
/* Where a tracer finds what was decided when this process has ended; NULL: nobody looks there. */
struct hakmem_decisions *costs_decisions(void);
/* False when there are no costs. */
bool costs_read(size_t index, struct hakmem_cost *cost);

#endif
