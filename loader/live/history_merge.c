// SPDX-License-Identifier: MIT
/*
 * How a history stays small. A slice of a number of intervals from 10^n on is of the level n; each level has so many
 * slices at most, then its ten oldest become one of the next.
 */
#include <stdlib.h>
#include <string.h>

#include "live/history_slices.h"
#include "snapshot/copy.h"

#define TOGETHER   10
#define LEVELS     20 /* 10^19 intervals */
#define LEAST_FINE 60 /* slices that stay as they are when there are too many bytes */
#define LEAST_KEPT 2

static const size_t level_slices[] = {120, 90, 30};

static size_t most_of(unsigned int level)
{
	size_t levels = sizeof(level_slices) / sizeof(level_slices[0]);

	return level_slices[level < levels ? level : levels - 1];
}

static unsigned int level_of(const struct history_slice *slice)
{
	uint64_t intervals = slice->number - slice->first + 1;
	unsigned int level = 0;

	while (intervals >= TOGETHER) {
		intervals /= TOGETHER;
		level++;
	}
	return level;
}

size_t history_bytes(const struct history *history)
{
	size_t bytes = 0;

	for (size_t i = 0; i < history->count; i++)
		bytes += history->slices[i].reference->bytes;
	return bytes;
}

struct snapshot *history_add_up(const struct history_slice *slices, size_t count)
{
	struct snapshot *sum = snapshot_new();

	for (size_t i = 0; sum && i < count; i++) {
		if (!snapshot_add(sum, slices[i].counts))
			continue;
		snapshot_free(sum);
		return NULL;
	}
	if (sum)
		history_forget_run(sum);
	return sum;
}

/* Put one in place of `count` from `at` on. */
static void replace(struct history *history, size_t at, size_t count, struct history_slice merged)
{
	struct history_counts *gone[HISTORY_MOST_SLICES];

	pthread_mutex_lock(&history->lock);
	for (size_t i = 0; i < count; i++)
		gone[i] = history->slices[at + i].reference;
	history->slices[at] = merged;
	memmove(&history->slices[at + 1], &history->slices[at + count],
	    (history->count - at - count) * sizeof(*history->slices));
	history->count -= count - 1;
	pthread_mutex_unlock(&history->lock);
	for (size_t i = 0; i < count; i++)
		history_drop(gone[i]);
}

static int merge(struct history *history, size_t at, size_t count)
{
	const struct history_slice *slices = &history->slices[at];
	struct snapshot *sum = history_add_up(slices, count);
	struct history_counts *counts = sum ? history_keep(sum) : NULL;
	struct history_slice merged = {
	    .first = slices[0].first,
	    .number = slices[count - 1].number,
	    .start_ns = slices[0].start_ns,
	    .end_ns = slices[count - 1].end_ns,
	    .counts = sum,
	    .reference = counts,
	};

	if (!counts) {
		snapshot_free(sum);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		merged.lacks |= slices[i].lacks;
	replace(history, at, count, merged);
	return 0;
}

/* The oldest of a level that has too many. */
static void merge_levels(struct history *history)
{
	size_t counts[LEVELS] = {0}, first[LEVELS];

	for (size_t i = history->count; i-- > 0;) {
		unsigned int level = level_of(&history->slices[i]);

		counts[level]++;
		first[level] = i;
	}
	for (unsigned int level = 0; level < LEVELS; level++)
		if (counts[level] >= most_of(level) + TOGETHER) {
			if (!merge(history, first[level], TOGETHER))
				merge_levels(history);
			return;
		}
}

/* Put a copy without these rows in the place of a slice. 0, or -1 when there were none, or no memory. */
static int thin(struct history *history, size_t at, unsigned int what)
{
	struct history_slice slice = history->slices[at];
	struct snapshot *copy;
	struct history_counts *counts;

	if (what == HISTORY_LACKS_STACKS ? !slice.counts->stacks : !slice.counts->process_count)
		return -1;
	copy = snapshot_copy(slice.counts);
	if (copy && what == HISTORY_LACKS_STACKS)
		snapshot_drop_stacks(copy);
	else if (copy)
		snapshot_drop_processes(copy);
	counts = copy ? history_keep(copy) : NULL;
	if (!counts) {
		snapshot_free(copy);
		return -1;
	}
	slice.lacks |= what;
	slice.counts = copy;
	slice.reference = counts;
	replace(history, at, 1, slice);
	return 0;
}

static int thin_oldest(struct history *history, unsigned int what)
{
	for (size_t i = 0; i < history->count; i++)
		if (!thin(history, i, what))
			return 0;
	return -1;
}

static int forget_oldest(struct history *history)
{
	struct history_counts *gone;

	if (history->count <= LEAST_KEPT)
		return -1;
	pthread_mutex_lock(&history->lock);
	gone = history->slices[0].reference;
	history->forgotten += history->slices[0].number - history->slices[0].first + 1;
	memmove(&history->slices[0], &history->slices[1], (history->count - 1) * sizeof(*history->slices));
	history->count--;
	pthread_mutex_unlock(&history->lock);
	history_drop(gone);
	return 0;
}

void history_bound(struct history *history)
{
	merge_levels(history);
	while (history_bytes(history) > history->most_bytes) {
		if (history->count >= LEAST_FINE + TOGETHER && !merge(history, 0, TOGETHER))
			continue;
		if (thin_oldest(history, HISTORY_LACKS_STACKS) && thin_oldest(history, HISTORY_LACKS_PROCESSES) &&
		    forget_oldest(history))
			return;
	}
}

int history_make_room(struct history *history)
{
	if (history->count < HISTORY_MOST_SLICES)
		return 0;
	return merge(history, 0, TOGETHER);
}
