/* SPDX-License-Identifier: MIT */
/* What libhakmem decided, from a report in JSON. See json_in.h. */
#ifndef JSON_DECISIONS_IN_H
#define JSON_DECISIONS_IN_H

#include "recording/json_field.h"
#include "snapshot/snapshot.h"

void json_decisions_read(const json_t *object, struct snapshot *snapshot, struct json_problem *problem);

#endif
