/* SPDX-License-Identifier: MIT */
/* Slices of a history as the web server's clients get them (docs/live.md). */
#ifndef SLICE_JSON_H
#define SLICE_JSON_H

#include <jansson.h>

#include "live/history.h"

/* One slice by region, without rows. NULL when out of memory. */
json_t *slice_json(const struct history_slice *slice);

#endif
