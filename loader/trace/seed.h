/* SPDX-License-Identifier: MIT */
/*
 * Who owns what was mapped before a process was attached to? Nobody saw who asked for it, so it is told by what can be
 * known: files and the kernel's own layout, each thread's registers, and the structures that libc and libhakmem keep in
 * memory. What then remains is anonymous memory `before attach`. Pure: unit-tested without a kernel.
 */
#ifndef SEED_H
#define SEED_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/types.h"

/* One address space, as the iterators told it; mappings in the order of their addresses. */
struct seed_view {
	const struct attach_mapping *mappings;
	size_t mapping_count;
	const struct attach_thread *threads;
	size_t thread_count;
	/* Its memory: 0, or -1 where it can't be read without changing anything (not allowed, not resident). */
	int (*read)(void *context, uint64_t address, void *buffer, size_t size);
	void *context;
};

struct seed_range {
	uint64_t start;
	uint64_t end;
	uint32_t owner;
};

/* Where ranges overlap the earlier one holds. */
struct seed {
	struct seed_range *ranges;
	size_t count;
	uint64_t map; /* address of its struct hakmem_map, 0: none was found */
};

/* 0, or -1 when out of memory. seed_free() in either case. */
int seed_make(struct seed *seed, const struct seed_view *view);
void seed_free(struct seed *seed);

#endif
