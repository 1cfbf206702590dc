/* SPDX-License-Identifier: MIT */
/*
 * Which time the dashboard shows: the newest slice of a history, or one that was stepped back to; and the totals up to
 * its end, from the start or from a reset. One thread.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/dashboard.h"
#include "live/history.h"

struct moment {
	struct history_slice slices[HISTORY_MOST_SLICES]; /* the oldest first */
	size_t count;
	size_t shown;                     /* which of them */
	struct history_slice whole, base; /* all of the run; what had been counted at the reset */
	bool has_whole, has_base;
	struct snapshot *sum; /* the totals, where they are not the whole */
	struct point *points;
};

/* Look at what the history has, and at the moment that the dashboard is held at. 0, or -1 when out of memory. */
int moment_look(struct moment *moment, struct history *history, const struct dashboard *dashboard);
void moment_close(struct moment *moment);

/* Pause, step: changes what the dashboard is held at; then look. False: the wish is another one. */
bool moment_move(const struct moment *moment, struct dashboard *dashboard, enum wish wish);

/* Totals begin with what is counted from now on; then look. 0, or -1: nothing was counted yet. */
int moment_reset(struct moment *moment, struct history *history);

/* The slice, the totals, the graphs and the times of a scene; they are the moment's. */
void moment_scene(const struct moment *moment, struct scene *scene);

/* The totals that are shown, as a snapshot of a run: what was run and how measured with them. The caller's; NULL when
 * out of memory, or when there are none. */
struct snapshot *moment_snapshot(const struct moment *moment);

#endif
