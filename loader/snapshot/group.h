/* SPDX-License-Identifier: MIT */
/*
 * The rows of a snapshot put together in another way than by region: by function, by source file, by process, ... A
 * pure function of the snapshot, which must outlive what is made of it.
 *
 * Rows by region, detail, process and time are counted exactly. Those that come from stacks are sums over them, which
 * are estimates where stacks are a sample; what no stack is known of is a row of its own, so that all rows add up to
 * the total (but for functions and lines of code, whose figures with all that they called overlap).
 */
#ifndef GROUP_H
#define GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"
#include "snapshot/stack_value.h"
#include "snapshot/stacks.h"

enum grouping {
	GROUP_REGION,
	GROUP_DETAIL,
	GROUP_STACK,
	GROUP_FUNCTION,
	GROUP_FILE, /* of source: of the innermost frame that has one */
	GROUP_LINE, /* the same, with the line */
	GROUP_PROCESS,
	GROUP_TIME,
	GROUP_COUNT,
};

/* Figures are doubles, for estimates have no whole numbers; NAN: not measured. */
struct group_cost {
	double faults, zeroed_bytes, fault_ns, zero_ns;
};

struct group_row {
	struct group_cost cost;    /* of functions: with all that they called, once a stack */
	struct group_cost self;    /* of functions: themselves; else as cost */
	enum region region;        /* REGION_COUNT: of several */
	const char *name;          /* detail, function, file, name of the process; "": none, or not known */
	const char *object;        /* of functions, and of files that are not known; else "" */
	uint32_t line;             /* of lines */
	uint32_t pid;              /* of processes */
	struct frames frames;      /* of stacks, the innermost first: of the snapshot's stacks */
	uint64_t samples;          /* stacks that it is from; 0: it is from none */
	uint64_t start_ns, end_ns; /* of time */
	bool rest;                 /* what there is no stack of */
};

struct groups {
	enum grouping by;
	enum stack_value value; /* of which the rows with most come first; slices of time are in their order */
	struct group_row *rows;
	size_t count;
	struct group_cost total;
	bool estimated; /* from a sample of stacks */
	bool from_stacks;
};

/* By its name as an option has it: "region". GROUP_COUNT: there is none. */
enum grouping grouping_find(const char *name);
const char *grouping_name(enum grouping by);

/* Does it take stacks to group by this? */
bool grouping_needs_stacks(enum grouping by);

/*
 * Of a snapshot that has stacks, where it takes them, and by anything but time. NULL when out of memory.
 */
struct groups *group_snapshot(const struct snapshot *snapshot, enum grouping by, enum stack_value value);

/* By time: each slice a row. NULL when out of memory. */
struct groups *group_slices(struct snapshot *const *slices, size_t count);

/*
 * Stacks as functions' names alone tell them apart, for comparing runs of programs that are not the same to the byte:
 * rows as of GROUP_STACK. NULL when out of memory.
 */
struct groups *group_calls(const struct snapshot *snapshot);

void groups_free(struct groups *groups);

struct group_cost cost_of(const struct counts *counts);
uint64_t cost_figure(double value); /* as a whole number, or UNKNOWN */
double cost_value(const struct group_cost *cost, enum stack_value value);
void cost_add(struct group_cost *into, const struct group_cost *from); /* unknown + 1 is unknown */

/* For group_*.c: the most of `value` first, then most faults, then by name; the rest last. */
void groups_sort(struct groups *groups);
/* A new row at the end; NULL when out of memory. */
struct group_row *groups_add(struct groups *groups);
/* Rows from stacks. 0, or -1 when out of memory. */
int group_by_function(struct groups *groups, const struct stacks *stacks);
int group_by_place(struct groups *groups, const struct stacks *stacks);
int group_by_stack(struct groups *groups, const struct stacks *stacks, bool names_alone);

#endif
