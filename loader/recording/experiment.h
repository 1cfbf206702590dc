/* SPDX-License-Identifier: MIT */
/*
 * Saves experiments into an SQLite database (docs/recording.md). Every run is committed when it has ended, so that what
 * is killed leaves all that it measured.
 */
#ifndef RECORDING_EXPERIMENT_H
#define RECORDING_EXPERIMENT_H

#include "snapshot/experiment.h"

#define RECORDING_ID      0x686b6d74 /* "hkmt", as the database's application_id */
#define RECORDING_VERSION 1          /* as its user_version */

struct recording;

/* A new file, or one that has experiments already: this one comes behind them. NULL with a line in error. */
#define RECORDING_ERROR 256
struct recording *recording_open(const char *path, char error[RECORDING_ERROR]);

/*
 * The trial, which is the experiment's latest; with the first one the experiment and its arms. `report` is the JSON of
 * a traced run, or NULL. 0, or -1 with a line in error.
 */
int recording_add(struct recording *recording, const struct experiment *experiment, const struct trial *trial,
    const char *report, char error[RECORDING_ERROR]);

/* How it ended. Closes the file; one into which nothing was written is removed again. */
int recording_close(struct recording *recording, const struct experiment *experiment, char error[RECORDING_ERROR]);

#endif
