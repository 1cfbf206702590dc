/* SPDX-License-Identifier: MIT */
/*
 * What libhakmem has decided in traced processes, at the end of tracing: in those that were given a table of costs it
 * stands there, also when they have ended; of others that run it is read from their memory. Who ended without a table
 * (a forked child, one that HAKMEM_ASSIST sent to another socket, one too many) is not among them.
 */
#ifndef TRACE_DECIDERS_H
#define TRACE_DECIDERS_H

#include "snapshot/decisions.h"
#include "trace/cost_tables.h"
#include "trace/tracer.h"

/* What this table says. 0, or -1 when out of memory or it can't be read. */
int deciders_look(struct deciders *deciders, const struct cost_table *table, bool running);

/* Of all, while it traces. 0, or -1 with errno: then it isn't known, nor ever on the rung perf. */
int deciders_collect(struct tracer *tracer, struct deciders *deciders);

#endif
