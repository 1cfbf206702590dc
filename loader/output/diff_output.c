// SPDX-License-Identifier: MIT
/* The formats of differences, by name. */
#include "output/diff_output.h"

#include <string.h>

const struct diff_output diff_outputs[] = {
    {"table", diff_table_write},
    {"json", diff_json_write},
    {"csv", diff_csv_write},
    {NULL, NULL},
};

const struct diff_output *diff_output_find(const char *name)
{
	for (const struct diff_output *output = diff_outputs; output->name; output++)
		if (!strcmp(output->name, name))
			return output;
	return NULL;
}
