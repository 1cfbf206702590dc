/* SPDX-License-Identifier: MIT */
/*
 * hakmem_mark("load done"): from here on, what the program does is another part of hakmem-trace's report, with that
 * name. This header (and hakmem_probe.h) is all there is to it: the program needs no library. The name is cut after 63
 * bytes; names that are the same are the same part.
 *
 * A mark is a madvise() of no bytes with an advice that no kernel knows. It returns at once and changes nothing; not
 * traced it costs about what any system call does. It works in threads, forked children and static programs, and
 * wherever malloc does, sandboxes included. Other languages can make the same call. For other tools there is a USDT
 * probe, hakmem:mark, whose argument is the name's address.
 */
#ifndef HAKMEM_MARK_H
#define HAKMEM_MARK_H

#include <errno.h>
#include <sys/mman.h>

#include "hakmem_probe.h"

#ifdef __cplusplus
extern "C" {
#elif defined(__STRICT_ANSI__) && !defined(_DEFAULT_SOURCE) && !defined(_GNU_SOURCE)
int madvise(void *, size_t, int); /* hidden by -std=c11 and the like */
#endif

#define HAKMEM_MARK_ADVICE 0x686b6d /* "hkm" */
#define HAKMEM_MARK_BYTES  64       /* of a name, with its end */

static inline void hakmem_mark(const char *name)
{
	const volatile char *read = name;
	int error = errno, i = 0;

	/* The tracer can't wait for a page: the name must be in memory. */
	while (i < HAKMEM_MARK_BYTES && read[i])
		i++;
	HAKMEM_PROBE1(hakmem, mark, name);
	(void)madvise((void *)name, 0, HAKMEM_MARK_ADVICE);
	errno = error;
}

#ifdef __cplusplus
}
#endif

#endif
