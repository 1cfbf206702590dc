// SPDX-License-Identifier: MIT
/* Rows of counts: regions, size classes, processes. row_stacks.c has those of stacks. See rows.h. */
#include "live/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/row_build.h"
#include "snapshot/process_index.h"

static struct figures figures_of(const struct counts *counts)
{
	return (struct figures){
	    .faults = counts->faults,
	    .major = counts->major,
	    .zeroed_bytes = counts->zeroed_bytes,
	    .fault_ns = counts->faults ? counts->fault_ns : 0,
	    .first_touches = counts->causes[FAULT_CAUSE_FIRST_TOUCH],
	    .purged = counts->causes[FAULT_CAUSE_PURGED],
	    .half_ns = counts->faults ? histogram_quantile(counts->histogram, 500) : 0,
	    .slow_ns = counts->faults ? histogram_quantile(counts->histogram, 990) : 0,
	};
}

struct figures row_nothing(const struct snapshot *of)
{
	static const struct figures unknown = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};

	if (!of)
		return unknown;
	return (struct figures){
	    .zeroed_bytes = of->totals.counts.zeroed_bytes == UNKNOWN ? UNKNOWN : 0,
	    .fault_ns = of->totals.counts.fault_ns == UNKNOWN ? UNKNOWN : 0,
	};
}

struct row *row_add(struct rows *rows)
{
	struct row *list = reallocarray(rows->list, rows->count + 1, sizeof(*list));

	if (!list)
		return NULL;
	rows->list = list;
	list[rows->count] = (struct row){.region = REGION_COUNT, .yours = YOURS_UNKNOWN, .size = UNKNOWN};
	return &list[rows->count++];
}

/* -- of regions and details -- */

static struct row *region_row_of(struct rows *rows, enum region region, const char *detail)
{
	struct row *row;
	unsigned long long size;
	char end;

	for (size_t i = 0; i < rows->count; i++)
		if (rows->list[i].region == region && !strcmp(rows->list[i].detail, detail))
			return &rows->list[i];
	row = row_add(rows);
	if (!row)
		return NULL;
	row->region = region;
	row->detail = strdup(detail);
	row->name = strdup("");
	row->yours = yours(region, detail);
	if (sscanf(detail, "class %llu%c", &size, &end) == 1)
		row->size = size;
	return row->detail && row->name ? row : NULL;
}

static bool is_empty(const struct counts *counts)
{
	return !counts->faults && (!counts->zeroed_bytes || counts->zeroed_bytes == UNKNOWN);
}

/* Whether a page of classes is about these: the allocator's, be it libc's own. */
static bool is_of_classes(const struct region_row *row)
{
	return row->region == REGION_ALLOCATOR ||
	       (row->region == REGION_LIBC && yours(REGION_LIBC, row->detail) == YOURS_YES);
}

static int put_regions(struct rows *rows, const struct rows_wish *wish, const struct snapshot *snapshot, bool now,
    const struct snapshot *slice)
{
	for (size_t i = 0; snapshot && i < snapshot->region_count; i++) {
		const struct region_row *from = &snapshot->regions[i];
		struct row *row;

		if (is_empty(&from->counts) || (wish->page == PAGE_CLASSES && !is_of_classes(from)))
			continue;
		row = region_row_of(rows, from->region, from->detail);
		if (!row)
			return -1;
		if (now)
			row->now = figures_of(&from->counts);
		else
			row->total = figures_of(&from->counts);
		if (!now)
			row->now = row_nothing(slice);
	}
	return 0;
}

/* What all rows have in common, else "partly". */
static enum yours yours_together(const struct snapshot *snapshot, enum region region)
{
	enum yours common = YOURS_COUNT;

	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];

		if (row->region != region || is_empty(&row->counts))
			continue;
		if (common != YOURS_COUNT && common != yours(region, row->detail))
			return YOURS_PARTLY;
		common = yours(region, row->detail);
	}
	return common == YOURS_COUNT ? YOURS_UNKNOWN : common;
}

static size_t details_of(const struct snapshot *snapshot, enum region region, const char **only)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->region_count; i++) {
		if (snapshot->regions[i].region != region || is_empty(&snapshot->regions[i].counts))
			continue;
		*only = snapshot->regions[i].detail;
		count++;
	}
	return count;
}

