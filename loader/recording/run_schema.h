/* SPDX-License-Identifier: MIT */
/* The tables of a recorded run (docs/recording.md). */
#ifndef RUN_SCHEMA_H
#define RUN_SCHEMA_H

#include "recording/database.h"

/* The file's application_id and user_version. Experiments have another id (experiment.h). */
#define RUN_RECORDING_ID      0x686b6d72 /* "hkmr" */
#define RUN_RECORDING_VERSION 3

#define RUN_PAGE 4096 /* bytes, of the file */

/* In an empty database. */
void run_schema_make(struct database *database);

/*
 * Is it a recorded run of this version, and are the tables just those that it has? Sets the error if not.
 * What else is in the file is never looked at, and no view is.
 */
void run_schema_check(struct database *database);

#endif
