/* SPDX-License-Identifier: MIT */
/* The same command once more, traced: what hooks say of its zeroing, beside what samples say. */
#ifndef BREAKDOWN_CHECK_H
#define BREAKDOWN_CHECK_H

#include "command/breakdown_options.h"
#include "command/watch.h"
#include "snapshot/breakdown.h"
#include "process/target.h"

/* Fills check; where it can't be done, why_not says so. Its output is thrown away. */
void breakdown_check_zeroing(const struct breakdown_options *options, const struct target_signals *signals,
    struct watch *watch, struct zero_check *check);

#endif
