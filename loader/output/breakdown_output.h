/* SPDX-License-Identifier: MIT */
/* Outputs of a breakdown: as output.h has them of a snapshot. */
#ifndef BREAKDOWN_OUTPUT_H
#define BREAKDOWN_OUTPUT_H

#include <stdio.h>

#include "snapshot/breakdown.h"

struct breakdown_output {
	const char *name; /* as --format has it */
	const char *help;
	int (*write)(const struct breakdown *breakdown, FILE *file); /* 0, or -1 with errno set */
};

extern const struct breakdown_output
    breakdown_outputs[]; /* ends with a row whose name is NULL; the first is the default */

const struct breakdown_output *breakdown_output_find(const char *name); /* NULL when there is none of that name */

int breakdown_table(const struct breakdown *breakdown, FILE *file);
int breakdown_json(const struct breakdown *breakdown, FILE *file);
int breakdown_csv(const struct breakdown *breakdown, FILE *file);

#endif
