// SPDX-License-Identifier: MIT
#include "command/diff_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/options.h"
#include "command/output_choice.h"

static void help(void)
{
	puts("Usage: hakmem-trace diff [OPTION...] A B\n"
	     "       hakmem-trace diff [OPTION...] A... -- B...\n"
	     "\n"
	     "Says what grew and what shrank from run A to run B: totals, regions, details and, where both have\n"
	     "call stacks, functions and stacks. A and B are JSON reports (--format json) or recordings. With\n"
	     "several runs a side, what is no more than noise is marked.\n"
	     "\n"
	     "  -o, --output FILE    write the report to FILE instead of stdout\n"
	     "      --format FORMAT  table (default), json, csv, or flame: a differential flame graph (HTML)\n"
	     "      --value VALUE    what rows are in the order of, and what the flame graph shows: faults\n"
	     "                       (default), zeroed (bytes) or time (in faults)\n"
	     "      --by WHAT        only rows by region, detail, function or stack\n"
	     "      --top N          at most N rows of each\n"
	     "      --region REGION  compare only this region; as all of these, may be given several times:\n"
	     "      --detail NAME    only details of this name; * and ? stand for any characters\n"
	     "      --process NAME|PID  only these processes (needs call stacks)\n"
	     "      --function TEXT  only call stacks with a function that has TEXT in its name\n"
	     "      --phase NAME     only this part of the runs\n"
	     "      --color WHEN     auto (on a terminal, unless NO_COLOR is set), always or never\n"
	     "  -h, --help           print this\n"
	     "\n"
	     "Exit status: 0, also when there are differences; 2 for wrong usage, 1 when a file can't be read.");
}

enum {
	OPTION_FORMAT = 256,
	OPTION_VALUE,
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"value", required_argument, NULL, OPTION_VALUE},
    {"help", no_argument, NULL, 'h'},
    VIEW_OPTIONS,
    {},
};

static int take_format(struct diff_options *options)
{
	options->output = diff_output_find(optarg);
	if (options->output || !strcmp(optarg, "flame"))
		return -1;
	complain("diff: there is no format '%s'; there are table, json, csv and flame", optarg);
	return EXIT_USAGE;
}

static int take(int option, char **arguments, struct diff_options *options)
{
	int status = view_take(option, &options->view, &options->output_options);

	if (status >= -1)
		return status;
	switch (option) {
	case 'o':
		options->output_path = optarg;
		return -1;
	case OPTION_FORMAT:
		return take_format(options);
	case OPTION_VALUE:
		return output_choice_value(optarg, &options->output_options);
	case 'h':
		help();
		return 0;
	default:
		complain_option("diff", option, arguments);
		return EXIT_USAGE;
	}
}

static int choose_rows(struct diff_options *options)
{
	const char *by = options->view.grouped ? grouping_name(options->view.by) : NULL;
	bool any = false;

	for (enum diff_kind kind = 0; kind < DIFF_KINDS; kind++) {
		options->rows.kinds[kind] = !by || !strcmp(by, diff_kind_name(kind));
		any |= options->rows.kinds[kind];
	}
	options->rows.top = options->output_options.top;
	if (any && (options->output || (!by && !options->rows.top)))
		return -1;
	if (any)
		complain("diff: a flame graph has no rows: --by and --top are for the other formats");
	else
		complain("diff: there are no changes by %s; there are region, detail, function and stack", by);
	return EXIT_USAGE;
}

/* What is before and what behind the `--` that lies between files. */
static int find_files(int count, char **arguments, int separator, struct diff_options *options)
{
	options->files[0] = arguments + optind;
	if (separator < count) {
		options->file_counts[0] = separator - optind;
		options->files[1] = arguments + separator + 1;
		options->file_counts[1] = count - separator - 1;
	} else {
		options->file_counts[0] = 1;
		options->files[1] = arguments + optind + 1;
		options->file_counts[1] = count - optind - 1;
		if (count - optind == 2)
			return -1;
		complain(
		    "diff: two files are wanted, or several a side with -- in between: hakmem-trace diff A1 A2 -- B1 "
		    "B2; not %d",
		    count - optind);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < options->file_counts[1]; i++)
		if (options->files[1][i][0] == '-' && access(options->files[1][i], F_OK)) {
			complain("diff: there is no file '%s'; options go before the --", options->files[1][i]);
			return EXIT_USAGE;
		}
	if (options->file_counts[0] && options->file_counts[1])
		return -1;
	complain("diff: there is no file %s --", options->file_counts[0] ? "behind" : "before");
	return EXIT_USAGE;
}

static int find_separator(int count, char **arguments)
{
	int at = 1;

	while (at < count && strcmp(arguments[at], "--") != 0)
		at++;
	return at;
}

int diff_options_parse(int count, char **arguments, struct diff_options *options)
{
	int separator = find_separator(count, arguments), option, status;

	*options = (struct diff_options){.output = &diff_outputs[0], .output_path = "-"};
	opterr = 0;
	/* Options may stand between files, but not behind the `--`. */
	while ((option = getopt_long(separator, arguments, ":o:h", long_options, NULL)) != -1) {
		status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	/* A `--` in front of all files is what ends options elsewhere. */
	if (separator < count && optind == separator) {
		optind = separator + 1;
		separator = optind + find_separator(count - optind + 1, arguments + optind - 1) - 1;
	}
	status = choose_rows(options);
	if (status >= 0)
		return status;
	return find_files(count, arguments, separator, options);
}
