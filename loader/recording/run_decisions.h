/* SPDX-License-Identifier: MIT */
/* What libhakmem decided in a recorded run, as it stood at the run's end. Errors are the database's. */
#ifndef RUN_DECISIONS_H
#define RUN_DECISIONS_H

#include "recording/database.h"
#include "snapshot/snapshot.h"

/* Of a run that has none yet; nothing where it is not known. */
void run_decisions_put(struct database *database, sqlite3_int64 run, const struct snapshot *snapshot);

/* From a file whose version has them; a run that was not recorded to its end has none. */
void run_decisions_read(struct database *database, sqlite3_int64 run, struct snapshot *snapshot);

#endif
