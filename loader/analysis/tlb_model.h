/* SPDX-License-Identifier: MIT */
/*
 * A model of a processor's data TLB: a first level for each page size, a second one that both share, least recently
 * used replacement. Pure: addresses in, hits and misses out. It knows no prefetcher, no page-walk caches, no second
 * thread on the core, no kernel accesses: a model, not a measurement.
 */
#ifndef TLB_MODEL_H
#define TLB_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/sets.h"

#define TLB_PAGE_SHIFT 12
#define TLB_HUGE_SHIFT 21

struct tlb_shape {
	struct geometry first;      /* first level, 4 KiB pages */
	struct geometry first_huge; /* first level, 2 MiB pages */
	struct geometry second;     /* shared */
};

/* Intel's Skylake: 64 entries 4-way, 32 entries 4-way, 1536 entries 12-way (Intel 64 and IA-32 Architectures
 * Optimization Reference Manual, chapter on the Skylake client microarchitecture, table of its TLB parameters). */
extern const struct tlb_shape tlb_skylake;

/*
 * "skylake", or "l1=64/4,huge=32/4,l2=1536/12": entries/ways, each part optional, the rest as Skylake has it. 0, or -1
 * with what is wrong with it in *problem.
 */
int tlb_shape_parse(const char *text, struct tlb_shape *shape, const char **problem);

#define TLB_SHAPE_TEXT 128
/* As it can be parsed again. */
void tlb_shape_write(const struct tlb_shape *shape, char text[TLB_SHAPE_TEXT]);

enum tlb_outcome {
	TLB_HIT,
	TLB_FIRST_MISS, /* the second level has it */
	TLB_WALK,       /* neither has it */
};

struct tlb_model {
	struct sets first, first_huge, second;
	uint64_t last; /* key of the last page: it is the most recently used one of all its sets */
};

int tlb_model_make(struct tlb_model *model, const struct tlb_shape *shape); /* 0, or -1 when out of memory */
void tlb_model_free(struct tlb_model *model);

/* One access that lies within one page; huge: that page has 2 MiB. */
enum tlb_outcome tlb_model_access(struct tlb_model *model, uint64_t address, bool huge);

#endif
