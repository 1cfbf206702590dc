/* SPDX-License-Identifier: MIT */
/*
 * Keeps recordings small: of the oldest slices of one length, RUN_MERGED become one. The latest minutes keep their
 * slices, the hours before are seen less closely.
 */
#ifndef RUN_MERGE_H
#define RUN_MERGE_H

#include <stdint.h>

#include "recording/database.h"

#define RUN_MERGED 10

struct run_merge;

struct run_merge *run_merge_new(struct database *database, sqlite3_int64 run);
void run_merge_free(struct run_merge *merge);

/* After a slice was added, in its transaction. */
void run_merge_slices(struct run_merge *merge);

#endif
