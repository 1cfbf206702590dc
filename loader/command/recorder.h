/* SPDX-License-Identifier: MIT */
/*
 * Records what a run counts, slice by slice (recording/run_write.h). Snapshots are handed over to a thread, which
 * writes them: a slow disk keeps nobody from counting. If it falls behind, slices get longer; none is lost.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "command/options.h"
#include "snapshot/snapshot.h"

struct recorder;

/*
 * The file of these options is made, or taken if more shall come behind what it has. NULL after complaining. All
 * signals that are to be taken must be blocked before recorder_start().
 */
struct recorder *recorder_open(const struct options *options);

/* From now on there may be slices. 0, or -1 with errno. */
int recorder_start(struct recorder *recorder);

/* A slice ends here: all that was counted so far. The snapshot becomes the recorder's. 0, or -1 after complaining. */
int recorder_slice(struct recorder *recorder, struct snapshot *snapshot, uint64_t end_ns);

/* The last slice, and how the run ended; waits until all is written, and says where. The snapshot stays the caller's.
 * 0, or -1 after complaining. */
int recorder_end(struct recorder *recorder, const struct snapshot *snapshot, uint64_t end_ns);

/* Also of one that has not ended: what was written stays, a file that was made for nothing goes. */
void recorder_close(struct recorder *recorder);

#endif
