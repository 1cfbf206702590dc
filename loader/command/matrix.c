// SPDX-License-Identifier: MIT
/* hakmem-trace matrix: libhakmem's levers on huge pages and prefaulting, each setting of the two an arm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/matrix.h"
#include "command/carry_out.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/subject_library.h"
#include "output/matrix_output.h"

static const struct comparing comparing = {
    .name = "matrix",
    .intro = "Usage: hakmem-trace matrix [OPTION...] -- COMMAND [ARGUMENT...]\n"
             "\n"
             "Runs COMMAND with each setting of libhakmem's levers on huge pages (HAKMEM_THP off, auto, on)\n"
             "and prefaulting (HAKMEM_SS_PREFAULT off, populate, touch), nine in all, again and again in\n"
             "random order, and says which lever, if any, makes a detectable difference. libhakmem is\n"
             "preloaded, unless COMMAND has it already.\n"
             "\n"
             "      --preload LIB      preload LIB instead, which must understand the two variables",
    .outro = "0, whatever the outcome",
    .usage = "hakmem-trace matrix [OPTION...] -- COMMAND [ARGUMENT...]",
};

struct command {
	struct compare_options options;
	struct matrix matrix;
};

static int add_row(struct command *command, size_t row, const char *preload)
{
	const char *huge_pages = matrix_huge_pages[row / MATRIX_PREFAULTS];
	const char *prefault = matrix_prefaults[row % MATRIX_PREFAULTS];
	char name[32], variables[2][64];
	struct arm arm = {
	    .name = name,
	    .environment = (char *[]){variables[0], variables[1], NULL},
	    .preload = (char *)preload,
	};

	snprintf(name, sizeof(name), "%s/%s", huge_pages, prefault);
	snprintf(variables[0], sizeof(variables[0]), "HAKMEM_THP=%s", huge_pages);
	snprintf(variables[1], sizeof(variables[1]), "HAKMEM_SS_PREFAULT=%s", prefault);
	return arm_copy(&command->options.arms[command->options.plan.arm_count++], &arm);
}

static int judge(void *context, const struct experiment *experiment)
{
	struct command *command = context;

	if (subject_library_check(experiment))
		return EXIT_FAILED;
	if (!matrix_fill(&command->matrix, experiment))
		return 0;
	complain("out of memory");
	return EXIT_FAILED;
}

static int write_report(void *context, const struct experiment *experiment, FILE *file)
{
	const struct command *command = context;
	const char *format = command->options.output->name;

	if (!strcmp(format, "table"))
		return matrix_table(&command->matrix, experiment, file);
	if (!strcmp(format, "html"))
		return matrix_html(&command->matrix, experiment, file);
	if (!strcmp(format, "json"))
		return matrix_json(&command->matrix, experiment, file);
	return command->options.output->write(experiment, file);
}

static int run(struct command *command)
{
	struct compare_options *options = &command->options;
	const char *preload;

	if (subject_library_find("HAKMEM_THP", options->preload, options->plan.command[0], &preload))
		return EXIT_FAILED;
	for (size_t row = 0; row < MATRIX_ROWS; row++) {
		if (add_row(command, row, preload)) {
			complain("out of memory");
			return EXIT_FAILED;
		}
	}
	return carry_out(options, &(struct carrying){judge, write_report, command});
}

int command_matrix(int count, char **arguments)
{
	struct command command = {.matrix.words = NULL};
	int status = compare_options_parse(&comparing, count, arguments, &command.options);

	if (status < 0)
		status = run(&command);
	compare_options_free(&command.options);
	free(command.matrix.words);
	return status;
}
