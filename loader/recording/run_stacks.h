/* SPDX-License-Identifier: MIT */
/*
 * The call stacks of a run on their way into a recording: texts, frames and stacks are written once, and of each slice
 * how much every stack has cost in it. Stacks are written as a tree, each call below its caller, for they have much in
 * common.
 */
#ifndef RUN_STACKS_H
#define RUN_STACKS_H

#include "recording/database.h"
#include "snapshot/snapshot.h"
#include "snapshot/stacks.h"

struct run_stacks;

/* The id of a row of the table `region`, which is made if it isn't there. */
typedef sqlite3_int64 region_id(void *context, enum region region, const char *detail);

struct run_stacks *run_stacks_new(struct database *database, sqlite3_int64 run, region_id *region_id, void *context);
void run_stacks_free(struct run_stacks *stacks);

/* What `now` has more than was written, into a slice. */
void run_stacks_add(struct run_stacks *stacks, sqlite3_int64 slice, const struct stacks *now);

#endif
