/* SPDX-License-Identifier: MIT */
/*
 * The syntax of metrics: families and their samples, in OpenMetrics or the older text format of Prometheus. What is
 * UNKNOWN gets no sample, and a family without samples gets no head.
 */
#ifndef METRIC_TEXT_H
#define METRIC_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "output/metric_floors.h"

enum metric_type {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
	METRIC_INFO,
};

struct metric {
	const char *name; /* of the family, without prefix and suffixes: "faults" */
	const char *unit; /* "seconds", "bytes"; the end of the name. NULL: none */
	const char *help; /* one line */
	enum metric_type type;
};

/* NULL name: the end. NULL or "" value: no such label. */
struct label {
	const char *name;
	const char *value; /* valid UTF-8 */
};

struct metric_text {
	FILE *file;
	bool classic;
	struct metric_floors *floors; /* of counters */
	const struct metric *begun;   /* whose head is written */
	/* Of the sample at hand: its name and labels. */
	FILE *series;
	char *series_bytes;
	size_t series_size;
};

/* 0, or -1 with errno. metric_end() frees it. */
int metric_begin(struct metric_text *text, FILE *file, bool classic, struct metric_floors *floors);

void metric_count(struct metric_text *text, const struct metric *metric, const struct label *labels, uint64_t value);
/* A duration, in seconds. */
void metric_seconds(struct metric_text *text, const struct metric *metric, const struct label *labels, uint64_t ns);
/* A share. */
void metric_ratio(struct metric_text *text, const struct metric *metric, const struct label *labels, double value);
/* That there is such a thing. */
void metric_info(struct metric_text *text, const struct metric *metric, const struct label *labels);
/* Durations in the buckets of snapshot.h, and their sum. */
void metric_histogram(struct metric_text *text, const struct metric *metric, const struct label *labels,
    const uint64_t *buckets, uint64_t sum_ns);

/* 0, or -1 with errno set: something could not be written. */
int metric_end(struct metric_text *text);

#endif
