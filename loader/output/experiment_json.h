/* SPDX-License-Identifier: MIT */
/* An experiment as a JSON object, for outputs that put more into it (docs/experiment-json.md). */
#ifndef EXPERIMENT_JSON_H
#define EXPERIMENT_JSON_H

#include <jansson.h>

#include "snapshot/experiment.h"

/* A new reference; NULL when out of memory. */
json_t *experiment_to_json(const struct experiment *experiment);

#endif
