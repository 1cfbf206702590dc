// SPDX-License-Identifier: MIT
/* hakmem-trace diff: what grew and what shrank between runs that were kept. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diff.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/diff_options.h"
#include "command/options.h"
#include "command/report.h"
#include "command/run_files.h"
#include "output/flame.h"
#include "output/style.h"

struct sides {
	const struct diff_options *options;
	struct run_list runs[2];
	char **names[2];
};

/* The part that is to be compared. */
static int filter(const struct diff_options *options, struct snapshot *run, const char *path)
{
	const char *problem = filter_problem(&options->view.filter, run);

	if (!problem && options->view.grouped && grouping_needs_stacks(options->view.by) && !run->stacks)
		problem = "there are no call stacks: trace with --stacks";
	if (problem) {
		complain("can't compare %s so: %s", path, problem);
		return -1;
	}
	if (!view_filter(&options->view, run))
		return 0;
	complain("out of memory");
	return -1;
}

static int read_side(struct sides *sides, size_t side)
{
	const struct diff_options *options = sides->options;
	struct run_list *runs = &sides->runs[side];
	size_t count = options->file_counts[side];

	sides->names[side] = calloc(count + 1, sizeof(char *));
	if (!sides->names[side]) {
		complain("out of memory");
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		size_t before = runs->count;

		sides->names[side][i] = options->files[side][i];
		if (run_files_read(options->files[side][i], runs))
			return -1;
		for (size_t run = before; run < runs->count; run++)
			if (filter(options, runs->runs[run], options->files[side][i]))
				return -1;
	}
	return 0;
}

static int write_flame(const struct sides *sides, FILE *file)
{
	const struct snapshot *before = sides->runs[0].runs[0], *after = sides->runs[1].runs[0];

	return flame_diff(before, after, &sides->options->output_options, file);
}

/* A graph shows one run beside one other. */
static int check_flame(const struct sides *sides)
{
	for (size_t side = 0; side < 2; side++) {
		const struct snapshot *run = sides->runs[side].runs[0];

		if (sides->runs[side].count > 1)
			complain("a flame graph compares one run with one: %s has %zu", side ? "B" : "A",
			    sides->runs[side].count);
		else if (!run->stacks)
			complain("a flame graph shows call stacks, and %s has none: trace with --stacks",
			    sides->names[side][0]);
		else if (!stack_value_known(run->stacks, sides->options->output_options.value))
			complain("%s of the stacks of %s was not measured",
			    stack_value_title(sides->options->output_options.value), sides->names[side][0]);
		else
			continue;
		return -1;
	}
	return 0;
}

static int write_rows(const struct sides *sides, FILE *file)
{
	const struct diff_options *options = sides->options;
	struct diff_input inputs[2];
	struct diff *diff;
	int failed;

	for (size_t side = 0; side < 2; side++)
		inputs[side] = (struct diff_input){sides->runs[side].runs, sides->runs[side].count, sides->names[side]};
	diff = diff_make(inputs, options->output_options.value);
	if (!diff) {
		errno = ENOMEM;
		return -1;
	}
	failed = options->output->write(diff, &options->rows, file);
	diff_free(diff);
	return failed;
}

/* In memory first: an earlier report stays until all of the new one is there. */
static int write_report(const struct sides *sides)
{
	const struct diff_options *options = sides->options;
	struct report report;
	char *text = NULL;
	size_t size = 0;
	FILE *memory;
	int failed;

	if (report_open(&report, options->output_path))
		return -1;
	styles_use(view_coloured(&options->view, report.descriptor));
	memory = open_memstream(&text, &size);
	failed = memory ? (options->output ? write_rows(sides, memory) : write_flame(sides, memory)) : -1;
	if (memory)
		failed |= fclose(memory);
	if (failed)
		complain("can't make the report: %s", strerror(errno));
	else
		failed = report_write_text(&report, text, size);
	if (failed)
		report_abandon(&report);
	free(text);
	return failed;
}

int command_diff(int count, char **arguments)
{
	struct diff_options options;
	struct sides sides = {.options = &options};
	int status = diff_options_parse(count, arguments, &options);

	if (status >= 0)
		return status;
	status = 0;
	if (read_side(&sides, 0) || read_side(&sides, 1) || (!options.output && check_flame(&sides)) ||
	    write_report(&sides))
		status = EXIT_FAILED;
	for (size_t side = 0; side < 2; side++) {
		run_files_free(&sides.runs[side]);
		free(sides.names[side]);
	}
	return status;
}
