/* SPDX-License-Identifier: MIT */
/*
 * A set-associative table with the least recently used key of a set replaced: what a TLB and a cache are alike in.
 * Pure.
 */
#ifndef SETS_H
#define SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* entries / ways sets; fully associative when both are equal. */
struct geometry {
	unsigned int entries;
	unsigned int ways;
};

struct sets {
	unsigned int ways;
	uint64_t count; /* of sets */
	uint64_t *keys; /* ways of each set, the most recently used first */
};

/* Whether the geometry can be built: at least one way, ways divide entries, and at most 2^20 entries. */
bool geometry_valid(struct geometry geometry);

/* 0, or -1 when out of memory. The geometry must be valid. */
int sets_make(struct sets *sets, struct geometry geometry);
void sets_free(struct sets *sets);

/*
 * Look a key up that belongs into set `index` modulo the number of sets. True: it was there. It is the most recently
 * used one from then on, and if it was missing it has replaced the least recently used one. No key may be UINT64_MAX.
 */
bool sets_touch(struct sets *sets, uint64_t index, uint64_t key);

#endif
