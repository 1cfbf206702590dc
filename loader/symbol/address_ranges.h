/* SPDX-License-Identifier: MIT */
/*
 * Ranges of addresses, each with a value: added in any order, sorted once, then asked which one an address lies in.
 * They may overlap: the one that starts last is meant, of those that start together the shortest, then the one added
 * last.
 */
#ifndef ADDRESS_RANGES_H
#define ADDRESS_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_range {
	uint64_t start, end;
	uint64_t value;
	size_t
	    enclosing; /* sorted: one more than the index of the nearest before it that ends after its start; 0: none */
};

struct address_ranges {
	struct address_range *ranges;
	size_t count, room;
};

/* An empty range is none. False: memory is out. */
bool address_ranges_add(struct address_ranges *ranges, uint64_t start, uint64_t end, uint64_t value);

void address_ranges_sort(struct address_ranges *ranges);

/* NULL: there is none. */
const struct address_range *address_ranges_at(const struct address_ranges *ranges, uint64_t address);

void address_ranges_clear(struct address_ranges *ranges);

#endif
