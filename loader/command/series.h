/* SPDX-License-Identifier: MIT */
/*
 * The reports of one run: with --interval one for each interval, of what happened in it, and in any case one of the
 * whole at the end. The intervals add up to the whole. When the run is recorded, intervals are slices of the recording.
 */
#ifndef SERIES_H
#define SERIES_H

#include "command/recorder.h"
#include "command/report.h"
#include "output/output.h"
#include "trace/tracer.h"

struct series {
	struct report report;
	struct live *live;         /* NULL: nobody watches; else intervals are slices of its history */
	struct recorder *recorder; /* NULL: nothing is recorded; else intervals are its slices, and it may be all */
	const struct output *output;
	const struct output_options *output_options;
	struct tracer *tracer;
	uint64_t start_ns;         /* of tracing: watch_now() */
	uint64_t end_ns;           /* of the interval before */
	uint32_t number;           /* of intervals written */
	struct snapshot *before;   /* what they have counted; NULL: no intervals */
	struct deciders *deciders; /* of the whole, from series_stop() on; NULL: not known */
	/* Say in a snapshot what was run or attached to. 0, or -1 when out of memory. */
	int (*describe)(void *context, struct snapshot *snapshot);
	void *context;
};

/* Before tracing: where everything is to go. 0, or -1 after complaining. */
int series_open(struct series *series, const struct options *options);

/* Tracing starts now. in_parts: there will be intervals. 0, or -1 with errno. */
int series_start(struct series *series, bool in_parts);

/* Report what happened since the last time, or keep it for rows by time. 0, or -1 after complaining. */
int series_interval(struct series *series);

/* Stop the tracer, of which no more is told, but that some of what is reported must be asked for before. */
void series_stop(struct series *series);

/* There will be no report, and no more of a recording. After a series_end() it does nothing. */
void series_abandon(struct series *series);

/* The last interval, as far as it got, and the whole; closes the report. After series_stop(). 0, or -1 after
 * complaining. */
int series_end(struct series *series);

#endif
