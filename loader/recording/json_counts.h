/* SPDX-License-Identifier: MIT */
/* The figures that regions, processes, phases and the totals of a JSON report have in common. */
#ifndef JSON_COUNTS_H
#define JSON_COUNTS_H

#include "recording/json_field.h"
#include "snapshot/snapshot.h"

/* Whose figures they are: `region`. */
enum region json_region(const json_t *object, struct json_problem *problem);

/*
 * What the object says, and what counts_add() needs so that sums of such counts come out as sums of the reported
 * figures. counts_estimate() must not be called on them: of waste not all is in a report that it is estimated from.
 */
void json_counts(
    const json_t *object, const struct hook *zero_time, struct counts *counts, struct json_problem *problem);

/* The same, of members that only regions and totals have: errors, failures and waste. */
void json_row_counts(const json_t *object, struct counts *counts, struct json_problem *problem);

/* `causes` and `fault_ns_histogram`, where the object has them. */
void json_causes(const json_t *object, struct counts *counts, struct json_problem *problem);
void json_histogram(const json_t *object, struct counts *counts, struct json_problem *problem);

#endif
