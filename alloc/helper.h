/* SPDX-License-Identifier: MIT */
/*
 * A thread that gives memory back once it has lain unused for a second, so that a program which has become idle becomes
 * small, too, and no thread of its own pays for that. It is there only while much is kept: it starts when more than
 * HELPER_BOUND is, and ends some time after it is done. Its signals are blocked; it allocates nothing. HAKMEM_HELPER=0
 * is without.
 */
#ifndef HAKMEM_HELPER_H
#define HAKMEM_HELPER_H

#include "common.h"
#include "purge.h"

#define HELPER_BOUND (32 * MIB)

void helper_start(void);
/* There is no helper and there will be none: switched off, or refused by the system. */
bool helper_is_impossible(void);
/* In a forked child, which has no helper. */
void helper_forget(void);

/* At the end of a call that freed: the caller holds no lock, and its heap is whole. */
static inline void helper_look(void)
{
	if (UNLIKELY(purge_kept_bytes() > HELPER_BOUND))
		helper_start();
}

#endif
