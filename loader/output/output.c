/* SPDX-License-Identifier: MIT */
/*
 * The table of outputs. See output.h.
 */
#include "output/output.h"

#include <string.h>

const struct output outputs[] = {
    {"table", "a report to read: what was measured and how, the answer, one line a region", output_table},
    {"json", "one JSON object, schema hakmem-trace/1 (docs/json.md)", output_json},
    {"csv", "one line a region, then totals (docs/csv.md)", output_csv},
    {NULL, NULL, NULL},
};

const struct output *output_find(const char *name)
{
	for (const struct output *output = outputs; output->name; output++)
		if (!strcmp(output->name, name))
			return output;
	return NULL;
}
