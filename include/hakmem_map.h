/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The shared address-range map: which memory of a process belongs to libhakmem, and to which size class.
 *
 * libhakmem writes one `struct hakmem_map` in the process's own memory; hakmem-trace's BPF programs read it there
 * (bpf_probe_read_user), so a process can mislead only about itself, and a forked child inherits a map that is right
 * from its first fault. The allocator, the BPF programs and the loader all include this file; the layout is fixed and
 * `version` changes with it.
 *
 * Registration: once the header is filled in and before the first range is published, libhakmem names the map's pages
 *     prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, &map, sizeof(map), "hakmem:map")
 * A tracer sees that system call enter, checks the magic at that address and remembers it for this address space. The
 * result does not matter (kernels without CONFIG_ANON_VMA_NAME refuse the name, and nothing is lost by that).
 *
 * Look-up of an address, bounded and without locks:
 *   1. fine table: slots[(address >> 21) + i & (SLOTS - 1)], i < PROBES, whose tag names exactly this chunk;
 *   2. coarse table: the same with address >> 26, for 64 MiB granules that a long range covers whole.
 * A slot whose tag is 0 ends the search; a retired slot (HAKMEM_TAG_RETIRED) does not.
 *
 * Writing: claim a slot by compare-and-swap of its tag from 0 or RETIRED to BUSY, fill in the rest, then store the tag
 * with release order. Publish before the range is first touched, retire before it is unmapped. No lock, no system call.
 */
#ifndef HAKMEM_MAP_H
#define HAKMEM_MAP_H

#ifndef __VMLINUX_H__
#include <stdint.h>
typedef uint8_t hakmem_u8;
typedef uint16_t hakmem_u16;
typedef uint32_t hakmem_u32;
typedef uint64_t hakmem_u64;
#else
typedef __u8 hakmem_u8;
typedef __u16 hakmem_u16;
typedef __u32 hakmem_u32;
typedef __u64 hakmem_u64;
#endif

#define HAKMEM_MAP_MAGIC   0x50414d4d454b4148ULL /* "HAKEMMAP" */
#define HAKMEM_MAP_VERSION 4
#define HAKMEM_MAP_NAME    "hakmem:map"

#define HAKMEM_CHUNK_SHIFT   21 /* a chunk, and a SuperSlab, is 2 MiB */
#define HAKMEM_SLAB_SHIFT    16 /* a slab is 64 KiB */
#define HAKMEM_CHUNK_SLABS   32
#define HAKMEM_GRANULE_SHIFT 26 /* a coarse slot covers 64 MiB */

#define HAKMEM_MAP_SLOTS    4096
#define HAKMEM_MAP_GRANULES 1024
#define HAKMEM_MAP_PROBES   8
#define HAKMEM_MAP_CLASSES  128
#define HAKMEM_MAP_EXTENTS  4

enum hakmem_range_kind {
	HAKMEM_RANGE_NONE = 0,
	HAKMEM_RANGE_SUPERSLAB = 1, /* slab_class says what each slab holds */
	HAKMEM_RANGE_LARGE = 2,
	HAKMEM_RANGE_METADATA = 3,
};

/* A tag is the chunk (or granule) number and the kind in one word, so that one store publishes both. */
#define HAKMEM_TAG(number, kind) ((hakmem_u64)(number) << 8 | (kind))
#define HAKMEM_TAG_NUMBER(tag)   ((tag) >> 8)
#define HAKMEM_TAG_KIND(tag)     ((tag)&0xff)
#define HAKMEM_TAG_RETIRED       0xffULL /* number 0 and no kind: was in use, keep probing */
#define HAKMEM_TAG_BUSY          0xfeULL /* being filled in: keep probing */

/* Values of slab_class that are not an index into class_size. */
#define HAKMEM_SLAB_FREE     0xff
#define HAKMEM_SLAB_MEDIUM   0xfe
#define HAKMEM_SLAB_METADATA 0xfd

struct hakmem_map_slot {
	hakmem_u64 tag;
	hakmem_u8 slab_class[HAKMEM_CHUNK_SLABS]; /* SUPERSLAB: index into class_size, or HAKMEM_SLAB_* */
};

/* Metadata that lies outside any chunk of its own, such as tables in bss: [start, end), end 0 when unused. */
struct hakmem_map_extent {
	hakmem_u64 start;
	hakmem_u64 end;
};

