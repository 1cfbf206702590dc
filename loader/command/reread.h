/* SPDX-License-Identifier: MIT */
/* The command line of hakmem-trace report, parsed. */
#ifndef REREAD_H
#define REREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "command/view.h"
#include "output/output.h"
#include "recording/run_read.h"

/* How a recorded run is to be read. */
struct reread_options {
	const char *path; /* a recording, or a JSON report */
	const struct output *output;
	struct output_options output_options;
	struct view view;
	const char *output_path;  /* "-": stdout */
	struct run_period period; /* --from, --to */
	uint32_t run;             /* --run; 0: the last */
	bool lists;               /* --list: only say what runs are in it */
};

/* Returns -1 when it shall be read, else the status to exit with at once. */
int reread_options_parse(int count, char **arguments, struct reread_options *options);

#endif
