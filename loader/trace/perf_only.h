/* SPDX-License-Identifier: MIT */
/*
 * The perf-only rung: no BPF. Page-fault events with their addresses, attributed here to what each process has mapped,
 * as far as the kernel's records tell. Neither populated pages nor zeroing nor durations are seen.
 */
#ifndef PERF_ONLY_H
#define PERF_ONLY_H

#include <stdbool.h>
#include <sys/types.h>

#include "snapshot/snapshot.h"
#include "trace/rung.h"

struct perf_only;

struct perf_only *perf_only_new(void); /* NULL: out of memory */
void perf_only_free(struct perf_only *perf);

/* Count this task, which is waiting, from its next exec on, and all that it forks. What was counted is forgotten. */
int perf_only_arm(struct perf_only *perf, pid_t pid, char reason[REFUSAL_TEXT]);

int perf_only_descriptor(const struct perf_only *perf); /* poll for reading, then perf_only_drain(); -1: none */
void perf_only_drain(struct perf_only *perf);
void perf_only_stop(struct perf_only *perf);

/* Rows of regions and processes, and what was lost. 0, or -1 when out of memory. */
int perf_only_collect(const struct perf_only *perf, struct snapshot *snapshot);

#endif
