/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's work for each published range cost, as a tracer counts it: read with plain loads from memory that
 * BPF writes. Absent (all reads fail) unless a tracer has offered it. Hints only.
 *
 * A tracer that has started this process is asked at start. Who serves everybody (HAKMEM_ASSIST) is asked once it is
 * worth it, for a table takes the time and the memory of some hundred faults.
 */
#ifndef HAKMEM_COSTS_H
#define HAKMEM_COSTS_H

#include "common.h"

/* Asks the tracer that the environment names, if any; or sees whether HAKMEM_ASSIST names one that is there, who can
 * be asked later. Any failure silently means "no costs". */
void costs_start(char **environment, bool secure);
/* There is one who can be asked. */
extern HIDDEN bool costs_awaited;
/* Asks now, once and for all; where no lock is held that others wait for. Nobody else waits, but for fork. Not in a
 * vfork child, nor in a program that has taken a filter of system calls since it started, which might be killed for
 * it. True: now there are costs. */
bool costs_ask(void);
/* A forked child must not use its parent's costs, and asks nobody. */
void costs_drop(void);
/* Across fork, so that the child gets no descriptor of a table that is being asked for. */
void costs_lock(void);
void costs_unlock(void);
void costs_reset_lock(void);
/* Clears an entry (index as publish_cost_index gives it) before a new range takes its slot. */
void costs_clear(size_t index);
/* Where a tracer finds what was decided when this process has ended; NULL: nobody looks there. */
struct hakmem_decisions *costs_decisions(void);
/* False when there are no costs. */
bool costs_read(size_t index, struct hakmem_cost *cost);

#endif
