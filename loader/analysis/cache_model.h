/* SPDX-License-Identifier: MIT */
/*
 * A model of a first-level data cache: lines of 64 bytes, sets, least recently used replacement. Pure. It knows no
 * prefetcher and no accesses of the kernel: a model, not a measurement. Indexed by virtual address, which is the same
 * as by physical one as long as a way is no larger than a page (32 KiB 8-way, 48 KiB 12-way).
 */
#ifndef CACHE_MODEL_H
#define CACHE_MODEL_H

#include "analysis/sets.h"

#define CACHE_LINE_SHIFT 6

struct cache_shape {
	unsigned int kibibytes;
	unsigned int ways;
};

extern const struct cache_shape cache_usual; /* 32 KiB, 8-way: Skylake, Zen */

/* "48/12": KiB/ways. 0, or -1 when it is not like that, or can't be built. */
int cache_shape_parse(const char *text, struct cache_shape *shape);

struct cache_model {
	struct sets lines;
	uint64_t last;
};

int cache_model_make(struct cache_model *model, const struct cache_shape *shape); /* 0, or -1 when out of memory */
void cache_model_free(struct cache_model *model);

/* An access within one line: whether it was there. */
bool cache_model_access(struct cache_model *model, uint64_t address);

#endif
