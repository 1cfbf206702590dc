/* SPDX-License-Identifier: MIT */
/* Ranges of addresses painted one over the other: which one is seen at an address, the last that covers it? */
#ifndef PAINTED_RANGES_H
#define PAINTED_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAINTED_NOTHING SIZE_MAX

struct painted_ranges {
	uint64_t *bounds; /* between which all is one's or nothing's */
	uint32_t *seen;   /* from each bound on: 1 more than the range's index; 0: none */
	size_t count;
};

/* starts and ends of that many, in the order of painting. False: memory is out; what was there is kept then. */
bool painted_ranges_make(struct painted_ranges *painted, const uint64_t (*ranges)[2], uint32_t count);

/* The index of the range; PAINTED_NOTHING. */
size_t painted_ranges_at(const struct painted_ranges *painted, uint64_t address);

void painted_ranges_clear(struct painted_ranges *painted);

#endif
