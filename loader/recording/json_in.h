/* SPDX-License-Identifier: MIT */
/*
 * Reads a JSON report (docs/json.md) back into a snapshot: what output/json.c writes, and every report of the same
 * schema, also such as have members that are not known here or lack newer ones.
 */
#ifndef JSON_IN_H
#define JSON_IN_H

#include <stdio.h>

#include "snapshot/snapshot.h"

#define JSON_IN_ERROR 256

/*
 * The report in the file; of several (--interval) the last, which is the whole. NULL with a line in `error`, without
 * the file's name, when it can't be read, is damaged, is no report of hakmem-trace, or of a newer schema.
 *
 * The snapshot's sums are complete: snapshot_finish() must not be called on it.
 */
struct snapshot *json_in_read(FILE *file, char error[JSON_IN_ERROR]);

#endif
