// SPDX-License-Identifier: MIT
/* The slices, who may look at them, and their sums. history_merge.c keeps them few. See history.h. */
#include "live/history.h"

#include <errno.h>
#include <stdlib.h>

#include "live/history_slices.h"
#include "snapshot/copy.h"
#include "snapshot/filter.h"
#include "snapshot/stacks.h"

struct history *history_new(uint64_t interval_ns, size_t most_bytes)
{
	struct history *history = calloc(1, sizeof(*history));

	if (!history)
		return NULL;
	pthread_mutex_init(&history->lock, NULL);
	history->interval_ns = interval_ns;
	history->most_bytes = most_bytes;
	return history;
}

void history_free(struct history *history)
{
	if (!history)
		return;
	for (size_t i = 0; i < history->count; i++)
		history_drop(history->slices[i].reference);
	history_drop(history->whole.reference);
	pthread_mutex_destroy(&history->lock);
	free(history);
}

struct history_counts *history_keep(struct snapshot *snapshot)
{
	struct history_counts *counts = malloc(sizeof(*counts));

	if (counts)
		*counts =
		    (struct history_counts){.references = 1, .snapshot = snapshot, .bytes = snapshot_bytes(snapshot)};
	return counts;
}

void history_drop(struct history_counts *counts)
{
	if (!counts || atomic_fetch_sub(&counts->references, 1) != 1)
		return;
	snapshot_free(counts->snapshot);
	free(counts);
}

static struct history_slice refer(const struct history_slice *slice)
{
	atomic_fetch_add(&slice->reference->references, 1);
	return *slice;
}

/* What it was made from leaves room for all rows of a run, and all frames, of which a slice has few. NULL when out of
 * memory. */
static struct snapshot *compact(struct snapshot *large)
{
	struct snapshot *small = snapshot_new();
	struct stacks *stacks = NULL;
	bool failed = !small;

	if (large->stacks) {
		stacks = filter_stacks(&(struct filter){}, large->stacks);
		failed |= !stacks;
		snapshot_drop_stacks(large);
	}
	failed |= !failed && snapshot_add(small, large);
	snapshot_free(large);
	if (failed) {
		stacks_free(stacks);
		snapshot_free(small);
		return NULL;
	}
	small->stacks = stacks; /* scaled as they were */
	return small;
}

void history_forget_run(struct snapshot *part)
{
	part->totals.user_ns = part->totals.system_ns = part->totals.max_rss_bytes = UNKNOWN;
}

static struct snapshot *since(const struct snapshot *whole, const struct snapshot *before)
{
	struct snapshot *slice = snapshot_new();

	if (!slice || snapshot_add(slice, whole)) {
		snapshot_free(slice);
		return NULL;
	}
	if (before)
		snapshot_subtract(slice, before);
	slice = compact(slice);
	if (slice)
		history_forget_run(slice);
	return slice;
}

static void set_whole(struct history *history, struct history_counts *counts, uint64_t end_ns)
{
	struct history_counts *before;

	pthread_mutex_lock(&history->lock);
	before = history->whole.reference;
	history->whole = (struct history_slice){
	    .first = 1, .number = history->number, .end_ns = end_ns, .counts = counts->snapshot, .reference = counts};
	pthread_mutex_unlock(&history->lock);
	history_drop(before);
}

static int append(struct history *history, struct snapshot *snapshot, uint64_t start_ns, uint64_t end_ns)
{
	struct history_counts *counts = history_keep(snapshot);

	if (!counts || history_make_room(history)) {
		history_drop(counts);
		if (!counts)
			snapshot_free(snapshot);
		return -1;
	}
	pthread_mutex_lock(&history->lock);
	history->number++;
	history->slices[history->count++] = (struct history_slice){
	    .first = history->number,
	    .number = history->number,
	    .start_ns = start_ns,
	    .end_ns = end_ns,
	    .counts = snapshot,
	    .reference = counts,
	};
	pthread_mutex_unlock(&history->lock);
	return 0;
}

int history_put_slice(struct history *history, struct snapshot *slice, uint64_t start_ns, uint64_t end_ns)
{
	if (append(history, slice, start_ns, end_ns))
		return -1;
	history_bound(history);
	return 0;
}

