/* SPDX-License-Identifier: MIT */
/* What a snapshot says of the run, and not of a slice: kernel, hooks, what was traced. Some of it changes on the way.
 */
#ifndef RUN_TELL_H
#define RUN_TELL_H

#include "recording/database.h"
#include "snapshot/snapshot.h"

struct run_tell;

struct run_tell *run_tell_new(struct database *database, sqlite3_int64 run);
void run_tell_free(struct run_tell *tell);

/* Write it if it isn't what was written last. */
void run_tell(struct run_tell *tell, const struct snapshot *snapshot);

#endif