/*
 * Where a reader of the process's memory finds how full its slabs are, without a lock or a call: nothing is published
 * for it, these are the allocator's own structures. What they say may be changing meanwhile. All 0: not told.
 *
 * From the chunk's number (address >> 21) to its descriptor: an array of 2^root_bits pointers to arrays of 2^leaf_bits
 * pointers each, both NULL where there is nothing. A descriptor begins with its kind (32 bits: HAKMEM_INSIDE_*) and, at
 * 8, the chunk's address. Of a kind that isn't known here nothing can be told.
 *
 * HAKMEM_INSIDE_SLABS: from `slabs` on a record of slab_size bytes for each of its slabs, and in it, at these offsets,
 * `carved` (16 bits: the blocks that were ever handed out, from the first on), `state` (8 bits: HAKMEM_SLAB_STATE_*),
 * and of one that its heap does not allocate from now, `countdown` (32 bits) plus `beyond` (16 bits): the blocks in
 * use. Of one that it does, a carved block is in use unless the second word in it is `key` (64 bits). Slabs of large
 * blocks are longer than 64 KiB: all of these have the class, the first one's record is the slab's, and in the others
 * `state` is HAKMEM_SLAB_STATE_REST and `beyond` says how many records it is before.
 *
 * HAKMEM_INSIDE_RUNS: from `runs` on 32 bits for each page; where a block begins, the lowest nine have its pages and
 * HAKMEM_RUN_KEPT says that it was freed and is kept. Elsewhere 0.
 */
struct hakmem_inside {
	hakmem_u64 root;
	hakmem_u16 root_bits;
	hakmem_u16 leaf_bits;
	hakmem_u16 slabs;
	hakmem_u16 slab_size;
	hakmem_u16 key;
	hakmem_u16 countdown;
	hakmem_u16 beyond;
	hakmem_u16 carved;
	hakmem_u16 state;
	hakmem_u16 runs;
	hakmem_u16 reserved[2];
	hakmem_u64 decisions; /* of a struct hakmem_decisions; 0: it decides nothing (HAKMEM_ASSIST) */
};

#define HAKMEM_INSIDE_SLABS 1
#define HAKMEM_INSIDE_RUNS  2

#define HAKMEM_SLAB_STATE_UNUSED  0
#define HAKMEM_SLAB_STATE_CURRENT 1
#define HAKMEM_SLAB_STATE_REST    4

#define HAKMEM_RUN_PAGES 0x000001ff
#define HAKMEM_RUN_KEPT  0x00008000

/* What libhakmem has decided by what its memory costs, and why it last wished so. It may be changing meanwhile. */
/* clang-format off */
#define HAKMEM_REASONS(reason) \
	reason(NO_EVIDENCE, "nothing is known yet") \
	reason(BATCH_PAYS, "slabs get filled: a batch saves more traps than its waste and its call cost") \
	reason(BATCH_WASTED, "slabs end before they are filled: too much of a batch would not be touched") \
	reason(BATCH_DEAR, "clearing a page costs so much that little waste undoes what traps saved") \
	reason(DENSE, "what the newest chunks have is touched") \
	reason(SPARSE, "too much of the newest chunks is not touched") \
	reason(FEW_CHUNKS, "there are too few chunks to tell") \
	reason(HUGE_DEAR, "a huge page costs about what its small ones do, or more") \
	reason(REGRET, "what was given back was soon touched again: keeping it would have cost less") \
	reason(IDLE, "what was kept was not used again: giving it back earlier costs less")
/* clang-format on */

#define HAKMEM_MEDIUM_POOLS 8

struct hakmem_decision {
	hakmem_u32 changes; /* how often it was changed */
	hakmem_u16 value;
	hakmem_u8 reason; /* the number of one of HAKMEM_REASONS */
	hakmem_u8 made;   /* 0: there was nothing to decide yet */
};

struct hakmem_decisions {
	hakmem_u32 size; /* of this struct, bytes */
	hakmem_u32 reserved;
	/* ms that free memory is kept */
	struct hakmem_decision delay;
	/* 1: huge pages are asked for; of SuperSlabs, then of each pool of medium blocks */
	struct hakmem_decision huge[1 + HAKMEM_MEDIUM_POOLS];
	/* pages of a slab of a class made present at once */
	struct hakmem_decision prefault[HAKMEM_MAP_CLASSES];
	hakmem_u32 block_size[HAKMEM_MAP_CLASSES]; /* bytes, of these classes */
};

