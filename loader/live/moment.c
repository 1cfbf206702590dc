// SPDX-License-Identifier: MIT
/* See moment.h. */
#include "live/moment.h"

#include <math.h>
#include <stdlib.h>

#include "snapshot/copy.h"

/* -- looking -- */

static void let_go(struct moment *moment)
{
	history_release(moment->slices, moment->count);
	moment->count = 0;
	if (moment->has_whole)
		history_release(&moment->whole, 1);
	moment->has_whole = false;
	snapshot_free(moment->sum);
	moment->sum = NULL;
	free(moment->points);
	moment->points = NULL;
}

void moment_close(struct moment *moment)
{
	let_go(moment);
	if (moment->has_base)
		history_release(&moment->base, 1);
	moment->has_base = false;
}

/* The slice that a time is in, or the one closest to it. */
static size_t slice_at(const struct moment *moment, uint64_t end_ns)
{
	size_t at = 0;

	while (at + 1 < moment->count && moment->slices[at].end_ns < end_ns)
		at++;
	return at;
}

static double rate(uint64_t value, uint64_t ns)
{
	return value == UNKNOWN || !ns ? NAN : (double)value * 1e9 / (double)ns;
}

static struct point point_of(const struct history_slice *slice)
{
	const struct counts *counts = &slice->counts->totals.counts;
	uint64_t length = slice->end_ns - slice->start_ns, ran = slice->counts->totals.traced_ns;
	struct point point = {rate(counts->faults, length), rate(counts->zeroed_bytes, length), NAN};

	if (!counts->faults)
		point.fault_share = 0;
	else if (counts->fault_ns != UNKNOWN && ran && ran != UNKNOWN)
		point.fault_share = 100.0 * (double)counts->fault_ns / (double)ran;
	return point;
}

static bool base_counts(const struct moment *moment)
{
	return moment->has_base && moment->count && moment->base.end_ns <= moment->slices[moment->shown].end_ns;
}

/* What a slice doesn't tell apart any more can't be taken from the whole either. */
static void drop_lacking(struct snapshot *sum, unsigned int lacks)
{
	if (lacks & HISTORY_LACKS_STACKS)
		snapshot_drop_stacks(sum);
	if (lacks & HISTORY_LACKS_PROCESSES)
		snapshot_drop_processes(sum);
}

/* The whole without what came later, and without what was counted before the reset. */
static int make_sum(struct moment *moment)
{
	bool based = base_counts(moment);

	if (!moment->has_whole || (moment->shown + 1 >= moment->count && !based))
		return 0;
	moment->sum = snapshot_copy(moment->whole.counts);
	if (!moment->sum)
		return -1;
	for (size_t i = moment->shown + 1; i < moment->count; i++) {
		snapshot_subtract(moment->sum, moment->slices[i].counts);
		drop_lacking(moment->sum, moment->slices[i].lacks);
	}
	if (based)
		snapshot_subtract(moment->sum, moment->base.counts);
	return 0;
}

int moment_look(struct moment *moment, struct history *history, const struct dashboard *dashboard)
{
	let_go(moment);
	moment->count = history_slices(history, 0, moment->slices, HISTORY_MOST_SLICES);
	moment->has_whole = !history_whole(history, &moment->whole);
	moment->shown = moment->count ? moment->count - 1 : 0;
	if (dashboard->held && moment->count)
		moment->shown = slice_at(moment, dashboard->at_ns);
	moment->points = calloc(moment->count + 1, sizeof(*moment->points));
	if (!moment->points)
		return -1;
	for (size_t i = 0; i < moment->count; i++)
		moment->points[i] = point_of(&moment->slices[i]);
	return make_sum(moment);
}

/* -- moving -- */

static void hold(const struct moment *moment, struct dashboard *dashboard, size_t slice)
{
	dashboard->held = true;
	dashboard->at_ns = moment->slices[slice].end_ns;
}

bool moment_move(const struct moment *moment, struct dashboard *dashboard, enum wish wish)
{
	size_t newest = moment->count ? moment->count - 1 : 0;

	if (wish != WISH_PAUSE && wish != WISH_BACK && wish != WISH_FORWARD && wish != WISH_OLDEST &&
	    wish != WISH_NEWEST)
		return false;
	if (!moment->count)
		return true;
	switch (wish) {
	case WISH_PAUSE:
		if (dashboard->held)
			dashboard->held = false;
		else
			hold(moment, dashboard, moment->shown);
		break;
	case WISH_BACK:
		hold(moment, dashboard, moment->shown ? moment->shown - 1 : 0);
		break;
	case WISH_FORWARD:
		if (moment->shown + 1 < newest)
			hold(moment, dashboard, moment->shown + 1);
		else
			dashboard->held = false;
		break;
	case WISH_OLDEST:
		hold(moment, dashboard, 0);
		break;
	default:
		dashboard->held = false;
	}
	return true;
}

int moment_reset(struct moment *moment, struct history *history)
{
	struct history_slice base;

	if (history_whole(history, &base))
		return -1;
	if (moment->has_base)
		history_release(&moment->base, 1);
	moment->base = base;
	moment->has_base = true;
	return 0;
}

/* -- showing -- */

static const struct snapshot *total_of(const struct moment *moment)
{
	if (moment->sum)
		return moment->sum;
	return moment->has_whole ? moment->whole.counts : NULL;
}

void moment_scene(const struct moment *moment, struct scene *scene)
{
	const struct history_slice *shown = &moment->slices[moment->shown];

	scene->about = moment->has_whole ? moment->whole.counts : NULL;
	scene->total = total_of(moment);
	scene->was_reset = base_counts(moment);
	if (!moment->count)
		return;
	scene->now = shown->counts;
	scene->slice_ns = shown->end_ns - shown->start_ns;
	scene->elapsed_ns = shown->end_ns;
	scene->ago_ns = moment->slices[moment->count - 1].end_ns - shown->end_ns;
	scene->points = moment->points;
	scene->point_count = moment->shown + 1;
}

struct snapshot *moment_snapshot(const struct moment *moment)
{
	const struct snapshot *total = total_of(moment);
	struct snapshot *copy = total ? snapshot_copy(total) : NULL;
	bool based = base_counts(moment);

	if (!copy || !moment->count || (moment->shown + 1 == moment->count && !based))
		return copy;
	copy->in_parts = true;
	copy->part = (struct part){
	    .number = 1,
	    .first = true,
	    .start_ns = based ? moment->base.end_ns : 0,
	    .end_ns = moment->slices[moment->shown].end_ns,
	};
	copy->wall_ns = copy->part.end_ns - copy->part.start_ns;
	return copy;
}
