// SPDX-License-Identifier: MIT
/* The formats that rows of --by have, by name. */
#include "output/groups_output.h"

#include <string.h>

const struct groups_output groups_outputs[] = {
    {"table", groups_table},
    {"json", groups_json},
    {"csv", groups_csv},
    {NULL, NULL},
};

const struct groups_output *groups_output_find(const char *name)
{
	for (const struct groups_output *output = groups_outputs; output->name; output++)
		if (!strcmp(output->name, name))
			return output;
	return NULL;
}
