// SPDX-License-Identifier: MIT
/* See metric_series.h. */
#include "output/metric_series.h"

#include <stdlib.h>
#include <string.h>

#include "output/text.h"
#include "snapshot/room.h"

struct seen_process {
	uint32_t pid;
	size_t series; /* where it was counted */
	uint64_t figures[PROCESS_FIGURES];
};

/* --- regions --- */

static struct region_series *find_region(struct metric_series *series, enum region region, const char *detail)
{
	for (size_t i = 0; i < series->region_count; i++)
		if (series->regions[i].region == region && !strcmp(series->regions[i].detail, detail))
			return &series->regions[i];
	return NULL;
}

static struct region_series *add_region(struct metric_series *series, enum region region, const char *detail)
{
	struct region_series *row;

	if (room_for_one(&series->regions, &series->region_room, series->region_count, sizeof(*series->regions)))
		return NULL;
	row = &series->regions[series->region_count];
	*row = (struct region_series){.region = region, .detail = strdup(detail)};
	if (!row->detail)
		return NULL;
	series->region_count++;
	return row;
}

/* The series that a row belongs to: its own, as long as there is room. */
static struct region_series *region_series(
    struct metric_series *series, enum region region, const char *detail, size_t most)
{
	struct region_series *found = find_region(series, region, detail);

	if (found)
		return found;
	if (!series->regions_full && series->region_own < most) {
		series->region_own++;
		return add_region(series, region, detail);
	}
	series->regions_full = true;
	found = find_region(series, region, METRIC_OTHERS);
	return found ? found : add_region(series, region, METRIC_OTHERS);
}

static int most_faults(const void *left, const void *right)
{
	const struct region_row *const *a = left, *const *b = right;

	return ((*a)->counts.faults < (*b)->counts.faults) - ((*a)->counts.faults > (*b)->counts.faults);
}

static int add_region_row(struct metric_series *series, const struct region_row *row, size_t most)
{
	char *detail = text_printable(row->detail);
	struct region_series *into = detail ? region_series(series, row->region, detail, most) : NULL;

	free(detail);
	if (!into)
		return -1;
	counts_add(&into->counts, &row->counts);
	into->present = true;
	return 0;
}

/* The largest first: they are to have series of their own. */
static int add_regions(struct metric_series *series, const struct snapshot *snapshot, size_t most)
{
	const struct region_row **rows = calloc(snapshot->region_count + 1, sizeof(struct region_row *));
	int result = rows ? 0 : -1;

	for (size_t i = 0; i < series->region_count; i++) {
		series->regions[i].counts = (struct counts){};
		series->regions[i].present = false;
	}
	for (size_t i = 0; rows && i < snapshot->region_count; i++)
		rows[i] = &snapshot->regions[i];
	if (rows)
		qsort(rows, snapshot->region_count, sizeof(struct region_row *), most_faults);
	for (size_t i = 0; !result && i < snapshot->region_count; i++)
		result = add_region_row(series, rows[i], most);
	free(rows);
	return result;
}

/* --- processes --- */

static bool same_text(const char *left, const char *right)
{
	return left == right || (left && right && !strcmp(left, right));
}

static bool is_series(
    const struct metric_series *series, size_t number, const char *comm, const char *cgroup, uint32_t pid)
{
	const struct process_series *of = number < series->process_count ? &series->processes[number] : NULL;

	return of && of->pid == pid && same_text(of->comm, comm) && same_text(of->cgroup, cgroup);
}

static size_t find_process(const struct metric_series *series, const char *comm, const char *cgroup, uint32_t pid)
{
	size_t i = 0;

	while (i < series->process_count && !is_series(series, i, comm, cgroup, pid))
		i++;
	return i;
}

/* SIZE_MAX: out of memory. */
static size_t process_series(
    struct metric_series *series, const char *comm, const char *cgroup, uint32_t pid, size_t most)
{
	size_t number = find_process(series, comm, cgroup, pid);
	struct process_series *added;

