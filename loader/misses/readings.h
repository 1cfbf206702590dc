/* SPDX-License-Identifier: MIT */
/*
 * libhakmem's table of one process, read again and again while the process lives, so that an address can be looked up
 * as of a moment. Nothing of the process is stopped or changed, so what comes and goes between two readings is missed,
 * and so is what comes after the last one: then the nearest reading answers, and says that it is not sure.
 */
#ifndef READINGS_H
#define READINGS_H

#include "process/address_space.h"
#include "process/published.h"

#define READINGS_MOST 8

/* The table as it was all the time from `since` to `until` (CLOCK_MONOTONIC, ns). */
struct reading {
	uint64_t since, until;
	struct hakmem_map map;
};

struct readings {
	struct reading *list[READINGS_MOST]; /* in the order of time; the oldest ones go */
	size_t count;
	uint64_t map_address; /* 0: not found */
	unsigned int searches;
	unsigned int patience; /* readings to skip before the next search, twice as many each time */
	unsigned int waited;
};

uint64_t readings_now(void);

void readings_free(struct readings *readings);

/*
 * Read now. may_contain: says which ranges of the space could contain the table (data of images). Quick when nothing
 * has changed since the last time.
 */
void readings_take(struct readings *readings, const struct memory *memory, const struct address_space *space,
    bool (*may_contain)(void *context, size_t owner), void *context);

/* A reading that was made otherwise. 0, or -1 when out of memory. */
int readings_add(struct readings *readings, const struct reading *reading);

/* Whose was the address at that time? sure: the readings before and after agree. */
struct published readings_find(const struct readings *readings, uint64_t address, uint64_t time, bool *sure);

#endif
