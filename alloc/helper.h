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

/*
 * The C library frees under locks of its own, which making a thread takes, too (the one of its cached stacks): so a
 * helper starts only from a call that did not come from there. `caller` is the return address of that call.
 */
void helper_start(const void *caller);
/* Finds where the C library is and which process this; before that, and where it is part of the program, no helper
 * starts. */
void helper_prepare(void);
/* There is no helper and there will be none: switched off, or refused by the system. */
bool helper_is_impossible(void);
/* In a forked child, which has no helper. */
void helper_forget(void);

/* At the end of a call that freed: no lock of ours is held, and the heap is whole. */
static inline void helper_look(const void *caller)
{
	if (UNLIKELY(purge_kept_bytes() > HELPER_BOUND))
		helper_start(caller);
}

#endif
