/* SPDX-License-Identifier: MIT */
/*
 * Which mappings are to have huge pages (HAKMEM_THP). With one, the kernel takes one fault and clears 2 MiB at a
 * stretch where else it takes 512 faults; but what the program never touches is cleared, and resident, too. So `auto`
 * asks for them only where what was asked for fills the mapping, and forbids them where they would be waste, whatever
 * the system's own setting is. That isn't read: it would take system calls which a sandboxed program may no longer
 * make.
 */
#ifndef HAKMEM_HUGE_H
#define HAKMEM_HUGE_H

#include "common.h"

enum huge_advice {
	HUGE_UNADVISED, /* as the system says */
	HUGE_FORBIDDEN,
	HUGE_WANTED,
	HUGE_MIXED, /* not alike everywhere */
};

/* What `auto` would do is `advice`; what is in force is advised, unless it is `before` already. Returns it. */
enum huge_advice huge_advise(void *base, size_t mapped, enum huge_advice advice, enum huge_advice before);
/* How many chunks are looked at for the next. */
#define HUGE_LATEST 16
/* For a chunk of small or medium blocks: of those looked at, `used` of the `counted` bytes are used. */
enum huge_advice huge_advice_for_chunk(size_t used, size_t counted);

/*
 * How much of a block in a long slab a program uses isn't known while it has it. So some that are freed are looked at,
 * one page in the middle of each; nobody may have them. Where no more than an eighth of the latest wasn't touched
 * there, and while none was seen, such blocks are taken for filled.
 */
void huge_look_at_freed(const char *block, size_t size);
bool huge_blocks_get_filled(void);
/* As many more may be looked at: where nothing is there, a look is a fault. */
void huge_look_at_more(void);
extern HIDDEN unsigned int huge_looks_left;
static inline bool huge_looks_at_freed(void)
{
	return __atomic_load_n(&huge_looks_left, __ATOMIC_RELAXED) != 0;
}

/* A block of zeroes that had pages as the system gives them is free: was it filled? Nobody may have it. */
void huge_look_back(const char *base, size_t size);
/* The latest such blocks were. */
bool huge_zeroes_get_filled(void);

#endif
