/* SPDX-License-Identifier: MIT */
/*
 * The perf-only rung's source: page-fault events of a task and all that it forks, and what they map, as records that
 * the kernel writes into a ring a processor. No BPF.
 */
#ifndef PERF_RING_H
#define PERF_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/rung.h"

enum perf_record_kind {
	PERF_FAULT,
	PERF_MAP,  /* address, length, protection, flags, name */
	PERF_NAME, /* name; executed: by execve */
	PERF_FORK, /* pid from parent */
	PERF_LOST, /* length: how many */
};

struct perf_record {
	enum perf_record_kind kind;
	bool major;
	bool executed;
	uint32_t pid; /* thread group */
	uint32_t parent;
	uint32_t protection;
	uint32_t flags;
	uint64_t time;
	uint64_t address;
	uint64_t length;
	char *name; /* owned by the record, or NULL */
};

struct perf_ring;

/* Quick: can such an event be opened at all? As rung.h has it. */
int perf_ring_probe(char reason[RUNG_REASON]);

/* On a task that is about to run. NULL with a line in reason. */
struct perf_ring *perf_ring_open(pid_t pid, char reason[RUNG_REASON]);

/* Ready for reading when a ring is half full. */
int perf_ring_descriptor(const struct perf_ring *ring);

/*
 * Take what is there, and hand over in the order of time what can't be overtaken any more; with `all`, the rest too.
 * Returns -1 when out of memory: records were lost.
 */
int perf_ring_drain(
    struct perf_ring *ring, bool all, void (*take)(void *context, const struct perf_record *record), void *context);

void perf_ring_close(struct perf_ring *ring);

#endif
