/* SPDX-License-Identifier: MIT */
/*
 * How full the slabs of a SuperSlab are, by what libhakmem publishes of itself and where that says that its own
 * structures lie (include/hakmem_map.h, struct hakmem_inside). All of it is the process's to write, and it runs on
 * meanwhile: reads are bounded, and what doesn't fit together is unknown. Pure: unit-tested without a process.
 */
#ifndef SLAB_FILL_H
#define SLAB_FILL_H

#include "hakmem_map.h"
#include "snapshot/spaces.h"

struct slab_reader {
	const struct hakmem_map *map; /* a copy */
	/* Its memory, as memory_read() has it: 0, or -1 when that isn't resident. */
	int (*read)(void *context, uint64_t address, void *buffer, size_t size);
	/* Has nobody ever written this page (as memory_untouched() has it)? */
	bool (*untouched)(void *context, uint64_t address);
	void *context;
	size_t looks; /* at the blocks of slabs, that may still be taken: each reads up to 64 KiB */
};

/* Of the SuperSlab of a slot. */
void slab_fill(struct slab_reader *reader, const struct hakmem_map_slot *slot, struct spaces_slab slabs[SPACES_SLABS]);

#endif
