/* SPDX-License-Identifier: MIT */
/* The tables of a recorded run (docs/recording.md). */
#ifndef RUN_SCHEMA_H
#define RUN_SCHEMA_H

#include "recording/database.h"

/* The file's application_id and user_version. Experiments have another id (experiment.h). */
#define RUN_RECORDING_ID      0x686b6d72 /* "hkmr" */
#define RUN_RECORDING_VERSION 2

#define RUN_PAGE 4096 /* bytes, of the file */

/* In an empty database. */
void run_schema_make(struct database *database);

/*
 * Is it a recorded run of a version that is known, and are the tables just those that it has? Sets the error if not.
 * What else is in the file is never looked at, and no view is. Returns its version.
 */
int run_schema_check(struct database *database);

#define RUN_LATER_SINCE 2 /* version */

/* One of an earlier version that was checked gets what this version has and it lacks. */
void run_schema_renew(struct database *database, int version);

#endif
