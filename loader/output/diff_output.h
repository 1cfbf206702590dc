/* SPDX-License-Identifier: MIT */
/* Outputs of a difference: its model in, bytes out. */
#ifndef DIFF_OUTPUT_H
#define DIFF_OUTPUT_H

#include <stdio.h>

#include "snapshot/diff.h"

/* Which rows, and how many of a table: 0 is as many as suit the output. */
struct diff_output_options {
	bool kinds[DIFF_KINDS];
	size_t top;
};

struct diff_output {
	const char *name; /* as --format has it */
	/* 0, or -1 with errno set; doesn't close the file */
	int (*write)(const struct diff *diff, const struct diff_output_options *options, FILE *file);
};

extern const struct diff_output diff_outputs[]; /* ends with a row whose name is NULL; the first is the default */

const struct diff_output *diff_output_find(const char *name); /* NULL when there is none of that name */

int diff_table_write(const struct diff *diff, const struct diff_output_options *options, FILE *file);
int diff_json_write(const struct diff *diff, const struct diff_output_options *options, FILE *file);
int diff_csv_write(const struct diff *diff, const struct diff_output_options *options, FILE *file);

#endif
