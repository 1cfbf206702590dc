/* SPDX-License-Identifier: MIT */
/* The command line of `hakmem-trace diff`, parsed. */
#ifndef DIFF_OPTIONS_H
#define DIFF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "command/view.h"
#include "output/diff_output.h"

struct diff_options {
	const struct diff_output *output; /* NULL: the flame graph */
	struct diff_output_options rows;
	struct output_options output_options; /* --value, --top */
	struct view view;
	const char *output_path; /* "-": stdout */
	char **files[2];         /* of A and B; not terminated */
	size_t file_counts[2];
};

/* Returns -1 when there is something to do, else the status to exit with at once. The arguments are put in another
 * order. */
int diff_options_parse(int count, char **arguments, struct diff_options *options);

#endif
