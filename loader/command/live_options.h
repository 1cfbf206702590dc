/* SPDX-License-Identifier: MIT */
/* What top and serve take besides the options of a run. Statuses are as options_parse() has them. */
#ifndef LIVE_OPTIONS_H
#define LIVE_OPTIONS_H

#include "command/options.h"

/* For a table of long options. */
enum {
	OPTION_LISTEN = 640,
	OPTION_TOKEN_FILE,
	OPTION_USER,
};
#define LIVE_OPTIONS                                                                                                   \
	{"listen", required_argument, NULL, OPTION_LISTEN}, {"user", required_argument, NULL, OPTION_USER},            \
	{                                                                                                              \
		"token-file", required_argument, NULL, OPTION_TOKEN_FILE                                               \
	}

/* One of these options, with getopt's optarg. -2: it is none of them. */
int live_take(int option, struct options *options);

/* All were taken: what is wrong with them together, and what follows from them. */
int live_check(struct options *options);

#endif