int history_put_whole(struct history *history, struct snapshot *whole, uint64_t end_ns)
{
	struct history_counts *counts = history_keep(whole);

	if (!counts) {
		snapshot_free(whole);
		return -1;
	}
	set_whole(history, counts, end_ns);
	return 0;
}

int history_add(struct history *history, struct snapshot *whole, uint64_t end_ns)
{
	uint64_t start_ns = history->whole.end_ns;
	struct snapshot *slice = since(whole, history->whole.counts);
	struct history_counts *counts = slice ? history_keep(whole) : NULL;

	if (!counts) {
		snapshot_free(slice);
		snapshot_free(whole);
		return -1;
	}
	if (append(history, slice, start_ns, end_ns)) {
		history_drop(counts);
		return -1;
	}
	set_whole(history, counts, end_ns);
	history_bound(history);
	return 0;
}

void history_end(struct history *history)
{
	pthread_mutex_lock(&history->lock);
	history->ended = true;
	pthread_mutex_unlock(&history->lock);
}

struct history_state history_state(struct history *history)
{
	struct history_state state;

	pthread_mutex_lock(&history->lock);
	state = (struct history_state){
	    .number = history->number,
	    .interval_ns = history->interval_ns,
	    .forgotten = history->forgotten,
	    .ended = history->ended,
	    .slices = history->count,
	    .bytes = history_bytes(history),
	};
	pthread_mutex_unlock(&history->lock);
	return state;
}

size_t history_slices(struct history *history, uint64_t after, struct history_slice *into, size_t most)
{
	size_t count = 0;

	pthread_mutex_lock(&history->lock);
	for (size_t i = 0; i < history->count && count < most; i++)
		if (history->slices[i].number > after)
			into[count++] = refer(&history->slices[i]);
	pthread_mutex_unlock(&history->lock);
	return count;
}

void history_release(struct history_slice *slices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		history_drop(slices[i].reference);
}

int history_whole(struct history *history, struct history_slice *whole)
{
	bool any;

	pthread_mutex_lock(&history->lock);
	any = history->whole.reference;
	if (any)
		*whole = refer(&history->whole);
	pthread_mutex_unlock(&history->lock);
	return any ? 0 : -1;
}

/* References to those whose middle lies in the time. */
static size_t within(
    struct history *history, uint64_t from_ns, uint64_t to_ns, struct history_slice slices[HISTORY_MOST_SLICES])
{
	size_t count = 0;

	pthread_mutex_lock(&history->lock);
	for (size_t i = 0; i < history->count; i++) {
		const struct history_slice *slice = &history->slices[i];
		uint64_t middle = slice->start_ns + (slice->end_ns - slice->start_ns) / 2;

		if (middle >= from_ns && middle < to_ns)
			slices[count++] = refer(slice);
	}
	pthread_mutex_unlock(&history->lock);
	return count;
}

struct snapshot *history_part(struct history *history, const struct history_slice *slices, size_t count)
{
	struct snapshot *sum = history_add_up(slices, count);
	struct history_slice whole;
	bool failed = !sum || history_whole(history, &whole);

	if (!failed) {
		failed = snapshot_copy_facts(sum, whole.counts);
		history_release(&whole, 1);
	}
	if (failed) {
		snapshot_free(sum);
		return NULL;
	}
	history_forget_run(sum);
	sum->in_parts = true;
	sum->part = (struct part){
	    .number = 1, .first = true, .start_ns = slices[0].start_ns, .end_ns = slices[count - 1].end_ns};
	sum->wall_ns = sum->part.end_ns - sum->part.start_ns;
	return sum;
}

struct snapshot *history_between(struct history *history, uint64_t from_ns, uint64_t to_ns)
{
	struct history_slice *slices = malloc(HISTORY_MOST_SLICES * sizeof(*slices));
	size_t count = slices ? within(history, from_ns, to_ns, slices) : 0;
	struct snapshot *result = count ? history_part(history, slices, count) : NULL;

	history_release(slices, count);
	errno = slices && !count ? ENOENT : ENOMEM;
	free(slices);
	return result;
}
