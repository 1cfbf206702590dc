/* SPDX-License-Identifier: MIT */
/* Outputs of an experiment: a new one is one file here and one row in experiment_output.c. */
#ifndef EXPERIMENT_OUTPUT_H
#define EXPERIMENT_OUTPUT_H

#include <stdio.h>

#include "snapshot/experiment.h"

struct experiment_output {
	const char *name; /* as --format has it */
	const char *help;
	/* After verdict_fill(). 0, or -1 with errno set; doesn't close the file. */
	int (*write)(const struct experiment *experiment, FILE *file);
};

extern const struct experiment_output experiment_outputs[]; /* ends with a row whose name is NULL; the first is the
                                                               default */

const struct experiment_output *experiment_output_find(const char *name); /* NULL when there is none of that name */

int experiment_table(const struct experiment *experiment, FILE *file);
int experiment_json(const struct experiment *experiment, FILE *file);
int experiment_csv(const struct experiment *experiment, FILE *file);
/* The table's first lines, for reports that go on otherwise: what was run, and what to be careful about. */
void experiment_table_head(const struct experiment *experiment, FILE *file);

int experiment_html(const struct experiment *experiment, FILE *file);

#endif
