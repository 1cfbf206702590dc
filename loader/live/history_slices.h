/* SPDX-License-Identifier: MIT */
/* Within the history (history.h): its slices, and how they are kept few. Only the thread that adds changes them. */
#ifndef HISTORY_SLICES_H
#define HISTORY_SLICES_H

#include <pthread.h>
#include <stdatomic.h>

#include "live/history.h"

/* Of one slice or whole; nobody changes them any more. */
struct history_counts {
	atomic_uint references;
	struct snapshot *snapshot;
	size_t bytes;
};

struct history {
	pthread_mutex_t lock; /* of all that follows, but that the thread that adds reads without it */
	uint64_t interval_ns;
	size_t most_bytes;
	struct history_slice slices[HISTORY_MOST_SLICES]; /* the oldest first */
	size_t count;
	uint64_t number;            /* of the newest */
	struct history_slice whole; /* all that was counted until then */
	uint64_t forgotten;
	bool ended;
};

struct history_counts *history_keep(struct snapshot *snapshot); /* NULL when out of memory */
void history_drop(struct history_counts *counts);

/* What only a whole run has, no part of it: not known. */
void history_forget_run(struct snapshot *part);

/* The sum of slices; NULL when out of memory. */
struct snapshot *history_add_up(const struct history_slice *slices, size_t count);

/* Of all slices together. */
size_t history_bytes(const struct history *history);

/* For one slice more. 0, or -1 when out of memory. */
int history_make_room(struct history *history);

/* A slice has come: older ones are merged. Out of memory they stay as they are. */
void history_bound(struct history *history);

#endif
