/* SPDX-License-Identifier: MIT */
/*
 * The events that sample data addresses: Intel's PEBS, AMD's IBS, and page faults, which every kernel has. A table;
 * what of it exists is asked of sysfs (pmu.h).
 */
#ifndef MISS_EVENTS_H
#define MISS_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/perf_ring.h"
#include "machine/pmu.h"

#define MISS_EVENT_REASON 512
#define MISS_EVENTS_MOST  4 /* at once: of a core's counters */
#define MISS_EVENT_PMUS   3

struct miss_event_kind {
	const char *name; /* as --event has it */
	const char *help;
	const char *pmus[MISS_EVENT_PMUS]; /* any of these; none: a software event */
	const char *field;                 /* the unit must have it: what tells Intel's `cpu` from another's */
	const char *named;                 /* take the terms of this event of the unit, where it has it */
	const char *terms;                 /* else these */
	const char *leader;   /* where the unit has this event, it must be counted in front (mem-loads-aux) */
	uint64_t period;      /* usual */
	uint64_t granularity; /* periods must be multiples of it */
	uint64_t software;    /* the number of a software event */
	bool precise;         /* addresses come with PEBS only */
	bool usual;           /* taken when none is named */
	bool is_walk;         /* each sample is a miss of the last-level TLB, whatever its data source says */
	bool is_cache_miss;   /* of the first-level cache */
};

extern const struct miss_event_kind miss_event_kinds[];
extern const unsigned int miss_event_kind_count;

const struct miss_event_kind *miss_event_find(const char *name); /* NULL: there is none of that name */

/* An event ready to be opened. */
struct miss_event_chosen {
	const struct miss_event_kind *kind;
	uint64_t period;
	bool has_leader;
	struct perf_source leader;
	struct perf_source source;
	char encoding[PMU_TERMS + 32]; /* "cpu/event=0xd0,umask=0x11/P" */
};

/* root: PMU_ROOT, or a test's. period: 0 for the usual one. 0, or -1 with a line that says what is missing. */
int miss_event_choose(const char *root, const struct miss_event_kind *kind, uint64_t period,
    struct miss_event_chosen *chosen, char reason[MISS_EVENT_REASON]);

/*
 * The usual ones that exist here, MISS_EVENTS_MOST at most: how many; 0 with a line that says what this machine lacks
 * and what would bring it. virtual_machine: the processor says that it is one.
 */
int miss_events_usual(const char *root, bool virtual_machine, struct miss_event_chosen chosen[MISS_EVENTS_MOST],
    char reason[MISS_EVENT_REASON]);

/* Whether /proc/cpuinfo has the flag `hypervisor`. */
bool miss_events_in_virtual_machine(void);

#endif
