/* SPDX-License-Identifier: MIT */
/*
 * Samples events that have data addresses of a command and all that it forks, and says whose each address is: by perf's
 * records of what was mapped, and better by libhakmem's table in the process's memory, which is read while it lives.
 * The command is neither stopped nor changed.
 */
#ifndef MISS_SAMPLER_H
#define MISS_SAMPLER_H

#include <sys/types.h>

#include "snapshot/misses.h"
#include "process/memory.h"
#include "misses/miss_events.h"
#include "machine/perf_ring.h"
#include "trace/perf_spaces.h"
#include "misses/readings.h"

struct sampled_process {
	struct memory memory;
	struct readings readings;
	uint32_t execs; /* of the program that memory is of, from 1 on; 0: none */
	uint64_t ended; /* when it was found to have; 0: it lives */
};

/* A sample that waits for a reading of libhakmem's table from after it. */
struct waiting_sample {
	uint64_t address, time;
	size_t process; /* number */
	size_t event;   /* number */
	size_t owner;   /* by perf's records */
	uint64_t data_source, latency;
};

struct miss_sampler {
	struct perf_ring *ring;
	struct perf_spaces spaces;
	struct sampled_process *processes; /* by number */
	size_t process_count;
	bool has_readings; /* libhakmem's table of any process could be read */
	const struct miss_event_chosen *chosen;
	struct misses *misses;          /* has an event for each chosen one, in their order */
	struct waiting_sample *waiting; /* in the order of time */
	size_t waiting_count, waiting_room;
	unsigned int ticks;
	size_t event_of_source[PERF_SOURCES];
	bool everywhere;    /* the event can't be bound to a task: others' samples were left out here */
	uint64_t lost;      /* records */
	uint64_t throttled; /* times */
};

/*
 * On a child that waits for its go. chosen and misses must outlive the sampler; the events' rows are filled in. 0, or
 * -1 with a line.
 */
int miss_sampler_start(struct miss_sampler *sampler, pid_t pid, const struct miss_event_chosen *chosen, size_t count,
    struct misses *misses, char reason[MISS_EVENT_REASON]);

int miss_sampler_descriptor(const struct miss_sampler *sampler); /* ready for reading: call miss_sampler_tick() */

/* Every millisecond or so: read tables, take samples. */
void miss_sampler_tick(struct miss_sampler *sampler);

/* The command has ended: take the rest, say in `misses` what is missing. 0, or -1 when out of memory. */
int miss_sampler_stop(struct miss_sampler *sampler);

void miss_sampler_close(struct miss_sampler *sampler);

/* One record, as the ring hands it over. context: the sampler. */
void miss_sampler_take(void *context, const struct perf_record *record);

#endif
