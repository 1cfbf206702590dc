/* SPDX-License-Identifier: MIT */
/*
 * The unit tests' snapshot with stacks in any format, for tests of formats with the tools that read them:
 *
 *   export_sample FORMAT [VALUE] >FILE
 */
#include "../../unit/loader/stack_sample.h"

int main(int count, char **arguments)
{
	const struct output *output = count > 1 ? output_find(arguments[1]) : NULL;
	struct output_options options = {};

	if (!output || (count > 2 && !stack_value_find(arguments[2], &options.value))) {
		fputs("usage: export_sample FORMAT [VALUE]\n", stderr);
		return 2;
	}
	return output->write(sample_with_stacks(), &options, stdout) ? 1 : 0;
}
