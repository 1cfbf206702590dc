/* SPDX-License-Identifier: MIT */
#include "output/breakdown_output.h"

#include <string.h>

const struct breakdown_output breakdown_outputs[] = {
    {"table", "a report to read", breakdown_table},
    {"json", "one JSON object, schema hakmem-breakdown/1 (docs/breakdown.md)", breakdown_json},
    {"csv", "one line a class, then one a function (docs/breakdown.md)", breakdown_csv},
    {NULL, NULL, NULL},
};

const struct breakdown_output *breakdown_output_find(const char *name)
{
	for (const struct breakdown_output *output = breakdown_outputs; output->name; output++)
		if (!strcmp(output->name, name))
			return output;
	return NULL;
}
