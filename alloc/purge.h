/* SPDX-License-Identifier: MIT */
/*
 * What becomes of pages whose contents the program has given up (HAKMEM_ZERO), and how many of them are kept
 * (HAKMEM_DIRTY_MAX).
 */
#ifndef HAKMEM_PURGE_H
#define HAKMEM_PURGE_H

#include "common.h"

/* Free memory is about to be kept. True when it now reads as zero; else its contents are unknown. */
bool purge_freed(void *address, size_t size);
/* Gives pages back whatever the options say; true when they now read as zero. */
bool purge_now(void *address, size_t size);

/* Dirty free memory that is kept grows or shrinks. */
void purge_count_kept(size_t size);
void purge_count_reused(size_t size);
/* More is kept than HAKMEM_DIRTY_MAX allows. */
bool purge_over_limit(void);
size_t purge_limit(void);
/* The process may have no more memory than that. */
void purge_have_memory(size_t size);

size_t purge_kept_bytes(void);
/* Trimming may stop: no more than `most` is kept. Of 0, all is to go, what is not dirty too. */
static inline bool purge_is_enough(size_t most)
{
	return most != 0 && purge_kept_bytes() <= most;
}

/* The least that was kept at any moment since it was asked last. */
size_t purge_lowest(void);
/* Bytes given back with MADV_DONTNEED or MADV_FREE so far. */
uint64_t purge_total_bytes(void);

#endif
