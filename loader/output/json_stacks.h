/* SPDX-License-Identifier: MIT */
/* Call stacks as members of a JSON report. Each is a new reference, null for NULL; NULL when out of memory. */
#ifndef JSON_STACKS_H
#define JSON_STACKS_H

#include <jansson.h>

#include "snapshot/stacks.h"

json_t *json_stack_sampling(const struct stacks *stacks); /* how they were had, and what was lost */
json_t *json_stacks(const struct stacks *stacks);

#endif
