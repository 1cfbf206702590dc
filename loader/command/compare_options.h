/* SPDX-License-Identifier: MIT */
/* The command line of hakmem-trace compare, parsed. */
#ifndef COMPARE_OPTIONS_H
#define COMPARE_OPTIONS_H

#include "command/experiment.h"
#include "output/experiment_output.h"

#define MOST_ARMS 32

struct compare_options {
	struct arm arms[MOST_ARMS];
	struct plan plan; /* its arms are those */
	const struct experiment_output *output;
	const char *output_path;    /* "-": stdout */
	const char *recording_path; /* NULL: none */
	bool seeded;
	bool counted; /* --runs was given */
};

/* -1 when the experiment shall go on, else the status to exit with at once. compare_options_free() in any case. */
int compare_options_parse(int count, char **arguments, struct compare_options *options);
void compare_options_free(struct compare_options *options);

#endif
