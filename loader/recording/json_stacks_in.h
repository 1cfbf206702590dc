/* SPDX-License-Identifier: MIT */
/* Call stacks of a JSON report. */
#ifndef JSON_STACKS_IN_H
#define JSON_STACKS_IN_H

#include "recording/json_field.h"
#include "snapshot/snapshot.h"

/* Give the snapshot the report's stacks, if it has any. Their weights become what they stand for. */
void json_stacks_read(const json_t *report, struct snapshot *snapshot, struct json_problem *problem);

#endif
