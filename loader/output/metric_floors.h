/* SPDX-License-Identifier: MIT */
/*
 * The highest value that each series of a counter has shown. What is read while it is counted may shrink by what is on
 * its way (faults of the region `unseen` until it is known whose they are), and a counter that shrinks would be taken
 * for one that was set back to 0. Not thread-safe.
 */
#ifndef METRIC_FLOORS_H
#define METRIC_FLOORS_H

#include <stddef.h>
#include <stdint.h>

#include "snapshot/lookup.h"

struct metric_floor {
	char *series;
	uint64_t value;
};

/* All zeroes are a list with nothing in it. */
struct metric_floors {
	struct metric_floor *floors;
	size_t count, room;
	struct lookup by_series;
};

/* What to show of a series, by its name and labels; when out of memory that is the value. */
uint64_t metric_floor(struct metric_floors *floors, const char *series, uint64_t value);

void metric_floors_free(struct metric_floors *floors);

#endif
