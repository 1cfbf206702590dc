/* SPDX-License-Identifier: MIT */
/*
 * The rows of a page of the dashboard: what happened in one slice of time beside what happened in all, put together.
 * Pure functions of two snapshots.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"
#include "snapshot/yours.h"

enum page {
	PAGE_REGIONS,
	PAGE_CLASSES,
	PAGE_STACKS,
	PAGE_PROCESSES,
	PAGE_SPACES, /* no rows of counts */
	PAGE_OUTPUT, /* the command's own: no rows */
	PAGE_COUNT,
};

/* Of one row, UNKNOWN where it isn't measured. */
struct figures {
	uint64_t faults, major, zeroed_bytes, fault_ns;
	uint64_t first_touches, purged; /* of the faults */
	uint64_t half_ns, slow_ns;      /* p50 and p99 of a fault */
};

struct row {
	enum region region; /* REGION_COUNT: of several, or none */
	char *detail;       /* of the region, or "" */
	char *name;         /* stack, function, name of the process; or "" */
	uint32_t pid, parent;
	uint64_t size; /* of a class; UNKNOWN: it is none */
	enum yours yours;
	struct figures now, total;
};

struct rows {
	struct row *list;
	size_t count;
	size_t of;                     /* how many there were before the filter */
	uint64_t faults, zeroed_bytes; /* of the slice, of all that the page is about, whatever the filter */
	bool estimated;                /* stacks were a sample */
	const char *missing;           /* why there can be none, in words; NULL: there can */
};

struct rows_wish {
	enum page page;
	bool folded;        /* regions without their details */
	bool functions;     /* of stacks, the functions */
	const char *filter; /* a part of any of a row's words, in any case; "": all */
};

/* now: NULL before the first slice has ended. 0, or -1 when out of memory. */
int rows_make(
    struct rows *rows, const struct rows_wish *wish, const struct snapshot *now, const struct snapshot *total);
void rows_free(struct rows *rows);

#endif
