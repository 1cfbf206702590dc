/* SPDX-License-Identifier: MIT */
/*
 * Giving back to the kernel what is free: all of it at malloc_trim and before an allocation fails, some when it was not
 * used for a while. Both take the locks of all pools, one after another; the caller holds none.
 */
#ifndef HAKMEM_TRIM_H
#define HAKMEM_TRIM_H

#include <stdbool.h>
#include <stddef.h>

/* True when anything was given back. */
bool trim_everything(void);
/* Dirty memory, until at most so many bytes of it are kept. */
void trim_to(size_t most);

#endif
