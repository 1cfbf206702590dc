/* SPDX-License-Identifier: MIT */
/* --format and --value: for every command that writes a snapshot. Statuses are as options_parse() has them. */
#ifndef OUTPUT_CHOICE_H
#define OUTPUT_CHOICE_H

#include <stdbool.h>

#include "output/output.h"

/* One line a format, for a command's help. */
void output_choice_help(void);

int output_choice_format(const char *name, const struct output **output);
int output_choice_value(const char *name, struct output_options *options);

/* What a format needs that was not asked for, or the other way round. */
int output_choice_check(const struct output *output, const struct output_options *options, bool stacks, bool in_parts);

#endif
