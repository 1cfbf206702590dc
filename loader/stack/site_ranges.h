/* SPDX-License-Identifier: MIT */
/*
 * Who was handed each range of addresses last, in each address space: sites, which are numbers of somebody's. What is
 * told later is right where ranges overlap. How many ranges are kept is bounded; for more there is no room, and what
 * they cover is nobody's. Not thread-safe.
 */
#ifndef SITE_RANGES_H
#define SITE_RANGES_H

#include <stddef.h>
#include <stdint.h>

#define SITE_NONE UINT32_MAX

struct site_ranges;

struct site_ranges *site_ranges_new(size_t most); /* NULL: out of memory */
void site_ranges_free(struct site_ranges *ranges);

/* From start up to end, which is not in it. */
void site_ranges_set(struct site_ranges *ranges, uint32_t space, uint64_t start, uint64_t end, uint32_t site);

/* SITE_NONE: nobody's that is known. */
uint32_t site_ranges_find(const struct site_ranges *ranges, uint32_t space, uint64_t address);

/* A space begins as a copy of another. */
void site_ranges_copy(struct site_ranges *ranges, uint32_t space, uint32_t from);

/* A space has ended. */
void site_ranges_drop(struct site_ranges *ranges, uint32_t space);

/* How often there was no room. */
uint64_t site_ranges_lost(const struct site_ranges *ranges);

#endif