static int put_folded(struct rows *rows, const struct snapshot *now, const struct snapshot *total)
{
	for (enum region region = 0; region < REGION_COUNT; region++) {
		struct counts sum = snapshot_region_sum(total, region);
		const char *detail = "";
		char several[32];
		struct row *row;
		size_t count;

		if (is_empty(&sum))
			continue;
		count = details_of(total, region, &detail);
		snprintf(several, sizeof(several), "(%zu kinds)", count);
		row = region_row_of(rows, region, count == 1 ? detail : several);
		if (!row)
			return -1;
		row->yours = yours_together(total, region);
		row->total = figures_of(&sum);
		row->now = row_nothing(now);
		if (now) {
			sum = snapshot_region_sum(now, region);
			if (!is_empty(&sum))
				row->now = figures_of(&sum);
		}
	}
	return 0;
}

/* -- of processes -- */

static struct row *add_process(struct rows *rows, const struct process_row *from)
{
	struct row *row = row_add(rows);

	if (!row)
		return NULL;
	row->pid = from->pid;
	row->parent = from->parent;
	row->detail = strdup("");
	row->name = strdup(from->comm);
	return row->detail && row->name ? row : NULL;
}

/* index: of the total, whose rows come first. */
static int put_processes_now(struct rows *rows, const struct snapshot *now, const struct process_index *index)
{
	for (size_t i = 0; i < now->process_count; i++) {
		uint32_t number = process_index_find(index, now->processes[i].pid);
		struct row *row = number == LOOKUP_NONE ? add_process(rows, &now->processes[i]) : &rows->list[number];

		if (!row)
			return -1;
		row->now = figures_of(&now->processes[i].counts);
	}
	return 0;
}

static int put_processes(struct rows *rows, const struct snapshot *now, const struct snapshot *total)
{
	struct process_index index;
	int result;

	/* A slice that has lost its processes says nothing of any. */
	if (now && !now->process_count && now->totals.counts.faults)
		now = NULL;
	for (size_t i = 0; i < total->process_count; i++) {
		struct row *row = add_process(rows, &total->processes[i]);

		if (!row)
			return -1;
		row->total = figures_of(&total->processes[i].counts);
		row->now = row_nothing(now);
	}
	if (!now)
		return 0;
	if (process_index_make(&index, total))
		return -1;
	result = put_processes_now(rows, now, &index);
	process_index_free(&index);
	return result;
}

/* -- all -- */

/* Unknown + 1 is unknown. */
static void add(uint64_t *into, uint64_t value)
{
	*into = *into == UNKNOWN || value == UNKNOWN ? UNKNOWN : *into + value;
}

static void sum_classes(struct rows *rows)
{
	rows->faults = rows->zeroed_bytes = 0;
	for (size_t i = 0; i < rows->count; i++) {
		add(&rows->faults, rows->list[i].now.faults);
		add(&rows->zeroed_bytes, rows->list[i].now.zeroed_bytes);
	}
}

static int put(
    struct rows *rows, const struct rows_wish *wish, const struct snapshot *now, const struct snapshot *total)
{
	switch (wish->page) {
	case PAGE_REGIONS:
		if (wish->folded)
			return put_folded(rows, now, total);
		/* fall through */
	case PAGE_CLASSES:
		return put_regions(rows, wish, total, false, now) || put_regions(rows, wish, now, true, now) ? -1 : 0;
	case PAGE_PROCESSES:
		return put_processes(rows, now, total);
	case PAGE_STACKS:
		return row_stacks(rows, wish->functions, now, total);
	default:
		return 0;
	}
}

int rows_make(struct rows *rows, const struct rows_wish *wish, const struct snapshot *now, const struct snapshot *total)
{
	*rows = (struct rows){
	    .faults = now ? now->totals.counts.faults : UNKNOWN,
	    .zeroed_bytes = now ? now->totals.counts.zeroed_bytes : UNKNOWN,
	};
	if (!total)
		return 0;
	if (put(rows, wish, now, total)) {
		rows_free(rows);
		return -1;
	}
	if (wish->page == PAGE_CLASSES)
		sum_classes(rows);
	rows->of = rows->count;
	row_filter(rows, wish->filter);
	return 0;
}

void rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->list[i].detail);
		free(rows->list[i].name);
	}
	free(rows->list);
	*rows = (struct rows){0};
}
