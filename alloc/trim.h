/* SPDX-License-Identifier: MIT */
/*
 * Giving back to the kernel all that is free: at malloc_trim, and before an allocation fails.
 */
#ifndef HAKMEM_TRIM_H
#define HAKMEM_TRIM_H

#include <stdbool.h>

/* True when anything was given back. Takes the locks of all pools, one after another; the caller holds none. */
bool trim_everything(void);

#endif
