/* SPDX-License-Identifier: MIT */
/* The command line of hakmem-trace breakdown, parsed. */
#ifndef BREAKDOWN_OPTIONS_H
#define BREAKDOWN_OPTIONS_H

#include <stdbool.h>

#include "output/breakdown_output.h"

struct breakdown_options {
	const struct breakdown_output *output;
	const char *output_path; /* NULL: stderr */
	const char *preload;     /* as given, NULL: nothing is preloaded */
	unsigned int frequency;  /* samples a second and CPU */
	unsigned int runs;
	bool check; /* run it once more, traced */
	bool as_root;
	char *const *command; /* NULL-terminated */
};

/* Returns -1 when the run shall go on, else the status to exit with at once. */
int breakdown_options_parse(int count, char **arguments, struct breakdown_options *options);

#endif
