/* SPDX-License-Identifier: MIT */
/* What comes before anything is traced: the best rungs, proven, and what tracing costs with them. */
#ifndef PREPARE_H
#define PREPARE_H

#include "command/options.h"
#include "trace/tracer.h"

/* 0, or -1 after complaining. Of the tracer only `attaches` is looked at. */
int prepare_tracer(struct tracer *tracer, const struct options *options);

#endif
