/* SPDX-License-Identifier: MIT */
/*
 * Outputs: a snapshot in, bytes out. A new one is one file here and one row in output.c.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdio.h>

#include "snapshot/snapshot.h"

struct output {
	const char *name; /* as --format has it */
	const char *help;
	int (*write)(const struct snapshot *snapshot, FILE *file); /* 0, or -1 with errno set; doesn't close the file */
};

extern const struct output outputs[]; /* ends with a row whose name is NULL; the first is the default */

const struct output *output_find(const char *name); /* NULL when there is none of that name */

int output_table(const struct snapshot *snapshot, FILE *file);
int output_json(const struct snapshot *snapshot, FILE *file);
int output_csv(const struct snapshot *snapshot, FILE *file);

#endif
