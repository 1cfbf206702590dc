// SPDX-License-Identifier: MIT
#include "command/output_choice.h"

#include <stdio.h>
#include <string.h>

#include "command/complain.h"
#include "command/options.h"

void output_choice_help(void)
{
	for (const struct output *output = outputs; output->name; output++)
		printf("                         %-11s %s\n", output->name, output->help);
}

int output_choice_format(const char *name, const struct output **output)
{
	char list[256] = "";

	*output = output_find(name);
	if (*output)
		return -1;
	for (const struct output *known = outputs; known->name; known++) {
		strncat(list, known == outputs ? "" : ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, known->name, sizeof(list) - strlen(list) - 1);
	}
	complain("there is no format '%s'; there are %s", name, list);
	return EXIT_USAGE;
}

int output_choice_value(const char *name, struct output_options *options)
{
	if (stack_value_find(name, &options->value))
		return -1;
	complain("there is no value '%s'; there are faults, zeroed and time", name);
	return EXIT_USAGE;
}

int output_choice_check(const struct output *output, const struct output_options *options, bool stacks, bool in_parts)
{
	if (output->needs_stacks && !stacks)
		complain("--format %s shows call stacks: it needs --stacks", output->name);
	else if (options->value != STACK_VALUE_FAULTS && !output->takes_value && !options->ordered)
		complain("--format %s has no use for --value: it shows every figure", output->name);
	else if (output->parts == PARTS_NONE && in_parts)
		complain("--format %s has room for one report: it takes no --interval", output->name);
	else if (output->parts == PARTS_WANTED && !in_parts)
		complain("--format %s shows what happens over time: it needs --interval", output->name);
	else
		return -1;
	return EXIT_USAGE;
}
