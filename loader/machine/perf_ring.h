/* SPDX-License-Identifier: MIT */
/*
 * Events of a task and all that it forks (page faults for the perf-only rung, cache and TLB misses for the command
 * `misses`), and what they map, as records that the kernel writes into a ring a processor. No BPF.
 */
#ifndef PERF_RING_H
#define PERF_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "machine/perf_decode.h"
#include "machine/refusal.h"

#define PERF_SOURCES      9  /* at most */
#define PERF_MAJOR_FAULTS 1  /* the second source of perf_ring_open() */
#define PERF_EVERY_TASK   -1 /* as a pid: also tasks that have nothing to do with the command */

/* One kind of event. All sources of a ring have `details`, or none; a source with `stacks` is alone. */
struct perf_source {
	uint32_t type;
	uint64_t config, config1, config2;
	uint64_t period;
	unsigned int precise; /* precise_ip */
	bool details;         /* with data source and weight, and times by CLOCK_MONOTONIC */
	bool user_only;       /* nothing of the kernel: more may not be seen */
	bool stacks;  /* with kernel stacks; of a task: from its next exec on; only executable mappings are told */
	bool follows; /* the hardware wants it in a group with the source before */
};

struct perf_ring;

/* Quick: can such an event be opened at all? As rung.h has it. */
int perf_ring_probe(char reason[REFUSAL_TEXT]);

/* Page faults, minor and major, of a task that is about to run. NULL with a line in reason. */
struct perf_ring *perf_ring_open(pid_t pid, char reason[REFUSAL_TEXT]);

/* Other events than page faults. NULL with errno. */
struct perf_ring *perf_ring_open_sources(pid_t pid, const struct perf_source *sources, size_t count);

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
