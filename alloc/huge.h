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

/* A block of zeroes that had pages as the system gives them is free: was it filled? Nobody may have it. */
void huge_look_back(const char *base, size_t size);
/* The latest such blocks were. */
bool huge_zeroes_get_filled(void);

#endif
