/* SPDX-License-Identifier: MIT */
/*
 * The address spaces of the traced processes that live now, for a strip of them (snapshot/spaces.h). Whose a range is,
 * is told by what the rows of a report are made from: the request table, the mappings, and libhakmem's own table.
 * Nothing is kept for it while nobody asks. The processes run on meanwhile: theirs is only read, and no page of theirs
 * is faulted in. Runs in the tracing thread, and takes no longer than it may.
 */
#ifndef TRACE_SPACES_H
#define TRACE_SPACES_H

#include "snapshot/spaces.h"
#include "trace/tracer.h"

#define SPACES_USUAL_NS 100000000ULL

/* 0, or -1 with errno; spaces_free() in either case. What could not be had in time is UNKNOWN, and said. */
int spaces_collect(struct tracer *tracer, struct spaces *spaces, uint64_t budget_ns);

#endif
