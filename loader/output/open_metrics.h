/* SPDX-License-Identifier: MIT */
/*
 * Metrics for Prometheus and what reads the same: OpenMetrics text 1.0.0, or the text format that it grew from for who
 * does not accept it. docs/metrics.md lists them. The snapshot is of the whole run, so that counters only grow.
 *
 * What is not measured has no series. Names from traced programs are mended to UTF-8 without control characters.
 */
#ifndef OPEN_METRICS_H
#define OPEN_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "snapshot/snapshot.h"

#define OPEN_METRICS_SERIES 200 /* when nothing else is said */

/*
 * What was shown before, for the one that is asked again and again: a row that has had a series keeps it, and what has
 * gone to `others` stays there. Thread-safe. It grows to some 2 MB at most.
 */
struct open_metrics_memory;

struct open_metrics_options {
	size_t
	    series; /* as many regions with details, and as many processes, have series of their own; 0: the default */
	bool pids;  /* tell processes apart by their ids, and not by their names alone */
	bool classic;                       /* the older format */
	double budget;                      /* --max-overhead, as a share; 0: none is told */
	struct open_metrics_memory *memory; /* NULL: nobody has asked before */
};

struct open_metrics_memory *open_metrics_memory_new(void); /* NULL when out of memory */
void open_metrics_memory_free(struct open_metrics_memory *memory);

/* 0, or -1 with errno set; doesn't close the file. */
int open_metrics_write(FILE *file, const struct snapshot *snapshot, const struct open_metrics_options *options);

/* Does who asks take OpenMetrics? `accept`: the header of the request, NULL: there was none. */
bool open_metrics_accepted(const char *accept);

/* Of the answer. */
const char *open_metrics_content_type(bool classic);

#endif