struct hakmem_map {
	hakmem_u64 magic;
	hakmem_u32 version;
	hakmem_u32 size;                           /* of this struct, bytes */
	hakmem_u64 generation;                     /* grows by one with each change */
	hakmem_u64 unpublished;                    /* ranges for which no slot was free within PROBES */
	hakmem_u32 class_size[HAKMEM_MAP_CLASSES]; /* bytes of a block of each class, 0 when unused */
	struct hakmem_map_extent extent[HAKMEM_MAP_EXTENTS];
	struct hakmem_inside inside;
	struct hakmem_map_slot slots[HAKMEM_MAP_SLOTS];
	hakmem_u64 granules[HAKMEM_MAP_GRANULES]; /* tags only */
};

#ifndef __cplusplus
/* The layout is the interface between separately built programs: whoever changes it changes HAKMEM_MAP_VERSION. */
_Static_assert(sizeof(struct hakmem_map_slot) == 40, "slot layout");
_Static_assert(sizeof(struct hakmem_map) == 32 + 4 * HAKMEM_MAP_CLASSES + 16 * HAKMEM_MAP_EXTENTS + 40 +
                                                40 * HAKMEM_MAP_SLOTS + 8 * HAKMEM_MAP_GRANULES,
    "map layout");
#endif

/*
 * For tools that follow ranges as they come and go, libhakmem has two USDT probes (hakmem_probe.h), one nop each:
 *     hakmem:range_add(base, length, kind, block size)    after a range is in the map
 *     hakmem:range_del(base, length, kind, block size)    before it is taken out
 * kind is an enum hakmem_range_kind. A SuperSlab is one range of 2 MiB and block size 0; within it, each slab (64 KiB,
 * or more of them) that holds blocks of one class is another, whose block size is that class's, for as long as it does
 * or until the SuperSlab goes. Ranges from before the probes were set are in the process's map.
 */

/*
 * The way back: what each range cost, written by BPF, read by libhakmem with plain loads.
 *
 * The memory is a BPF_F_MMAPABLE array of one `struct hakmem_costs` that is the process's alone. Who gives it out
 * listens on a Unix socket (SOCK_SEQPACKET): hakmem-trace on an abstract one that the command's environment names
 * (HAKMEM_COSTS_ENV; ignored under AT_SECURE), `hakmem-trace assist` on one in the file system. libhakmem connects, to
 * the first at start-up and to the second once its memory has grown, sends a hakmem_costs_request, receives a
 * hakmem_costs_reply with the descriptor (SCM_RIGHTS), maps `size` bytes at `offset` and closes it. cost[i] belongs to
 * slots[i] for i < SLOTS, else to granules[i - SLOTS]. The counters only grow while a slot keeps its tag; libhakmem
 * clears them before it publishes a new tag there. They are hints: no report is made from them. A forked child must not
 * use its parent's.
 *
 * Of all faults only some are timed: one takes fault_ns / timed on average, and a zeroed byte zero_ns /
 * zero_timed_bytes.
 */
#define HAKMEM_COSTS_ENV   "HAKMEM_COSTS_SOCKET"
#define HAKMEM_COSTS_MAGIC 0x54534f434d4b4148ULL /* "HAKMCOST" */

/* Where `hakmem-trace assist` listens unless it is told otherwise. */
#define HAKMEM_ASSIST_PATH "/run/hakmem-trace/assist.sock"

struct hakmem_cost {
	hakmem_u64 faults;
	hakmem_u64 timed; /* of these: those whose time is in fault_ns */
	hakmem_u64 fault_ns;
	hakmem_u64 zeroed_bytes;
	hakmem_u64 zero_timed_bytes; /* of these: those whose time is in zero_ns */
	hakmem_u64 zero_ns;
};

struct hakmem_costs {
	hakmem_u64 magic; /* written by hakmem-trace before it replies */
	hakmem_u32 version;
	hakmem_u32 process; /* id of the process that this was given to, as its giver sees it */
	hakmem_u64 reserved[6];
	struct hakmem_cost cost[HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES];
	/* Written by libhakmem, where assistance is on: who gave it this can see them when the process has ended. */
	struct hakmem_decisions decisions;
};

struct hakmem_costs_request {
	hakmem_u64 magic; /* HAKMEM_COSTS_MAGIC */
	hakmem_u32 version;
	hakmem_u32 reserved;
	hakmem_u64 map; /* where the process's struct hakmem_map lies */
};

struct hakmem_costs_reply {
	hakmem_u64 magic;
	hakmem_u32 version;
	hakmem_u32
	    status; /* 0, or an errno value: ENOSPC, there is no room for one more; EPROTO, another version; ... */
	hakmem_u64 offset; /* page-aligned */
	hakmem_u64 size;   /* bytes to map */
};

#endif
