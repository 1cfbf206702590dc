// SPDX-License-Identifier: MIT
/* What could not be accounted, by what was short. */
#include "snapshot/snapshot.h"

const char *lost_name(enum lost_kind kind)
{
	static const char *const names[] = {
	    [LOST_ROWS] = "rows",
	    [LOST_FILES] = "files",
	    [LOST_RANGES] = "ranges",
	    [LOST_SPACES] = "spaces",
	    [LOST_HISTORY] = "history",
	    [LOST_PHASES] = "phases",
	    [LOST_TASKS] = "tasks",
	    [LOST_EVENTS] = "events",
	};

	return kind < LOST_COUNT ? names[kind] : "unknown";
}

void snapshot_lose(struct snapshot *snapshot, enum lost_kind kind, uint64_t count)
{
	snapshot->totals.lost += count;
	snapshot->totals.lost_by[kind] += count;
}

uint64_t snapshot_missing_clearings(const struct snapshot *snapshot)
{
	uint64_t skipped = snapshot->totals.skipped;

	/* Where it isn't known which pages came from nowhere, any skip may be one of this run's. */
	return skipped == UNKNOWN || !snapshot->totals.unallocated ? 0 : skipped;
}

bool snapshot_lacks_counts(const struct snapshot *snapshot)
{
	uint64_t of_detail = 0;

	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++)
		if (kind != LOST_TASKS && kind != LOST_EVENTS)
			of_detail += snapshot->totals.lost_by[kind];
	return snapshot->totals.lost > of_detail;
}
