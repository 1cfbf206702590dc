/* SPDX-License-Identifier: MIT */
/*
 * The model of `hakmem-trace misses`: whose data addresses missed a TLB or a cache, by region. Sampled by the hardware
 * or modelled; the same figures either way. Plain data; UNKNOWN means that it was not measured, never 0.
 */
#ifndef MISSES_H
#define MISSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

/* Of a row. A figure follows the number of accesses of which it is told; figures are counts but for the latency. */
enum miss_figure {
	MISS_ACCESSES,       /* loads and stores: all of them (a model), or the samples */
	MISS_TLB_FIRST_TOLD, /* of which it is known whether the first-level data TLB had the page */
	MISS_TLB_FIRST,      /* of these: it had not */
	MISS_TLB_LAST_TOLD,
	MISS_TLB_LAST, /* of these: no TLB had it, so that the page table was walked */
	MISS_CACHE_FIRST_TOLD,
	MISS_CACHE_FIRST, /* of these: not in the first-level data cache */
	MISS_CACHE_LAST_TOLD,
	MISS_CACHE_LAST, /* of these: in no cache */
	MISS_LATENCY_TOLD,
	MISS_LATENCY, /* of these: sum, cycles */
	MISS_FIGURES,
};

struct miss_row {
	enum region region;
	char *detail;
	uint64_t figures[MISS_FIGURES];
};

/* One event that was sampled, or one model. */
struct miss_event {
	char *name;      /* "stlb-miss-loads", "tlb-model" */
	char *encoding;  /* what was asked of the hardware, or of the model */
	uint64_t period; /* events a sample; 1: every one */
	struct miss_row *rows;
	size_t row_count;
	uint64_t totals[MISS_FIGURES]; /* misses_finish() makes them */
	uint64_t lost;                 /* samples that the kernel could not deliver */
	uint64_t aside;                /* samples of what is no load or store, or has no address: in no row */
	uint64_t unsure; /* in a row by a reading of libhakmem's table from another moment than the access's */
};

struct misses {
	char **command; /* NULL-terminated */
	bool modelled;
	bool stopped;  /* at the limit of accesses, before the command's end */
	int exit_code; /* -1 when a signal ended it */
	int exit_signal;
	uint64_t wall_ns;
	char *release; /* of the kernel */
	char **limits; /* NULL-terminated, in words */
	struct miss_event *events;
	size_t event_count;
};

struct misses *misses_new(void); /* NULL when out of memory */
void misses_free(struct misses *misses);

/* One more event, without rows. The pointer holds until the next call; NULL when out of memory. */
struct miss_event *misses_event(struct misses *misses, const char *name, const char *encoding, uint64_t period);

/* Keep a copy of the command. 0, or -1 when out of memory. */
int misses_command(struct misses *misses, char *const *command);

/* A limit more, in words. 0, or -1 when out of memory. */
int misses_limit(struct misses *misses, const char *words);

/* The row of region and detail, made if it isn't there, as its index; SIZE_MAX when out of memory. */
size_t miss_event_row(struct miss_event *event, enum region region, const char *detail);

/* The sum of one region's rows. `superslabs`: only what lies in libhakmem's SuperSlabs (size classes, medium). */
void miss_event_sum(
    const struct miss_event *event, enum region region, bool superslabs, uint64_t figures[MISS_FIGURES]);

/* Whether this row lies in libhakmem's SuperSlabs. */
bool miss_row_in_superslab(const struct miss_row *row);

/* Drop empty rows, order the others by region and then by page walks and accesses, most first; make the totals. What
 * is told of no access is UNKNOWN from then on. */
void misses_finish(struct misses *misses);

const char *miss_figure_name(enum miss_figure figure); /* "accesses", "tlb_told", ... */

#endif
