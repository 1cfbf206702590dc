/* SPDX-License-Identifier: MIT */
/* The request table that BPF keeps (bpf/table.h), read: who asked for the memory of an address space. */
#ifndef SPACE_TABLE_H
#define SPACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/types.h"

struct trace; /* the skeleton */

#define SPACE_TABLE_LOOKS 8192 /* at nodes, of one space */
#define SPACE_TABLE_GIBS  1024

struct space_table {
	int middles, leaves; /* descriptors of maps */
	uint32_t number;
	struct space space;
	size_t looks;                    /* that may still be taken */
	uint64_t gibs[SPACE_TABLE_GIBS]; /* of which there are middle nodes, ascending */
	size_t gib_count;
	struct {
		uint64_t number; /* and one; 0: none was looked at */
		bool there;
		struct table_node node;
	} middle, leaf; /* looked at last */
};

/* 0, or -1: there is no such space (any more). */
int space_table_open(struct space_table *table, struct trace *skeleton, uint32_t number);

/* The owner of what begins at `start`, OWNER_NONE when the table doesn't know; returns where that ends, `end` at most.
 * context: a struct space_table. */
uint64_t space_table_run(void *context, uint64_t start, uint64_t end, uint32_t *owner);

#endif
