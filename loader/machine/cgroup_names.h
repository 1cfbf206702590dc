/* SPDX-License-Identifier: MIT */
/*
 * What the control groups of the unified hierarchy are called, by the ids that the kernel has for them: paths from the
 * root that is mounted here, as "/system.slice/cron.service". A group that was gone before it was looked for has no
 * name. Not thread-safe.
 */
#ifndef CGROUP_NAMES_H
#define CGROUP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/lookup.h"

struct cgroup_name {
	uint64_t id;
	char *path; /* NULL: it is gone */
};

/* All zeroes are a list with nothing in it. */
struct cgroup_names {
	struct cgroup_name *names;
	size_t count, room;
	struct lookup by_id;
	bool looked; /* since cgroup_names_refresh() */
};

/* Ids that are not known yet may be looked for once more: it takes reading every folder of the hierarchy. */
void cgroup_names_refresh(struct cgroup_names *names);

/* NULL: not known. Good until the list is freed. */
const char *cgroup_name(struct cgroup_names *names, uint64_t id);

void cgroup_names_free(struct cgroup_names *names);

#endif
