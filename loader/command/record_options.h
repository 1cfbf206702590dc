/* SPDX-License-Identifier: MIT */
/* What hakmem-trace record takes besides the options of a run. Statuses are as options_parse() has them. */
#ifndef RECORD_OPTIONS_H
#define RECORD_OPTIONS_H

#include <limits.h>

#include "command/options.h"

/* For a table of long options. */
enum {
	OPTION_APPEND = 512,
	OPTION_REPORT,
	OPTION_SLICE,
};

void record_help(void);

/* One of the options of record, with getopt's optarg. -2: it is none of them. */
int record_take(int option, struct options *options);

/* All were taken: what is wrong with them together, and what follows from them. */
int record_check(struct options *options);

/* A name for the file, by what is recorded; number: 1 for the first try. */
void record_default_name(const struct options *options, unsigned int number, char name[PATH_MAX]);

#endif
