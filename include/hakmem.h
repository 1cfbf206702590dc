/* SPDX-License-Identifier: MIT */
/*
 * The public interface of libhakmem beyond malloc's own: figures about the heap and what its memory cost, and pools.
 *
 * All functions may be called from any thread at any time, except from a signal handler that may have interrupted the
 * allocator. None but the pools' allocates. Names, fields and their order are stable; new fields are only added at the
 * end, which is why callers pass the size they know.
 */
#ifndef HAKMEM_H
#define HAKMEM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAKMEM_CLASSES 84

/* One size class. */
struct hakmem_class_statistics {
	uint64_t block_bytes;  /* size of a block */
	uint64_t slabs;        /* that hold this class now: of 64 KiB, of blocks above 16 KiB 256 KiB to 1 MiB */
	uint64_t live_blocks;  /* allocated and not yet freed */
	uint64_t total_blocks; /* ever allocated */
};

/*
 * A snapshot of the whole process. Bytes throughout. Exact when no other thread is allocating. A block that one thread
 * allocated and another freed counts as live until the first thread allocates again. For each other thread that has
 * allocated a class, its live_blocks and total_blocks may be too high by the blocks that the thread has at hand (at
 * most a slab's worth). In hardened mode the chunks count as SuperSlabs, whatever lies in them, and what is in
 * quarantine is not live.
 */
struct hakmem_statistics {
	uint64_t superslabs;         /* SuperSlabs of 2 MiB mapped now */
	uint64_t slabs_used;         /* of their 64 KiB each */
	uint64_t medium_chunks;      /* 2 MiB chunks for blocks above 113 KiB up to 1 MiB, mapped now */
	uint64_t medium_blocks;      /* live */
	uint64_t medium_live_bytes;  /* in whole pages */
	uint64_t large_blocks;       /* live blocks above 1 MiB */
	uint64_t large_live_bytes;   /* in whole pages */
	uint64_t large_cached_bytes; /* mappings of freed large blocks, kept for reuse */
	uint64_t small_live_bytes;   /* of the classes below, block sizes added up */
	uint64_t mapped_bytes;       /* address space of SuperSlabs, medium chunks and large mappings */
	uint64_t metadata_bytes;     /* address space of the allocator's own tables */
	uint64_t kept_dirty_bytes;   /* free memory that may still be resident */
	uint64_t purged_bytes;       /* given back with madvise so far */
	uint64_t heaps;              /* per-thread heaps ever made; they are taken over by later threads */
	uint64_t unpublished;        /* ranges for which the shared map had no room */
	struct hakmem_class_statistics classes[HAKMEM_CLASSES];
};

/* Fills in the first `size` bytes of *statistics: pass sizeof(struct hakmem_statistics). */
void hakmem_get_statistics(struct hakmem_statistics *statistics, size_t size);

/* What the kernel's work for the SuperSlab or mapping chunk at an address has cost so far, as a tracer counts it. */
struct hakmem_cost_figures {
	uint64_t faults;
	uint64_t timed; /* of these: those whose time is in fault_ns */
	uint64_t fault_ns;
	uint64_t zeroed_bytes;
	uint64_t zero_timed_bytes; /* of these: those whose time is in zero_ns */
	uint64_t zero_ns;
};

/* 0; or -1 with errno ENOTSUP when no tracer counts for this process, ENOENT when the address is not libhakmem's. */
int hakmem_range_cost(const void *address, struct hakmem_cost_figures *cost);

/*
 * Pools of uninitialized memory, for what is thrown away together: a request's, a frame's, a pass of a compiler. Blocks
 * are not freed one by one, and memory is never cleared: resetting a pool keeps every page of it present and dirty, so
 * that the next use causes no fault and the kernel clears nothing. New pools take memory that libhakmem keeps before
 * they take the kernel's; destroyed ones leave it theirs. A block's bytes are whatever was there: another block's, or
 * zero.
 *
 * A pool is for one thread at a time; different pools are independent. It takes 2 MiB of address space at first and
 * doubles when it is full, by 64 MiB at most. Its blocks are not malloc's: free() refuses them.
 */
struct hakmem_pool;

/* NULL with errno ENOMEM. */
struct hakmem_pool *hakmem_pool_create(void);
/* At least `size` bytes at a multiple of `alignment`, a power of two (below 16 it is 16). NULL with errno ENOMEM, and
 * the pool stays as useful as it was; or EINVAL. */
void *hakmem_pool_allocate(struct hakmem_pool *pool, size_t size, size_t alignment);
/* All blocks are gone; the memory stays. */
void hakmem_pool_reset(struct hakmem_pool *pool);
/* Bytes of address space that it holds. */
size_t hakmem_pool_mapped(const struct hakmem_pool *pool);
/* Blocks and memory are gone. NULL is let pass. */
void hakmem_pool_destroy(struct hakmem_pool *pool);

/* The version of the library at run time, such as "0.1.0". */
const char *hakmem_version(void);

#ifdef __cplusplus
}
#endif

#endif
