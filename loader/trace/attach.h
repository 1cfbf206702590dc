/* SPDX-License-Identifier: MIT */
/*
 * Attaching a started tracer to tasks that run already. Nothing of theirs is touched or stopped: their hooks, events
 * and table are ours, and go when the tracer stops. What they were charged before does not count.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/tracer.h"

struct attach_request {
	const pid_t *processes; /* of this PID namespace */
	size_t process_count;
	const char *const *names; /* as the kernel has them: cut at 15 bytes */
	size_t name_count;
	const uint64_t *cgroups; /* ids, on the unified hierarchy */
	size_t cgroup_count;
	bool all;
	bool only_itself; /* don't follow children */
};

struct attach {
	struct tracer *tracer;
	size_t tasks;      /* attached to so far */
	size_t unreadable; /* processes whose memory may not be read: libhakmem's ranges stay unknown */
	uint64_t arrivals; /* seen so far */
};

/* Mark, follow, seed. 0, or -1 with a line in error; no task was found: 0 and attach->tasks is 0. */
int attach_start(
    struct attach *attach, struct tracer *tracer, const struct attach_request *request, char error[TRACER_ERROR]);

/*
 * The same for tasks that have come to be selected since, by a change of name or of cgroup; those that fork and exec
 * bring need nothing. Quick when there were none.
 */
int attach_again(struct attach *attach, char error[TRACER_ERROR]);

/* Whether there was anything to trace so far. */
bool attach_found_any(const struct attach *attach);

#endif
