/* SPDX-License-Identifier: MIT */
/* The figures of struct counts as columns of a recording: those that were measured, from which all others follow. */
#ifndef RUN_COUNTS_H
#define RUN_COUNTS_H

#include <stdint.h>

#include "snapshot/snapshot.h"

#define RUN_COLUMNS 22

extern const char *const run_columns[RUN_COLUMNS]; /* their names */

uint64_t *run_column(struct counts *counts, int column);

/* "faults, major, ...", each one between these. Returns text. */
#define RUN_COLUMNS_TEXT 4096
const char *run_columns_text(const char *before, const char *between, const char *after, char text[RUN_COLUMNS_TEXT]);

/* So that a sum over something unknown is unknown: "CASE WHEN count(x) = count(*) THEN sum(x) END" of each column. */
const char *run_columns_sums(char text[RUN_COLUMNS_TEXT]);

/* What counts are of; each has tables of its own: KIND, KIND_count, KIND_cause, KIND_duration. */
enum run_kind {
	RUN_REGION,
	RUN_PHASE,
	RUN_PROCESS,
	RUN_KINDS,
};

extern const char *const run_kinds[RUN_KINDS];

#endif
