/* SPDX-License-Identifier: MIT */
/* From raw stacks to those of a snapshot, with names. */
#ifndef STACK_SNAPSHOT_H
#define STACK_SNAPSHOT_H

#include "snapshot/snapshot.h"
#include "trace/tracer.h"

/* What an owner's object is called. */
typedef const char *stack_object_name(const void *context, size_t object);

/* Sets snapshot->stacks when stacks are taken. 0, or -1 when out of memory. */
int stack_snapshot(
    struct tracer *tracer, stack_object_name *object_name, const void *context, struct snapshot *snapshot);

#endif
