/* SPDX-License-Identifier: MIT */
/*
 * How large the tracer's tables are: what the target needs, as far as that can be told before, within a cap that
 * follows the machine's memory. What does not fit is counted in `lost`, by cause; docs/how-it-works.md has the limits.
 */
#ifndef SIZES_H
#define SIZES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct trace; /* the skeleton */

struct sizes {
	uint32_t leaves;    /* chunks of 2 MiB that several owners share */
	uint32_t middles;   /* GiB of address space that anything is mapped in */
	uint32_t histories; /* chunks whose pages' history is kept */
};

#define SIZES_MANY SIZE_MAX

/* mappings: how many the processes have that are attached to; 0: a command; SIZES_MANY: of who knows how many. */
void sizes_choose(struct sizes *sizes, size_t mappings);

/* Before the load. 0, or -1 with errno. */
int sizes_apply(const struct sizes *sizes, struct trace *skeleton);

/* Every cap of a tracer, in words, one a line. */
void sizes_describe(FILE *file);

#endif
