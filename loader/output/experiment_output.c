// SPDX-License-Identifier: MIT
/* The table of outputs of an experiment. See experiment_output.h. */
#include "output/experiment_output.h"

#include <string.h>

const struct experiment_output experiment_outputs[] = {
    {"table", "a report to read: medians, ratios with intervals, the verdict", experiment_table},
    {"json", "one JSON object, schema hakmem-experiment/1 (docs/experiment-json.md)", experiment_json},
    {"csv", "one line a run (docs/experiment-json.md)", experiment_csv},
    {"html", "a page with plots, complete in itself", experiment_html},
    {NULL, NULL, NULL},
};

const struct experiment_output *experiment_output_find(const char *name)
{
	for (const struct experiment_output *output = experiment_outputs; output->name; output++)
		if (!strcmp(output->name, name))
			return output;
	return NULL;
}
