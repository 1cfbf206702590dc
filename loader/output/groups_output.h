/* SPDX-License-Identifier: MIT */
/* Outputs of rows that were put together in some way (snapshot/group.h): --by. */
#ifndef GROUPS_OUTPUT_H
#define GROUPS_OUTPUT_H

#include <stdio.h>

#include "output/output.h"
#include "snapshot/group.h"

struct groups_output {
	const char *name; /* as --format has it */
	/* 0, or -1 with errno set; doesn't close the file. */
	int (*write)(const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options,
	    FILE *file);
};

extern const struct groups_output groups_outputs[]; /* ends with a row whose name is NULL */

const struct groups_output *groups_output_find(const char *name); /* NULL when there is none of that name */

/* Only the rows and what to know of them: table_head() writes what comes before. */
int groups_table(
    const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int groups_json(
    const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int groups_csv(
    const struct groups *groups, const struct snapshot *snapshot, const struct output_options *options, FILE *file);

/* The first so many stacks, each with at most so many frames. */
void stack_blocks(const struct groups *groups, const struct stacks *stacks, size_t shown, size_t frames, FILE *file);

/* A stack's frames, the innermost first, at most so many lines of them. */
void stack_lines(const struct stacks *stacks, const struct frames *frames, size_t most, FILE *file);

/* What a snapshot's table ends with: the leading stacks and functions. 0, or -1 with errno set. */
int table_stacks(const struct snapshot *snapshot, const struct output_options *options, FILE *file);

#endif
