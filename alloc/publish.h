/* SPDX-License-Identifier: MIT */
/*
 * The writing side of the shared address-range map (include/hakmem_map.h): plain stores, no lock, no system call. Each
 * range is published before its first touch and retired before it is unmapped, by whoever owns it at that moment.
 */
#ifndef HAKMEM_PUBLISH_H
#define HAKMEM_PUBLISH_H

#include "common.h"

/* Its pages are found by name, by their magic, and by who looks for the symbol. */
extern EXPORT struct hakmem_map hakmem_map;

/* Fills in the header and names the map's pages for tracers. Called once, before anything else here. */
void publish_start(void);

/* Where what is decided by measured costs is told, for as long as the process lives. */
void publish_decisions(const struct hakmem_decisions *decisions);

/* A SuperSlab of 32 slabs, all of class `slab_class` (HAKMEM_SLAB_FREE at first). Returns its slot, NULL when none was
 * free within the probes: the range is then counted as unpublished. */
struct hakmem_map_slot *publish_superslab(const void *base, uint8_t slab_class);
/* parts: how many of 64 KiB the slab has. */
void publish_slab_class(struct hakmem_map_slot *slot, unsigned int slab, unsigned int parts, uint8_t slab_class);
void publish_retire_superslab(struct hakmem_map_slot *slot);

/* A large mapping or a metadata mapping of any length that starts at a chunk. */
void publish_range(const void *base, size_t size, enum hakmem_range_kind kind);
void publish_retire_range(const void *base, size_t size, enum hakmem_range_kind kind);
/* A published range becomes two, of which the first has `first` bytes. No one may touch it meanwhile. */
void publish_split_range(const void *base, size_t size, size_t first, enum hakmem_range_kind kind);

/* The index into hakmem_costs.cost of the slot that holds an address now, or -1. */
long publish_cost_index(const void *address);

/* Address space of the static tables. */
size_t publish_static_bytes(void);
/* How many ranges found no room in the map. */
uint64_t publish_unpublished(void);

#endif
