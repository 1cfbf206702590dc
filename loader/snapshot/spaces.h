/* SPDX-License-Identifier: MIT */
/*
 * The address spaces of traced processes that live, as they were at one moment: whose each range is, how much of it is
 * resident, and of libhakmem's SuperSlabs how full each slab is. Plain data; trace/spaces.c fills it in. Figures that
 * could not be had are UNKNOWN. Bounded: the largest ranges of the largest processes, and the sums of the others.
 */
#ifndef SPACES_H
#define SPACES_H

#include "snapshot/decisions.h"
#include "snapshot/snapshot.h"

#define SPACES_SLABS      32
#define SPACES_SLAB_BYTES (64UL << 10)
#define SPACES_SLAB_PAGES 16
#define SPACES_CHUNK      (SPACES_SLABS * SPACES_SLAB_BYTES) /* a SuperSlab */

#define SPACES_PARTS 32

#define SPACES_PROCESSES_MOST 256 /* in a list */
#define SPACES_RANGES_MOST    256 /* of a process */
#define SPACES_SLABS_MOST     256 /* SuperSlabs, of all processes together, half of them of one at most */

enum slab_holds {
	SLAB_HOLDS_NOTHING,
	SLAB_HOLDS_BLOCKS, /* of one size class */
	SLAB_HOLDS_PAGES,  /* medium blocks, which are whole pages */
	SLAB_HOLDS_METADATA,
};

struct spaces_slab {
	enum slab_holds holds;
	uint64_t block_bytes;
	uint64_t blocks; /* that fit in; pages of SLAB_HOLDS_PAGES; 0: it holds none */
	uint64_t used;   /* of these; UNKNOWN */
};

struct spaces_range {
	uint64_t start, bytes;
	enum region region; /* as the rows of a report have it */
	char *detail;
	uint64_t resident_bytes; /* mapped in this process */
	uint64_t part_bytes;     /* it in equal parts, but for the last, and what of each is resident; UNKNOWN */
	uint64_t parts[SPACES_PARTS];
	uint64_t faults, zeroed_bytes; /* of libhakmem's ranges, where it was given a cost area */
	struct spaces_slab *slabs;     /* SPACES_SLABS of them, each a part: a SuperSlab; else NULL */
};

struct spaces_process {
	uint32_t pid;
	char *comm;
	char *cannot; /* why it has no ranges, or not all figures, in words; NULL: it has them */
	uint64_t bytes, resident_bytes;
	struct spaces_range *ranges; /* by address */
	size_t range_count;
	struct {
		uint64_t ranges, bytes, resident_bytes;
	} others;                   /* ranges that were too many */
	struct decisions decisions; /* libhakmem's (HAKMEM_ASSIST) */
};

struct spaces {
	struct spaces_process *processes; /* the most resident first */
	size_t process_count;
	uint64_t other_processes;      /* that were too many */
	uint64_t other_resident_bytes; /* theirs */
	uint64_t took_ns;              /* to collect */
};

void spaces_free(struct spaces *spaces); /* what it points to */
void spaces_process_free(struct spaces_process *process);

/*
 * Keep at most so many ranges and, of these, so many SuperSlabs: those with the most resident bytes (all, where it
 * isn't known), then the longest; the rest is added to `others`. Ends in the order of addresses. Returns how many
 * SuperSlabs are left.
 */
size_t spaces_bound(struct spaces_process *process, size_t ranges, size_t super_slabs);

/* a + b, where UNKNOWN absorbs. */
uint64_t spaces_add(uint64_t a, uint64_t b);

/* Set part_bytes by bytes: whole pages, of a SuperSlab a slab. Returns how many parts there are. */
size_t spaces_range_cut(struct spaces_range *range);
size_t spaces_range_parts(const struct spaces_range *range);

/* [start, end), which lies in the range, is resident. */
void spaces_range_resident(struct spaces_range *range, uint64_t start, uint64_t end);

const char *slab_holds_name(enum slab_holds holds); /* "blocks", "pages", "metadata", "nothing" */

#endif
