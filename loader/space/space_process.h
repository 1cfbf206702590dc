/* SPDX-License-Identifier: MIT */
/* The address space of one traced process. */
#ifndef SPACE_PROCESS_H
#define SPACE_PROCESS_H

#include "bpf/types.h"
#include "snapshot/spaces.h"
#include "trace/object_names.h"
#include "trace/tracer.h"

struct space_looker {
	struct tracer *tracer;
	struct object_names names;
	uint64_t until_ns;  /* CLOCK_MONOTONIC: what is not looked at by then is UNKNOWN */
	size_t super_slabs; /* that may still be listed */
};

/* Fills in what `into` lacks; at most so many ranges and, of these, SuperSlabs. 0, or -1 when out of memory. */
int space_process_look(struct space_looker *looker, const struct traced_process *process, struct spaces_process *into,
    size_t ranges, size_t super_slabs);

#endif
