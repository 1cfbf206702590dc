/* SPDX-License-Identifier: MIT */
/* What a recording says of a run beside its rows: what was run, where, how it was measured, how it ended, the totals.
 */
#ifndef RUN_READ_ABOUT_H
#define RUN_READ_ABOUT_H

#include "recording/run_read_rows.h"

/* The snapshot knows already whether it is of a part. Gives it stacks where the run has some. */
void run_read_about(const struct run_selection *selection, const struct recorded_run *run, struct snapshot *snapshot);

#endif
