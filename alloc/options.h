/* SPDX-License-Identifier: MIT */
/*
 * The options, all in one table (options.c), read from the environment once, before the first range is mapped.
 */
#ifndef HAKMEM_OPTIONS_H
#define HAKMEM_OPTIONS_H

#include "common.h"

enum prefault_mode { PREFAULT_OFF, PREFAULT_POPULATE, PREFAULT_TOUCH, PREFAULT_AUTO };
enum huge_page_mode { HUGE_PAGES_OFF, HUGE_PAGES_AUTO, HUGE_PAGES_ON };
enum zero_mode { ZERO_EAGER, ZERO_LAZY, ZERO_KEEP };
enum assist_mode { ASSIST_OFF, ASSIST_AUTO, ASSIST_PATH };

enum option {
	OPTION_PREFAULT,
	OPTION_HUGE_PAGES,
	OPTION_ZERO,
	OPTION_DIRTY_MAX,
	OPTION_HELPER,
	OPTION_ASSIST,
	OPTION_HARDENED,
	OPTION_STATS,
	OPTION_HELP,
	OPTION_COUNT,
};

/* Reads the environment (NULL: none) and reports each bad value once on standard error. */
void options_read(char **environment, bool secure);
/* The value now in force: an enum above, a number, or 0 and 1. */
long option_value(enum option option);
/* It differs from the default. */
bool option_is_set(enum option option);
/* The environment gave it an allowed value, perhaps the default. */
bool option_is_given(enum option option);
/* The value of an environment variable, or NULL. */
const char *options_find(char **environment, const char *name);

#endif
