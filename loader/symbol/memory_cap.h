/* SPDX-License-Identifier: MIT */
/*
 * While a file is read that may be made to hurt, memory has an end: libraries don't count what they take, so that the
 * kernel has to. From then on malloc fails, in the whole process, so that it is no time to do anything else.
 */
#ifndef MEMORY_CAP_H
#define MEMORY_CAP_H

#include <stdint.h>
#include <sys/resource.h>

struct memory_cap {
	uint64_t left; /* bytes that may still be taken, between all begins and ends */
	uint64_t size; /* of the process at the beginning; 0: not known, there is no cap */
	struct rlimit before;
};

void memory_cap_begin(struct memory_cap *cap);
void memory_cap_end(struct memory_cap *cap);

/* Between them: how much is left. */
uint64_t memory_cap_left(const struct memory_cap *cap);

#endif
