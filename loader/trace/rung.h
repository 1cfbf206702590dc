/* SPDX-License-Identifier: MIT */
/*
 * The ladder: each way to see faults and zeroing, best first, with what it is called in a report and what it cannot
 * see. A rung is one file in bpf/ whose programs share its prefix, and one row here.
 */
#ifndef RUNG_H
#define RUNG_H

#include <stdbool.h>
#include <stddef.h>

struct rung {
	const char *name;
	const char *prefix;     /* of its programs' names in bpf/ */
	bool hooks_huge_folios; /* sees the clearing of huge folios itself */
	const char *fault, *fault_method;
	const char *fault_time, *fault_time_method;
	const char *zero, *zero_method;
	const char *zero_time, *zero_time_method;
	const char *needs;         /* for doctor: what makes it available */
	const char *const *cannot; /* NULL-terminated */
};

extern const struct rung rungs[];
extern const size_t rung_count;

const struct rung *rung_find(const char *name); /* NULL: there is none of that name */

#endif