	if (number < series->process_count)
		return number;
	if (number >= most) {
		comm = METRIC_OTHERS;
		cgroup = NULL;
		pid = 0;
		number = find_process(series, comm, cgroup, pid);
		if (number < series->process_count)
			return number;
	}
	if (room_for_one(&series->processes, &series->process_room, number, sizeof(*series->processes)))
		return SIZE_MAX;
	added = &series->processes[number];
	*added = (struct process_series){.comm = strdup(comm), .cgroup = cgroup ? strdup(cgroup) : NULL, .pid = pid};
	if (!added->comm || (cgroup && !added->cgroup)) {
		free(added->comm);
		free(added->cgroup);
		return SIZE_MAX;
	}
	series->process_count++;
	return number;
}

static bool same_pid(const void *context, uint32_t entry, const void *key)
{
	const struct metric_series *series = context;

	return series->seen[entry].pid == *(const uint32_t *)key;
}

/* NULL: out of memory. */
static struct seen_process *seen_process(struct metric_series *series, uint32_t pid)
{
	uint32_t hash = lookup_hash(LOOKUP_START, &pid, sizeof(pid));
	uint32_t entry = lookup_find(&series->seen_by_pid, hash, same_pid, series, &pid);

	if (entry != LOOKUP_NONE)
		return &series->seen[entry];
	if (room_for_one(&series->seen, &series->seen_room, series->seen_count, sizeof(*series->seen)) ||
	    lookup_add(&series->seen_by_pid, hash, series->seen_count))
		return NULL;
	series->seen[series->seen_count] = (struct seen_process){.pid = pid, .series = SIZE_MAX};
	return &series->seen[series->seen_count++];
}

static void count_process(struct process_series *into, struct seen_process *seen, const struct counts *counts)
{
	const uint64_t now[PROCESS_FIGURES] = {
	    [PROCESS_FAULTS] = counts->faults,
	    [PROCESS_MAJOR] = counts->major,
	    [PROCESS_POPULATED] = counts->populated,
	    [PROCESS_ZEROED_BYTES] = counts->zeroed_bytes,
	    [PROCESS_ZERO_EVENTS] = counts->zero_events,
	    [PROCESS_TIMED] = counts->timed,
	    [PROCESS_TIMED_NS] = counts->timed_ns,
	};

	for (int i = 0; i < PROCESS_FIGURES; i++) {
		if (now[i] == UNKNOWN || into->figures[i] == UNKNOWN) {
			into->figures[i] = UNKNOWN;
		} else if (now[i] > seen->figures[i]) {
			into->figures[i] += now[i] - seen->figures[i];
			seen->figures[i] = now[i];
		}
	}
}

static int add_process(struct metric_series *series, const struct process_row *row, size_t most, bool pids)
{
	struct seen_process *seen = seen_process(series, row->pid);
	char *comm = text_printable(row->comm), *cgroup = row->cgroup ? text_printable(row->cgroup) : NULL;
	uint32_t pid = pids ? row->pid : 0;
	int result = seen && comm && (cgroup || !row->cgroup) ? 0 : -1;

	if (!result && !is_series(series, seen->series, comm, cgroup, pid))
		seen->series = process_series(series, comm, cgroup, pid, most);
	if (!result && seen->series == SIZE_MAX)
		result = -1;
	if (!result)
		count_process(&series->processes[seen->series], seen, &row->counts);
	free(comm);
	free(cgroup);
	return result;
}

/* A snapshot has them in the order of their faults. */
int metric_series_add(struct metric_series *series, const struct snapshot *snapshot, size_t most, bool pids)
{
	if (add_regions(series, snapshot, most))
		return -1;
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (add_process(series, &snapshot->processes[i], most, pids))
			return -1;
	return 0;
}

void metric_series_free(struct metric_series *series)
{
	for (size_t i = 0; i < series->region_count; i++)
		free(series->regions[i].detail);
	for (size_t i = 0; i < series->process_count; i++) {
		free(series->processes[i].comm);
		free(series->processes[i].cgroup);
	}
	free(series->regions);
	free(series->processes);
	free(series->seen);
	lookup_free(&series->seen_by_pid);
	*series = (struct metric_series){};
}
