/* SPDX-License-Identifier: MIT */
/* From the BPF maps of a tracer, stopped or not, to a snapshot. */
#ifndef COLLECT_H
#define COLLECT_H

#include "snapshot/snapshot.h"
#include "trace/tracer.h"

/* Fills in kernel, totals, regions and processes; ends with snapshot_finish(). Returns 0, or -1 with a line in error.
 */
int collect(struct tracer *tracer, struct snapshot *snapshot, char error[TRACER_ERROR]);

#endif
