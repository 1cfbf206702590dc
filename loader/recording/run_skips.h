/* SPDX-License-Identifier: MIT */
/* What hooks may have missed in a recorded run, as it stood at the run's end. Errors are the database's. */
#ifndef RUN_SKIPS_H
#define RUN_SKIPS_H

#include "recording/database.h"
#include "snapshot/snapshot.h"

/* Of a run that has none yet. */
void run_skips_put(struct database *database, sqlite3_int64 run, const struct snapshot *snapshot);

/* From a file whose version has them. Of a run that was not recorded to its end it is not known. */
void run_skips_read(struct database *database, sqlite3_int64 run, struct snapshot *snapshot);

#endif
