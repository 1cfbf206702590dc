/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a snapshot have metrics of their own: at most so many regions with details, and so many processes by
 * name and control group. Whoever comes when there is no more room is summed up under the name `others`, for good: a
 * series that began late with what another had shown before would make that one shrink.
 *
 * A process that is called otherwise after an exec leaves what it had counted with its old name. Not thread-safe.
 */
#ifndef METRIC_SERIES_H
#define METRIC_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/lookup.h"
#include "snapshot/snapshot.h"

#define METRIC_OTHERS "others"

struct region_series {
	enum region region;
	char *detail;         /* mended */
	bool present;         /* in the newest snapshot */
	struct counts counts; /* of the newest snapshot */
};

/* What is counted of a process. */
enum process_figure {
	PROCESS_FAULTS,
	PROCESS_MAJOR,
	PROCESS_POPULATED,
	PROCESS_ZEROED_BYTES,
	PROCESS_ZERO_EVENTS,
	PROCESS_TIMED,
	PROCESS_TIMED_NS,
	PROCESS_FIGURES,
};

struct process_series {
	char *comm;   /* mended, from here on */
	char *cgroup; /* NULL: not known */
	uint32_t pid; /* 0: of all of this name */
	uint64_t figures[PROCESS_FIGURES];
};

/* All zeroes: nothing was shown. */
struct metric_series {
	struct region_series *regions;
	size_t region_count, region_room, region_own;
	bool regions_full;
	struct process_series *processes;
	size_t process_count, process_room;
	struct seen_process *seen; /* what each had when it was last looked at */
	size_t seen_count, seen_room;
	struct lookup seen_by_pid;
};

/* Take in a newer snapshot of the run. `pids`: tell processes apart by them. 0, or -1 when out of memory. */
int metric_series_add(struct metric_series *series, const struct snapshot *snapshot, size_t most, bool pids);

void metric_series_free(struct metric_series *series);

#endif
