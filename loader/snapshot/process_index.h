/* SPDX-License-Identifier: MIT */
/* A snapshot's processes by their numbers, for whoever looks many of them up. Rows may be added at the end meanwhile.
 */
#ifndef PROCESS_INDEX_H
#define PROCESS_INDEX_H

#include <stdint.h>

#include "snapshot/lookup.h"
#include "snapshot/snapshot.h"

struct process_index {
	const struct snapshot *snapshot;
	struct lookup numbers;
};

/* 0, or -1 when out of memory: there is nothing to free then. */
int process_index_make(struct process_index *index, const struct snapshot *snapshot);

/* The number of the first row of that process; LOOKUP_NONE: there is none. */
uint32_t process_index_find(const struct process_index *index, uint32_t pid);

/* The row of that number is there now. 0, or -1 when out of memory. */
int process_index_add(struct process_index *index, uint32_t number);

void process_index_free(struct process_index *index);

#endif
