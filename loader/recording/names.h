/* SPDX-License-Identifier: MIT */
/* From the names that files have to what they name. */
#ifndef RECORDING_NAMES_H
#define RECORDING_NAMES_H

#include <stdbool.h>

#include "snapshot/snapshot.h"

/* "madvise", ...: a text that outlives every snapshot; "" for another, or NULL. */
const char *names_purge_call(const char *name);

/* Is there one of that name? */
bool names_region(const char *name, enum region *region);

/* "exact but", "estimate", ... without what continues it. */
bool names_method(const char *name, enum method *method);

const char *names_of_method(enum method method); /* NULL: METHOD_UNKNOWN */

#endif
