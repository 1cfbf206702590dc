/* SPDX-License-Identifier: MIT */
/*
 * What a traced run counted, over time, in bounded memory: a slice for each interval, older slices merged by tens (of
 * 120 intervals each has its slice, of 900 more each ten, then each hundred, and so on: an hour of seconds is about 300
 * slices). Merged slices still add up to all that was counted. Where they take more than a bound in bytes, more are
 * merged, then the oldest lose their stacks and processes, then the oldest go.
 *
 * Thread-safe: one thread adds, any others read. Whoever reads gets references to snapshots that nobody changes any
 * more, and holds no lock while looking at them.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

#define HISTORY_BYTES (12 << 20) /* the usual bound */

struct history;

/* What had no room in a slice. */
enum {
	HISTORY_LACKS_STACKS = 1,
	HISTORY_LACKS_PROCESSES = 2,
};

struct history_slice {
	uint64_t first, number;        /* it stands for the intervals from the first to this one; counted from 1 on */
	uint64_t start_ns, end_ns;     /* since tracing began */
	unsigned int lacks;            /* HISTORY_LACKS_* */
	const struct snapshot *counts; /* rows and totals; what was run, and how measured, the whole says */
	struct history_counts *reference;
};

/* NULL when out of memory. */
struct history *history_new(uint64_t interval_ns, size_t most_bytes);
void history_free(struct history *history);

/* --- The thread that traces --- */

/* An interval ends: `whole` is everything counted until now and becomes the history's, its slice what came since the
 * whole before. 0, or -1 when out of memory: that interval will be a part of the next slice. */
int history_add(struct history *history, struct snapshot *whole, uint64_t end_ns);

/* The same of what was recorded: slices in order, and all that was counted. Both become the history's. */
int history_put_slice(struct history *history, struct snapshot *slice, uint64_t start_ns, uint64_t end_ns);
int history_put_whole(struct history *history, struct snapshot *whole, uint64_t end_ns);

/* There will be no more. */
void history_end(struct history *history);

/* --- Readers --- */

struct history_state {
	uint64_t number;      /* of the newest slice; 0: there is none yet */
	uint64_t interval_ns; /* of slices that were not merged */
	uint64_t forgotten;   /* intervals whose slices are gone */
	bool ended;
	size_t slices, bytes;
};
struct history_state history_state(struct history *history);

/* Up to `most` slices whose number is greater than `after`, the oldest first: how many. Each is to be released. */
size_t history_slices(struct history *history, uint64_t after, struct history_slice *into, size_t most);
void history_release(struct history_slice *slices, size_t count);
#define HISTORY_MOST_SLICES 600 /* there never are more */

/* All that was counted until the newest slice's end; to be released. 0, or -1: there is nothing yet. */
int history_whole(struct history *history, struct history_slice *whole);

/*
 * The sum of slices that follow each other, with all that the whole says of the run: a new snapshot, the caller's, a
 * part whose times are those of the slices. NULL when out of memory.
 */
struct snapshot *history_part(struct history *history, const struct history_slice *slices, size_t count);

/* Of the slices whose middle lies in this time. NULL with errno: ENOENT (no slice does) or ENOMEM. */
struct snapshot *history_between(struct history *history, uint64_t from_ns, uint64_t to_ns);

#endif
