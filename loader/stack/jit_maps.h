/* SPDX-License-Identifier: MIT */
/* What processes say of the code that they make themselves (symbol/perf_map.h), of each that has had stacks in such. */
#ifndef JIT_MAPS_H
#define JIT_MAPS_H

#include <stdint.h>

struct jit_maps;

struct jit_maps *jit_maps_new(void); /* NULL: out of memory */
void jit_maps_free(struct jit_maps *maps);

/* This process has such code: look for its map while it is alive. Quick when that was done lately. */
void jit_maps_meet(struct jit_maps *maps, uint32_t pid);

/* What was added to the maps since. */
void jit_maps_refresh(struct jit_maps *maps);

/* NULL: not known. The string lives as long as the maps. */
const char *jit_maps_function(const struct jit_maps *maps, uint32_t pid, uint64_t address);

#endif
